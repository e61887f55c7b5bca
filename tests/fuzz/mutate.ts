// SPDX-License-Identifier: Apache-2.0
import { entry } from '../../common/entry.js';

/** Seeded damage to files: the same seed, the same files. */

/** Numbers in [0, 1) from a seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Values that size fields should not have. */
const HOSTILE = [
  0, 1, 0x7f, 0xff, 0x7fff, 0xffff, 0x1000000, 0x17d78400, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff,
];

/** A damaged copy: one to eight flips, hostile numbers, moved, repeated or zeroed pieces, cuts; most of it near the start. */
export function mutated(original: Buffer, random: () => number): Buffer {
  let bytes = Buffer.from(original);
  const below = (limit: number): number => Math.floor(random() * limit);
  // headers are small and decide most: two of three changes lie within the first 4 KiB
  const place = (): number => below(random() < 0.67 ? Math.min(bytes.length, 4096) : bytes.length);
  const changes = 1 + below(random() < 0.5 ? 1 : 8);
  for (let change = 0; change < changes && bytes.length > 8; change += 1) {
    const at = place();
    switch (below(8)) {
      case 0:
      case 1:
        bytes[at] = entry(bytes, at) ^ (1 << below(8));
        break;
      case 2:
        bytes[at] = below(256);
        break;
      case 3:
      case 4: {
        const value = entry(HOSTILE, below(HOSTILE.length));
        const aligned = Math.min(bytes.length - 4, at & ~1);
        if (random() < 0.5) bytes.writeUInt32BE(value, aligned);
        else bytes.writeUInt32LE(value, aligned);
        break;
      }
      case 5:
        bytes.fill(random() < 0.5 ? 0 : 0xff, at, Math.min(bytes.length, at + 1 + below(64)));
        break;
      case 6:
        bytes.copy(bytes, at, below(bytes.length), Math.min(bytes.length, place() + 64));
        break;
      default:
        if (random() < 0.3) bytes = bytes.subarray(0, Math.max(8, at));
        else bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.min(bytes.length, at + 1 + below(4)))]);
    }
  }
  return bytes;
}
