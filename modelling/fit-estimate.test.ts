// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { estimateFit, plannedFitSize, searchBytes, type FitSize } from './fit-estimate.js';

const RATES = { multiply: 80e9, inversion: 50e9 };
const ALONE = { rates: RATES, ranks: 1, isNearMode: false };
const MIB = 2 ** 20;

/** A mesh of the sample of the Po valley: 14 analyses and 4 forecast days on 308 cells. */
function meshOf(order: number, numPollutants: number): FitSize {
  const numTheta = numPollutants === 1 ? 5 : 18;
  const numObservations = 308 * 18 * numPollutants;
  return { route: 'mesh', order, numBlocks: 18, numObservations, numTheta, numFree: numPollutants === 1 ? 4 : 15 };
}

describe('what a fit is reckoned to need', () => {
  it('of a rank with the steps to itself is no less than a process used, and no more than half as much again', () => {
    // resident memory at the peak, MiB, of a search alone: one evaluation at a time, and 145 MB for the process
    const measured: readonly (readonly [order: number, pollutants: number, peakMib: number])[] = [
      [254, 1, 153],
      [459, 1, 184],
      [762, 3, 322],
      [1377, 3, 533],
      // thirteen of eighteen steps were distinct
      [2544, 3, 995],
    ];
    for (const [order, pollutants, peakMib] of measured) {
      const share = searchBytes(meshOf(order, pollutants), 1) / (peakMib * MIB);
      assert.ok(share >= 1 && share < 1.5, `${order}: ${share}`);
    }
  });

  it('grows as the blocks do: ten and a hundred times the steps, four times the nodes', () => {
    // with the curvature of differences, as too large for that of pairs of steps
    const sample = { ...meshOf(1377, 3), numBlocks: 180, numObservations: 10 * 308 * 18 * 3 };
    const { bytes, flops, seconds } = estimateFit(sample, ALONE);
    for (const factor of [10, 100]) {
      const longer = {
        ...sample,
        numBlocks: factor * sample.numBlocks,
        numObservations: factor * sample.numObservations,
      };
      const more = estimateFit(longer, ALONE);
      assert.ok(more.bytes > 0.6 * factor * bytes && more.bytes < factor * bytes);
      assert.ok(Math.abs(more.flops / (factor * flops) - 1) < 1e-9);
      assert.ok(Math.abs(more.seconds / (factor * seconds) - 1) < 1e-9);
    }
    const finer = estimateFit({ ...sample, order: 4 * sample.order }, ALONE);
    assert.ok(finer.flops > 50 * flops && finer.flops < 64 * flops);
  });

  it('is shared by ranks, but for the vectors that each of them has', () => {
    const size = { ...meshOf(4000, 3), numBlocks: 96 };
    const [one, four] = [1, 4].map((ranks) => estimateFit(size, { ...ALONE, ranks }));
    assert.ok(one !== undefined && four !== undefined);
    const vectors = estimateFit({ ...size, numBlocks: 96 }, { ...ALONE, ranks: 96 }).bytes;
    // one rank holds two columns of the Hessian at once
    assert.ok(four.bytes > one.bytes / 8 && four.bytes < one.bytes / 8 + vectors);
    assert.equal(four.seconds, one.seconds / 4);
    assert.equal(four.flops, one.flops);
    // a grid has no steps to share
    const grid = plannedFitSize('grid', { numPlaces: 308, numPollutants: 3, numDays: 18, numCells: 308 });
    assert.equal(estimateFit(grid, { ...ALONE, ranks: 4 }).seconds, estimateFit(grid, ALONE).seconds);
  });

  it('is less near the mode, and scales with the rates of the kernels', () => {
    const cold = estimateFit(meshOf(1377, 3), ALONE);
    const warm = estimateFit(meshOf(1377, 3), { ...ALONE, isNearMode: true });
    // the sample takes 8 evaluations from the defaults and 5 from the mode of the day before, the last of them the curvature
    assert.deepEqual([cold.evaluations, warm.evaluations], [9, 5]);
    const slower = { multiply: RATES.multiply / 2, inversion: RATES.inversion / 2 };
    assert.equal(estimateFit(meshOf(1377, 3), { ...ALONE, rates: slower }).seconds, 2 * cold.seconds);
  });

  it('has the curvature of pairs of steps where four blocks a step fit into 4 GiB, at the cost of a few evaluations', () => {
    const sample = meshOf(1377, 3);
    const { seconds, evaluations, bytes } = estimateFit(sample, ALONE);
    const each = (seconds - estimateFit(sample, { ...ALONE, isNearMode: true }).seconds) / 4;
    // measured on two cores: 17 s beside 3.6 s an evaluation
    const ofCurvature = (seconds - 8 * each) / each;
    assert.ok(ofCurvature > 3 && ofCurvature < 6, String(ofCurvature));
    // 1027 MB were used
    assert.ok(bytes > 1027e6 && bytes < 1.3 * 1027e6, String(bytes));
    const larger = { ...sample, numBlocks: 72 };
    assert.equal(estimateFit(larger, ALONE).evaluations, evaluations + 14);
    // each rank has all blocks, and a share of the pairs
    const two = estimateFit(sample, { ...ALONE, ranks: 2 });
    assert.ok(two.bytes > 0.7 * bytes && two.seconds > seconds / 2 && two.seconds < 0.7 * seconds);
  });

  it('of numbers alone is that of the model', () => {
    const given = { numPlaces: 459, numPollutants: 3, numDays: 18, numCells: 308 };
    assert.deepEqual(plannedFitSize('mesh', given), meshOf(1377, 3));
    const { order, numBlocks } = plannedFitSize('grid', { ...given, numPlaces: 308 });
    assert.deepEqual([order, numBlocks], [54, 308]);
  });
});
