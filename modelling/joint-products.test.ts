// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { entry, float64At } from '../common/entry.js';
import type { AreaWeights } from './area-weights.js';
import type { ModelDay, ModelFrame } from './frame.js';
import { areaMeans, exceedanceRuns, jointDraws, type JointProductInputs } from './joint-products.js';

const day = (timeIndex: number, more: Partial<ModelDay>): ModelDay => ({
  ...{ timeIndex, timeMs: timeIndex * 86_400_000, date: `1970-01-0${timeIndex + 1}`, origin: 'analysis' },
  ...{ observations: [4, 4], ...more },
});

const frame: Pick<ModelFrame, 'pollutants' | 'standardisation' | 'dayTable'> = {
  pollutants: ['pm2_5', 'o3'],
  standardisation: [
    { pollutant: 'pm2_5', statistic: 'daily_mean', meanUgM3: 25, sdUgM3: 5 },
    { pollutant: 'o3', statistic: 'daily_max_8h_mean', meanUgM3: 80, sdUgM3: 10 },
  ],
  dayTable: [
    day(0, {}),
    day(1, { origin: 'forecast', forecastErrorSd: 0.3, observations: [4, 0] }),
    day(2, { origin: 'forecast', forecastErrorSd: 0.4, observations: [0, 4] }),
  ],
};

/** Of two areas over four cells. */
const weights: AreaWeights = {
  areas: [
    { name: 'west', shareInside: 1 },
    { name: 'east', shareInside: 0.75 },
  ],
  leftOut: [{ name: 'north', reason: 'beyond' }],
  rowPointers: Int32Array.of(0, 2, 3),
  cells: Int32Array.of(0, 1, 3),
  weights: Float64Array.of(0.25, 0.75, 1),
};

const inputs: JointProductInputs & { weights: AreaWeights } = {
  ...{ frame, weights, numSamples: 41 },
  consecutiveDays: [
    { pollutant: 'o3', thresholdUgM3: 100, days: 9 },
    { pollutant: 'o3', thresholdUgM3: 100, days: 2 },
  ],
};

describe('products of joint draws', () => {
  it('ask in standardised units, with the errors of a forecast on days with data of the pollutant', () => {
    const draws = jointDraws(inputs);
    assert.deepEqual(draws.runs, [{ design: 1, threshold: 2, steps: 2 }]);
    assert.deepEqual(draws.stepErrorSds, [Float64Array.of(0, 0.3, 0), Float64Array.of(0, 0, 0.4)]);
    assert.deepEqual(
      draws.areas.map(({ design, cells }) => [design, cells]),
      [
        [0, weights.cells],
        [1, weights.cells],
      ],
    );
    assert.deepEqual(jointDraws({ ...inputs, weights: undefined }).areas, []);
  });

  it('days in a row are told by their last day; too many of them on none', () => {
    const [nine, two] = exceedanceRuns(inputs, { runs: [Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8)] }, 4);
    assert.ok(nine && two);
    assert.ok(nine.probability.length === 12 && nine.probability.every(Number.isNaN));
    assert.deepEqual([...two.probability], [NaN, NaN, NaN, NaN, 1, 2, 3, 4, 5, 6, 7, 8]);
    assert.deepEqual([two.pollutant, two.value_ug_m3, two.days], ['o3', 100, 2]);
  });

  it('means over areas are those of the maps; sd, quantiles and shares those of the draws about them', () => {
    // draws -2, -1.9, ..., 2 about a centre of 7, which is not that of the maps
    const drawn = Float64Array.from({ length: 41 * 6 }, (_, i) => 7 + (Math.floor(i / 6) - 20) / 10);
    const map = Float64Array.from({ length: 12 }, (_, i) => (i % 4) + 10 * Math.floor(i / 4));
    const thresholds = [
      { pollutant: 'pm2_5' as const, value_ug_m3: 28.75, label: '' },
      { pollutant: 'o3' as const, value_ug_m3: 80, label: '' },
    ];
    const found = areaMeans(inputs, { areas: [drawn, drawn] }, [{ mean: map }, { mean: map }], thresholds, 3);
    assert.deepEqual(
      [found.areas, found.leftOut, found.numBeyond, found.numSamples],
      [weights.areas, weights.leftOut, 3, 41],
    );
    const pm = entry(found.variables, 0);
    // 25 + 5 (0.25 * 0 + 0.75 * 1) and 25 + 5 * 3, and 50 more a day
    assert.deepEqual([...pm.mean], [28.75, 40, 78.75, 90, 128.75, 140]);
    // rounding of sums of 41 values
    const isNear = (value: number, expected: number) => Math.abs(value - expected) < 1e-9;
    assert.ok(pm.sd.every((sd) => isNear(sd, 5 * Math.sqrt((41 * 42) / 12) * 0.1)));
    // the first of forty steps of 0.1 from -2 on
    assert.ok(isNear(float64At(pm.q025, 0), 28.75 + 5 * -1.9));
    assert.ok(isNear(float64At(pm.q975, 1), 40 + 5 * 1.9));
    const [shares] = pm.exceedance;
    assert.ok(shares && Math.abs(float64At(shares.probability, 0) - 0.5) < 1 / 41);
    assert.equal(shares.probability[1], 1);
    assert.deepEqual(
      found.variables.map(({ exceedance }) => exceedance.map(({ value_ug_m3 }) => value_ug_m3)),
      [[28.75], [80]],
    );
  });

  it('a quantile of an area is no concentration below zero', () => {
    const drawn = Float64Array.from({ length: 41 * 6 }, (_, i) => Math.floor(i / 6) - 20);
    const map = new Float64Array(12);
    const { variables } = areaMeans(inputs, { areas: [drawn, drawn] }, [{ mean: map }, { mean: map }], [], 0);
    assert.equal(variables[0]?.q025[0], 0);
  });
});
