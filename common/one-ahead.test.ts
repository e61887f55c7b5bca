// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { oneAhead } from './one-ahead.js';

async function collect<Result>(results: AsyncIterable<Result>): Promise<Result[]> {
  const found: Result[] = [];
  for await (const result of results) found.push(result);
  return found;
}

test('results come in the order of the items, each with one more begun and no more', async () => {
  let running = 0;
  let most = 0;
  const results = await collect(
    oneAhead([5, 1, 3, 0, 4], async (turns) => {
      running += 1;
      most = Math.max(most, running);
      for (let turn = 0; turn < turns; turn += 1) await nextTurn();
      running -= 1;
      return turns * 10;
    }),
  );
  assert.deepEqual(results, [50, 10, 30, 0, 40]);
  assert.equal(most, 2);
  assert.deepEqual(await collect(oneAhead([], () => Promise.resolve(1))), []);
  assert.deepEqual(await collect(oneAhead([7], (item) => Promise.resolve(item))), [7]);
});

test('a failure comes after the results before it, and nothing is left running or unhandled', async () => {
  for (const failing of [0, 1, 2, 3]) {
    let running = 0;
    const found: number[] = [];
    await assert.rejects(
      async () => {
        const results = oneAhead([0, 1, 2, 3], async (item) => {
          running += 1;
          await nextTurn();
          running -= 1;
          if (item >= failing) throw new RangeError(`item ${item}`);
          return item;
        });
        for await (const result of results) found.push(result);
      },
      new RangeError(`item ${failing}`),
    );
    assert.deepEqual(found, [0, 1, 2, 3].slice(0, failing));
    assert.equal(running, 0);
  }
});

test('a caller that stops early waits for what was begun', async () => {
  let finished = 0;
  for await (const result of oneAhead([1, 2, 3, 4], async (item) => {
    await nextTurn();
    finished += 1;
    return item;
  })) {
    if (result === 1) break;
  }
  assert.equal(finished, 2);
});
