// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { beatLine, HeardRanks } from './heard-ranks.js';

const LIMIT_MS = 1000;

function scene(ranks: number): { heard: HeardRanks; pass: (ms: number) => void } {
  let now = 5;
  return { heard: new HeardRanks(ranks, LIMIT_MS, () => now), pass: (ms) => (now += ms) };
}

describe('HeardRanks', () => {
  const beat = (heard: HeardRanks, rank: number): void => assert.ok(heard.hearLine(beatLine(rank).trimEnd()));

  it('names the rank that has been silent for longest, once that is too long', () => {
    const { heard, pass } = scene(3);
    beat(heard, 1);
    beat(heard, 2);
    pass(2 * LIMIT_MS);
    assert.equal(heard.silent(), undefined, 'they wait for the first event');
    heard.hearEvent();
    pass(LIMIT_MS);
    assert.equal(heard.silent(), undefined);
    beat(heard, 1);
    heard.hearEvent();
    pass(1);
    assert.deepEqual(heard.silent(), { rank: 2, silentMs: LIMIT_MS + 1 });
    beat(heard, 2);
    assert.equal(heard.silent(), undefined);
  });

  it('listens for rank 0 alone where the lines of the others are led elsewhere', () => {
    const { heard, pass } = scene(3);
    heard.hearEvent();
    for (let k = 0; k < 5; k += 1) {
      pass(LIMIT_MS);
      assert.equal(heard.silent(), undefined);
      heard.hearEvent();
    }
    pass(LIMIT_MS + 1);
    assert.deepEqual(heard.silent(), { rank: 0, silentMs: LIMIT_MS + 1 });
  });

  it('expects nothing of a job in a queue, and of one that has begun a first event', () => {
    const { heard, pass } = scene(2);
    pass(1000 * LIMIT_MS);
    assert.equal(heard.silent(), undefined);
    assert.equal(heard.hearLine('a launcher says something'), false);
    pass(10 * LIMIT_MS);
    assert.equal(heard.silent(), undefined);
    pass(1);
    assert.deepEqual(heard.silent(), { rank: 0, silentMs: 10 * LIMIT_MS + 1 });
  });

  it('takes other lines for what they are, also those that look like beats', () => {
    const { heard } = scene(2);
    heard.hearEvent();
    for (const line of ['{"beat":', '{"beat":-1}', '{"beat":"1"}', '{"beat":1,"msg":"x"}', '{"msg":"beat"}']) {
      assert.equal(heard.hearLine(line), false, line);
    }
    // of another job
    assert.ok(heard.hearLine('{"beat":7}'));
    assert.equal(heard.silent(), undefined);
  });
});
