// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { zipSync } from 'fflate';

import { isTramontanaError } from '../../../common/errors.js';
import { temporaryFolder } from '../../../tests/golden/support.js';
import { NpzFile, parseNpy } from './npz.js';

/** An .npy file as NumPy writes it: magic, version, header padded to 64 bytes, data. */
function npy(
  descr: string,
  shape: string,
  data: Uint8Array,
  options: { fortran?: boolean; version?: number } = {},
): Uint8Array {
  const { fortran = false, version = 1 } = options;
  const text = `{'descr': '${descr}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': ${shape}, }`;
  const prefix = version === 1 ? 10 : 12;
  const length = Math.ceil((prefix + text.length + 1) / 64) * 64 - prefix;
  const header = Buffer.alloc(prefix);
  header.set([0x93, ...Buffer.from('NUMPY'), version, 0]);
  if (version === 1) header.writeUInt16LE(length, 8);
  else header.writeUInt32LE(length, 8);
  return Buffer.concat([header, Buffer.from(`${text.padEnd(length - 1)}\n`), data]);
}

const bytesOf = (values: ArrayBufferView): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

function malformed(work: () => unknown, text: RegExp): void {
  assert.throws(work, (error) => isTramontanaError(error, 'Npy.Malformed') && text.test(error.message));
}

describe('.npy arrays', () => {
  it('give back doubles bit for bit, in versions 1 to 3', () => {
    const values = Float64Array.of(-0, NaN, 5e-324, 0.1 + 0.2);
    for (const version of [1, 2, 3]) {
      const file = npy('<f8', '(4,)', bytesOf(values), { version });
      assert.deepEqual(parseNpy(file, 'a'), { shape: [4], values });
      const shifted = new Uint8Array(file.length + 3);
      shifted.set(file, 3);
      assert.deepEqual(parseNpy(shifted.subarray(3), 'a').values, values, 'wherever the bytes lie in memory');
    }
  });

  it('give back 32-bit and 64-bit integers', () => {
    const small = Int32Array.of(-7, 2 ** 31 - 1);
    assert.deepEqual(parseNpy(npy('<i4', '(2,)', bytesOf(small)), 'a').values, small);
    const large = BigInt64Array.of(-5n, 2n ** 52n);
    assert.deepEqual(parseNpy(npy('<i8', '(2,)', bytesOf(large)), 'a').values, Float64Array.of(-5, 2 ** 52));
  });

  it('come in C order, also from Fortran order', () => {
    // [[[0, 1, 2, 3], [4, ...]], ...] of shape (2, 3, 4): Fortran order has the first index fastest
    const [a, b, c] = [2, 3, 4];
    const cOrder = Float64Array.from({ length: a * b * c }, (_, index) => index);
    const fortran = new Float64Array(a * b * c);
    for (let i = 0; i < a; i += 1) {
      for (let j = 0; j < b; j += 1) for (let k = 0; k < c; k += 1) fortran[i + a * (j + b * k)] = (i * b + j) * c + k;
    }
    const parsed = parseNpy(npy('<f8', '(2, 3, 4)', bytesOf(fortran), { fortran: true }), 'a');
    assert.deepEqual(parsed, { shape: [2, 3, 4], values: cOrder });
    assert.deepEqual(parseNpy(npy('<f8', '(2, 3, 4)', bytesOf(cOrder)), 'a').values, cOrder);
  });

  it('may be scalars and may be empty', () => {
    assert.deepEqual(parseNpy(npy('<f8', '()', bytesOf(Float64Array.of(3))), 'a'), {
      shape: [],
      values: Float64Array.of(3),
    });
    assert.deepEqual(parseNpy(npy('<i4', '(0, 3)', new Uint8Array()), 'a'), {
      shape: [0, 3],
      values: new Int32Array(),
    });
    assert.deepEqual(
      parseNpy(npy('<f8', '(0, 3)', new Uint8Array(), { fortran: true }), 'a').values,
      new Float64Array(),
    );
  });

  it('are refused with the reason when they are something else', () => {
    const values = bytesOf(Float64Array.of(1, 2));
    malformed(() => parseNpy(Buffer.from('PK something else entirely'), 'zz'), /zz: expected an \.npy array/u);
    malformed(() => parseNpy(npy('>f8', '(2,)', values), 'a'), /type <f8, <i4 or <i8, got >f8/u);
    malformed(() => parseNpy(npy('|O', '(2,)', values), 'a'), /got \|O/u);
    malformed(() => parseNpy(npy('<f8', '(3,)', values), 'a'), /24 bytes for shape \(3\)/u);
    malformed(() => parseNpy(npy('<i8', '(1,)', bytesOf(BigInt64Array.of(2n ** 60n))), 'a'), /below 2\^53/u);
  });
});

describe('.npz archives', () => {
  it('give the arrays that are asked for, stored or deflated', async (context) => {
    const path = join(await temporaryFolder(context), 'a.npz');
    const x = npy('<f8', '(1,)', bytesOf(Float64Array.of(1)));
    await writeFile(
      path,
      zipSync({ 'x.npy': [x, { level: 0 }], 'y.npy': [x, { level: 9 }], 'note.txt': Buffer.from('n') }),
    );
    const all = await NpzFile.open(path);
    assert.deepEqual(all.names.sort(), ['x', 'y']);
    assert.deepEqual(all.get('y').values, all.get('x').values);
    assert.deepEqual((await NpzFile.open(path, (name) => name === 'y')).names, ['y']);
    malformed(() => all.get('z'), /a\.npz: expected an array "z", got only/u);
  });

  it('are refused with the path when they cannot be read', async (context) => {
    const path = join(await temporaryFolder(context), 'a.npz');
    await assert.rejects(NpzFile.open(path), /a\.npz: expected an \.npz archive, got ENOENT/u);
    await writeFile(path, 'not a zip');
    await assert.rejects(NpzFile.open(path), /a\.npz: expected an \.npz archive/u);
  });
});
