// SPDX-License-Identifier: Apache-2.0
/** The engine process on a complete grid: what the engine itself finds, also after an interruption. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';

import { entry, float64At, int32At } from '../../common/entry.js';
import { isTramontanaError } from '../../common/errors.js';
import {
  loadNativeEngine,
  runEngine,
  type FitJob,
  type GridDraws,
  type GridSampleSummary,
  type IntegrationResult,
  type MixtureMoments,
} from '../../inference-core/host-ts/index.js';
import { normalSurvival } from '../../products/index.js';
import { temporaryFolder } from '../golden/support.js';
import { COMPLETE_GRID_THETA, completeGrid, gridDesign } from './complete-grid.js';

const MODEL = completeGrid();
/** One thread: sums are then always formed in the same order. */
const OPTIONS = { threads: 1, gradientTolerance: 1e-4 };
const engine = loadNativeEngine();

/** Means over areas, and shares of single exceedances, beside what the moments of the cells tell of them. */
function agreeWithMaps({ runs, areas }: GridSampleSummary, { mean, sd }: MixtureMoments, draws: GridDraws): void {
  const { numSamples } = draws;
  const errorSds = entry(draws.stepErrorSds, 0);
  const { rowPointers, cells, weights } = entry(draws.areas, 0);
  const numAreas = rowPointers.length - 1;
  const numSteps = errorSds.length;
  const numCells = mean.length / numSteps;
  const threshold = entry(draws.runs, 0).threshold;
  const drawn = entry(areas, 0);
  assert.equal(drawn.length, numSamples * numSteps * numAreas);
  for (let step = 0; step < numSteps; step += 1) {
    for (let area = 0; area < numAreas; area += 1) {
      const own = drawn.filter((_, i) => i % (numSteps * numAreas) === step * numAreas + area);
      const found = own.reduce((sum, value) => sum + value, 0) / numSamples;
      let [expected, sdAtMost] = [0, 0];
      for (let i = int32At(rowPointers, area); i < int32At(rowPointers, area + 1); i += 1) {
        const cell = step * numCells + int32At(cells, i);
        expected += float64At(weights, i) * float64At(mean, cell);
        sdAtMost += float64At(weights, i) * float64At(sd, cell);
      }
      // a mean of cells varies at most as they do together, and with the error of the step; four standard errors
      const standardError = Math.hypot(sdAtMost, float64At(errorSds, step)) / Math.sqrt(numSamples);
      assert.ok(Math.abs(found - expected) < 4 * standardError, `${found} instead of ${expected} of area ${area}`);
    }
  }
  const single = entry(runs, 0);
  single.forEach((share, i) => {
    const spread = Math.hypot(float64At(sd, i), float64At(errorSds, Math.floor(i / numCells)));
    const probability = normalSurvival((threshold - float64At(mean, i)) / spread);
    // five standard errors, for there are hundreds of cells, and one draw: where nearly none exceeds, that is more
    const tolerance = 5 * Math.sqrt((probability * (1 - probability)) / numSamples) + 1 / numSamples;
    assert.ok(Math.abs(share - probability) < tolerance, `${share} instead of ${probability}`);
  });
}

describe('the engine process on a complete grid', () => {
  before(() => engine.setNumThreads(1));

  it('is resumed from a checkpoint and fits as the engine does', async (context) => {
    const initialTheta = COMPLETE_GRID_THETA;
    const folder = await temporaryFolder(context);
    const job: FitJob = { kind: 'fit', folder, jobKey: 'grid', model: MODEL, initialTheta, options: OPTIONS };
    const stop = new AbortController();
    await assert.rejects(
      runEngine(job, { signal: stop.signal, onEvent: ({ type }) => type === 'checkpoint' && stop.abort() }),
      (error) => isTramontanaError(error, 'Engine.Interrupted'),
    );
    const found = await runEngine(job);
    const expected = await engine.fitGrid(MODEL, { initialTheta, gradientTolerance: 1e-4 }, undefined, () => undefined)
      .promise;
    assert.ok(expected.converged && expected.thetaCovariance);
    assert.deepEqual(found.thetaNames, ['log_range_s', 'log_range_t', 'log_sigma', 'log_noise_precision']);
    // the state of the checkpoint is complete: the bits are the same
    assert.deepEqual(found.theta, [...expected.theta]);
    assert.deepEqual(found.thetaCovariance.flat(), [...expected.thetaCovariance]);
    assert.deepEqual(found.fixedEffects.mean, [...expected.fixedEffectMeans]);
    assert.equal(found.evaluations, expected.evaluations);
    assert.equal(found.recursion, 'grid of 8 x 9 cells, 6 rows an index');
  });

  it('integrates and maps as the engine does, bit for bit', async (context) => {
    const theta = [...COMPLETE_GRID_THETA];
    const thetaCovariance = theta.map((_, row) => theta.map((__, column) => (row === column ? 0.01 : 0)));
    const maps = { model: MODEL, designs: [gridDesign(2)] };
    const draws: GridDraws = {
      ...{ numSamples: 400, seed: 3, stepErrorSds: [Float64Array.of(0, 0.5)] },
      runs: [1, 2].map((steps) => ({ design: 0, threshold: 3, steps })),
      areas: [
        {
          design: 0,
          rowPointers: Int32Array.of(0, 1, 4),
          cells: Int32Array.of(5, 20, 21, 140),
          weights: Float64Array.of(1, 0.25, 0.25, 0.5),
        },
      ],
    };
    const folder = await temporaryFolder(context);
    const found = await runEngine({
      ...{ kind: 'integrate', folder, jobKey: 'grid', model: MODEL, options: OPTIONS },
      ...{ theta, thetaCovariance, strategy: 'cubature', designs: [], maps, draws },
    });
    const expected = await engine.integrateGrid(MODEL, theta, thetaCovariance.flat(), { predictions: maps.designs })
      .promise;
    const points = expected.points.map(({ theta: at, weight }) => ({ theta: at, weight }));
    const joint = await engine.summariseGridSamples(MODEL, points, { ...draws, designs: maps.designs }).promise;
    assert.deepEqual(found.draws, joint);
    agreeWithMaps(joint, entry(expected.predictions, 0), draws);
    const withoutClock = (result: IntegrationResult): IntegrationResult => ({
      ...result,
      seconds: 0,
      draws: joint,
    });
    assert.deepEqual(withoutClock(found), withoutClock(expected));
    assert.equal(found.predictions.length, 1);
  });
});
