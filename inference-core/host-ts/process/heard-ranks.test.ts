// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { beatLine, HeardRanks } from './heard-ranks.js';

const LIMIT_MS = 10_000;
const ASK_MS = 500;

interface Scene {
  readonly heard: HeardRanks;
  /** Time in which it is asked again and again. */
  readonly pass: (ms: number) => void;
  /** Time in which it is not. */
  readonly sleep: (ms: number) => void;
}

function scene(ranks: number): Scene {
  let now = 5;
  const heard = new HeardRanks(ranks, LIMIT_MS, () => now);
  const pass = (ms: number): void => {
    const end = now + ms;
    for (; now < end; now = Math.min(end, now + ASK_MS)) heard.silent();
  };
  return { heard, pass, sleep: (ms) => (now += ms) };
}

describe('HeardRanks', () => {
  const beat = (heard: HeardRanks, rank: number): void => assert.ok(heard.hearLine(beatLine(rank).trimEnd()));

  it('names the rank that has been silent for longest, once that is too long', () => {
    const { heard, pass } = scene(3);
    heard.hearEvent();
    beat(heard, 1);
    beat(heard, 2);
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

  it('expects nothing of a job in a queue, whatever its launcher says', () => {
    const { heard, pass } = scene(2);
    assert.equal(heard.hearLine('srun: job 17 queued and waiting for resources'), false);
    pass(100 * LIMIT_MS);
    assert.equal(heard.silent(), undefined);
    beat(heard, 1);
    pass(LIMIT_MS + 1);
    assert.deepEqual(heard.silent(), { rank: 1, silentMs: LIMIT_MS + 1 });
  });

  it('does not take its own sleep for the silence of others', () => {
    const { heard, pass, sleep } = scene(2);
    beat(heard, 1);
    heard.hearEvent();
    pass(LIMIT_MS / 2);
    sleep(100 * LIMIT_MS);
    assert.equal(heard.silent(), undefined, 'what they said meanwhile is not read yet');
    pass(LIMIT_MS / 2);
    assert.equal(heard.silent(), undefined);
    // the time between two askings is pardoned with it
    pass(2 * ASK_MS);
    assert.equal(heard.silent()?.silentMs, LIMIT_MS + ASK_MS);
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
