// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { carriedStart, type EarlierFit, type StartedModel } from './carried-start.js';
import type { PollutantScale } from './frame.js';
import { thetaLayout } from './theta-layout.js';

const POLLUTANTS = ['pm2_5', 'o3'] as const;
const LAYOUT = thetaLayout('spatio-temporal', POLLUTANTS);
const HELD = 'log_forecast_precision_o3';
const THETA = [4, 1, 3, 4.5, 1.2, 3.5, -0.1, 0.2, 0.8];

const scales = (...sds: number[]): PollutantScale[] =>
  POLLUTANTS.map((pollutant, k) => ({
    pollutant,
    statistic: 'daily_mean',
    meanUgM3: 20,
    sdUgM3: sds[k] ?? Number.NaN,
  }));
const diagonal = (size: number): number[][] =>
  Array.from({ length: size }, (_, i) => Array.from({ length: size }, (__, j) => (i === j ? 10 : 1)));

const EARLIER: EarlierFit = {
  fit: { theta: THETA, hessian: diagonal(THETA.length), converged: true },
  frame: {
    ...{ kind: 'spatio-temporal', pollutants: POLLUTANTS, thetaNames: LAYOUT.names },
    ...{ standardisation: scales(5, 10), covariates: { names: ['intercept'] } },
  },
};
const NOW: StartedModel = {
  ...EARLIER.frame,
  standardisation: scales(10, 5),
  thetaNames: [...LAYOUT.names, HELD],
  initialTheta: [...THETA.map(() => 0), 0],
  thetaBounds: { lower: [...THETA.map(() => -20), -1], upper: [...THETA.map(() => 20), 1] },
};

/** What it was carried to; fails where it was refused. */
function carried(earlier: EarlierFit, now = NOW): Exclude<ReturnType<typeof carriedStart>, { refusal: string }> {
  const start = carriedStart(earlier, now);
  assert.ok('theta' in start, JSON.stringify(start));
  return start;
}

describe('the mode of an earlier fit', () => {
  it('has the same field, noise and coupling in ug m-3 in the units of today, and holds what is held', () => {
    const { theta } = carried(EARLIER);
    const inUgM3 = (values: readonly number[], units: readonly PollutantScale[]): number[] => {
      const sdOf = (k: number): number => units[k]?.sdUgM3 ?? Number.NaN;
      const at = (i: number): number => values[i] ?? Number.NaN;
      return [
        ...LAYOUT.logSigma.map((i, k) => sdOf(k) * Math.exp(at(i))),
        ...LAYOUT.logNoisePrecision.map((i, k) => sdOf(k) * Math.exp(-0.5 * at(i))),
        ...LAYOUT.couplings.map(({ from, to, index }) => (at(index) * sdOf(to)) / sdOf(from)),
        ...[...LAYOUT.logRangeKm, ...LAYOUT.logRangeDays].map((i) => Math.exp(at(i))),
      ];
    };
    const [before, after] = [inUgM3(THETA, EARLIER.frame.standardisation), inUgM3(theta, NOW.standardisation)];
    assert.equal(after.length, THETA.length);
    after.forEach((value, i) => assert.ok(Math.abs(value / (before[i] ?? 0) - 1) < 1e-12, `${i}: ${value}`));
    assert.equal(theta.at(-1), 0);
  });

  it('brings its curvature along: a step in ug m-3 costs as much as it did', () => {
    const { curvature = [] } = carried(EARLIER);
    const size = THETA.length + 1;
    const coupling = LAYOUT.couplings[0]?.index ?? -1;
    // the weight of pm2.5 in ozone is 4 times its size in units of half and twice the size
    const growth = (10 / 5) * (10 / 5);
    assert.equal(curvature[coupling * size + coupling], 10 / growth ** 2);
    assert.equal(curvature[coupling], 1 / growth);
    assert.equal(curvature[0], 10);
    assert.ok(curvature.slice(size * (size - 1)).every((value) => value === 0));
    assert.equal(carried({ ...EARLIER, fit: { ...EARLIER.fit, hessian: undefined } }).curvature, undefined);
    const broken = [...diagonal(THETA.length - 1), [Number.NaN]];
    assert.equal(carried({ ...EARLIER, fit: { ...EARLIER.fit, hessian: broken } }).curvature, undefined);
  });

  it('is refused with the reason where it is of another model, damaged or out of bounds', () => {
    const { fit, frame } = EARLIER;
    const refusals: readonly (readonly [RegExp, EarlierFit])[] = [
      [/it is of a spatial model/u, { fit, frame: { ...frame, kind: 'spatial' } }],
      [/it is of o3, pm2_5/u, { fit, frame: { ...frame, pollutants: ['o3', 'pm2_5'] } }],
      [/its fixed effects are/u, { fit, frame: { ...frame, covariates: { names: ['intercept', 'elevation_km'] } } }],
      [/hyperparameters are others/u, { fit, frame: { ...frame, thetaNames: frame.thetaNames.toReversed() } }],
      [/hyperparameters are others/u, { fit: { ...fit, theta: THETA.slice(1) }, frame }],
      [/did not end at a mode/u, { fit: { ...fit, converged: false }, frame }],
      [/not finite/u, { fit: { ...fit, theta: THETA.with(2, Number.NaN) }, frame }],
      [/units are not known/u, { fit, frame: { ...frame, standardisation: scales(5, 0) } }],
      [
        /its log_range_km_pm2_5 is 25\.00, expected -20\.00 to 20\.00/u,
        { fit: { ...fit, theta: THETA.with(0, 25) }, frame },
      ],
    ];
    for (const [pattern, earlier] of refusals) {
      const start = carriedStart(earlier, NOW);
      assert.ok('refusal' in start, pattern.source);
      assert.match(start.refusal, pattern);
    }
  });
});
