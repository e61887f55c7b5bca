// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { DAY_MS } from '../../common/days.js';
import { keptRates, measuredOrder } from './kernel-rates.js';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tramontana-rates-'));
});
after(() => rm(folder, { recursive: true, force: true }));

describe('the rates of the kernels', () => {
  it('are measured once an order, engine and machine, and again after a month', async () => {
    const measured: number[] = [];
    const measure = (order: number) => {
      measured.push(order);
      return Promise.resolve({ multiply: 1e9 * measured.length, inversion: 1e9 });
    };
    let nowMs = Date.parse('2026-01-01');
    const rates = (version = '1') =>
      keptRates(
        folder,
        measure,
        () => version,
        () => nowMs,
      );
    const first = await rates()(1377);
    assert.deepEqual(first, { multiply: 1e9, inversion: 1e9 });
    assert.deepEqual(await rates()(1000), first);
    await rates()(54);
    await rates('2')(54);
    nowMs += 31 * DAY_MS;
    assert.notDeepEqual(await rates()(1377), first);
    assert.deepEqual(measured, [1024, 64, 64, 1024]);
  });

  it('are measured again where the file is damaged', async () => {
    const own = join(folder, 'damaged');
    const rates = keptRates(
      own,
      () => Promise.resolve({ multiply: 2, inversion: 1 }),
      () => '1',
    );
    assert.deepEqual(await rates(100), { multiply: 2, inversion: 1 });
    for (const text of ['', '{', '{"x":{"multiply":-1}}']) {
      await writeFile(join(own, 'kernel-rates.json'), text);
      assert.deepEqual(await rates(100), { multiply: 2, inversion: 1 });
    }
  });

  it('are those of the nearest order that is measured', () => {
    assert.deepEqual([1, 80, 100, 300, 5000].map(measuredOrder), [64, 64, 128, 256, 1024]);
  });
});
