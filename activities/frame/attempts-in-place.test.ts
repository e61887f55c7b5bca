// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { AttemptsInPlace } from './attempts-in-place.js';

/** Counts of a series of attempts, each of which writes checkpoints of these iterations and then dies. */
function countsOf(series: readonly (readonly number[])[]): number[] {
  let lastBeat: unknown;
  return series.map((iterations, index) => {
    const attempts = new AttemptsInPlace(index + 1, lastBeat);
    for (const iteration of iterations) attempts.reach(iteration);
    // as it travels through the server
    lastBeat = JSON.parse(JSON.stringify({ stage: 'fit', ...attempts.beat }));
    return attempts.attemptsInPlace;
  });
}

describe('attempts since the last checkpoint', () => {
  it('without checkpoints are all attempts', () => {
    assert.deepEqual(countsOf([[], [], [], []]), [1, 2, 3, 4]);
  });

  it('start anew whenever the checkpoints get further', () => {
    assert.deepEqual(countsOf([[], [1, 2], [], [], [3], [4], []]), [1, 1, 2, 3, 1, 1, 2]);
  });

  it('do not start anew at a checkpoint that was written before', () => {
    assert.deepEqual(countsOf([[5], [5], [3, 4], [5], [6]]), [1, 2, 3, 4, 1]);
  });

  it('are those of the activity when the last beat tells nothing, and never more', () => {
    for (const beat of [
      undefined,
      null,
      'x',
      {},
      { attemptsInPlace: -1, reachedIteration: 0 },
      { attemptsInPlace: 'x' },
    ]) {
      assert.equal(new AttemptsInPlace(3, beat).attemptsInPlace, 3);
    }
    assert.equal(new AttemptsInPlace(2, { attemptsInPlace: 1e6, reachedIteration: 0 }).attemptsInPlace, 2);
  });
});
