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
  it('names the rank that has been silent for longest, once that is too long', () => {
    const { heard, pass } = scene(3);
    heard.hearEvent();
    pass(LIMIT_MS);
    assert.equal(heard.silent(), undefined);
    assert.ok(heard.hearLine(beatLine(1).trimEnd()));
    heard.hearEvent();
    pass(1);
    assert.deepEqual(heard.silent(), { rank: 2, silentMs: LIMIT_MS + 1 });
    assert.ok(heard.hearLine(beatLine(2).trimEnd()));
    assert.equal(heard.silent(), undefined);
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
