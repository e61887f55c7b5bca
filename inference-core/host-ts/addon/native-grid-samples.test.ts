// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';

import { entry, float64At } from '../../../common/entry.js';
import { isTramontanaError } from '../../../common/errors.js';
import { COMPLETE_GRID_THETA as theta, completeGrid, gridDesign } from '../../../tests/engine/complete-grid.js';
import type { GridSampleRequest } from '../contract/grid-samples.js';
import { addonPath, loadNativeEngine } from './native.js';

const skip = existsSync(addonPath()) ? false : 'the native engine is not built; run `npm run setup`';

const model = completeGrid();
const points = [{ theta, weight: 1 }];
const design = gridDesign(1);
const numCells = design.rows.centres.length * design.columns.centres.length;
const numSteps = design.timeIndices.length;

test(
  'joint draws of a grid: a run of two steps is no likelier than either, an area of one cell is that cell',
  {
    skip,
  },
  async () => {
    const engine = loadNativeEngine();
    const [map] = await engine.mapGrid(model, points, [design]).promise;
    const threshold = float64At(map?.mean ?? new Float64Array(), 0);
    const told: number[][] = [];
    const request: GridSampleRequest = {
      designs: [design],
      runs: [
        { design: 0, threshold, steps: 1 },
        { design: 0, threshold, steps: numSteps },
      ],
      areas: [
        {
          design: 0,
          rowPointers: Int32Array.of(0, 1),
          cells: Int32Array.of(numCells - 1),
          weights: Float64Array.of(1),
        },
      ],
      numSamples: 400,
      seed: 3,
    };
    const found = await engine.summariseGridSamples(model, points, request, (...news) => told.push(news)).promise;
    const [single, whole] = [entry(found.runs, 0), entry(found.runs, 1)];
    assert.equal(single.length, numSteps * numCells);
    assert.equal(whole.length, numCells);
    // the threshold is the mean of that cell: a half, to four standard errors of 400 draws
    assert.ok(Math.abs(float64At(single, 0) - 0.5) < 0.1);
    whole.forEach((share, cell) => {
      for (let t = 0; t < numSteps; t += 1) assert.ok(share <= float64At(single, t * numCells + cell) + 1e-12);
    });
    const area = entry(found.areas, 0);
    assert.equal(area.length, 400 * numSteps);
    const mean = area.filter((_, i) => i % numSteps === 0).reduce((sum, value) => sum + value, 0) / 400;
    const sd = float64At(map?.sd ?? new Float64Array(), numCells - 1);
    assert.ok(Math.abs(mean - float64At(map?.mean ?? new Float64Array(), numCells - 1)) < (4 * sd) / 20);
    assert.deepEqual(told.at(-1), [400, 400]);
  },
);

test('a wrong request of draws is refused by name', { skip }, async () => {
  const engine = loadNativeEngine();
  const ask = (change: object): Promise<unknown> =>
    engine.summariseGridSamples(model, points, { designs: [design], numSamples: 4, ...change }).promise;
  const cases: readonly (readonly [object, RegExp])[] = [
    [{ runs: [{ design: 3, threshold: 1, steps: 1 }] }, /runs\[0\]\.design must be below 1, found 3/u],
    [{ runs: [{ design: 0, threshold: 1, steps: numSteps + 1 }] }, /runs\[0\]\.steps must be from 1 to/u],
    [{ runs: [{ design: 0, threshold: 1, days: 2 }] }, /runs\[0\]\.steps/u],
    [{ stepErrorSds: [Float64Array.of(-1)] }, /stepErrorSds\[0\]/u],
    [{ numSamples: -4 }, /numSamples must not be negative/u],
    [{ samples: 4 }, /samples is not known/u],
  ];
  for (const [change, message] of cases) {
    await assert.rejects(
      async () => ask(change),
      (error: unknown) => {
        assert.ok(isTramontanaError(error, 'Engine.InvalidModel') || isTramontanaError(error, 'Engine.InvalidInput'));
        assert.match(error.message, message);
        return true;
      },
    );
  }
});
