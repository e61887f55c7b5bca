// SPDX-License-Identifier: Apache-2.0
import { openRegular } from '../../common/regular-file.js';

const END_SIGNATURE = 0x06054b50;
const MEMBER_SIGNATURE = 0x02014b50;
/** End record (22 bytes) and the longest comment. */
const TAIL_BYTES = 22 + 65535;
/** Longest directory that is read for a message: tens of thousands of members. */
const MAXIMUM_DIRECTORY_BYTES = 8 * 1024 * 1024;

/** Names of the members of a zip archive, from its central directory [APPNOTE 4.3.12]; undefined when it has none that can be read. */
export async function listZipMembers(path: string): Promise<readonly string[] | undefined> {
  const { file, bytes: size } = await openRegular(path);
  try {
    const tail = Buffer.alloc(Math.min(size, TAIL_BYTES));
    await file.read(tail, 0, tail.length, size - tail.length);
    let end = tail.length - 22;
    while (end >= 0 && tail.readUInt32LE(end) !== END_SIGNATURE) end -= 1;
    if (end < 0) return undefined;
    const directoryBytes = tail.readUInt32LE(end + 12);
    const directoryOffset = tail.readUInt32LE(end + 16);
    if (directoryBytes > MAXIMUM_DIRECTORY_BYTES || directoryOffset + directoryBytes > size) return undefined;
    const directory = Buffer.alloc(directoryBytes);
    await file.read(directory, 0, directoryBytes, directoryOffset);
    return parseDirectory(directory);
  } finally {
    await file.close();
  }
}

function parseDirectory(directory: Buffer): readonly string[] {
  const names: string[] = [];
  for (let at = 0; at + 46 <= directory.length && directory.readUInt32LE(at) === MEMBER_SIGNATURE;) {
    const nameBytes = directory.readUInt16LE(at + 28);
    names.push(directory.toString('utf8', at + 46, at + 46 + nameBytes));
    at += 46 + nameBytes + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  return names;
}
