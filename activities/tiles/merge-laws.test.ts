// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { entry } from '../../common/entry.js';
import type { ParameterSummary } from '../../artifacts/schemas/fit-result.js';
import type { HyperparameterPosterior } from '../../artifacts/schemas/inference-summary.js';
import { mergeHyperparameters, mergeParameters, mixtureInterval } from './merge-laws.js';

function near(found: number, expected: number, tolerance: number, what: string): void {
  assert.ok(Math.abs(found - expected) <= tolerance, `${what}: expected ${expected}, found ${found}`);
}

const normal = (centre: number, sd: number) => ({
  centre,
  lower95: centre - 1.959963984540054 * sd,
  upper95: centre + 1.959963984540054 * sd,
});

const summary = (name: string, estimate: number, sd: number): ParameterSummary => {
  const { lower95, upper95 } = normal(estimate, sd);
  return { name, label: name, units: 'km', kind: 'hyperparameter', estimate, lower95, upper95 };
};

describe('the law of a tile drawn at random', () => {
  it('is the law of the tiles where they agree', () => {
    const found = mixtureInterval([normal(5, 2), normal(5, 2), normal(5, 2)]);
    const expected = normal(5, 2);
    // the distribution function is good to 1e-15, and 60 halvings leave nothing
    for (const end of ['centre', 'lower95', 'upper95'] as const) near(found[end], expected[end], 1e-12, end);
  });

  it('covers both where two differ: a twentieth of the mass of each is beyond its outer end', () => {
    const found = mixtureInterval([normal(0, 1), normal(100, 1)]);
    // 2.5 % of both is 5 % of one: its quantile is 1.6448536269514722 sds off
    near(found.lower95, -1.6448536269514722, 1e-9, 'lower end');
    near(found.upper95, 101.6448536269514722, 1e-9, 'upper end');
  });

  it('keeps a skewed law as it is, and one that is held', () => {
    const skewed = { centre: 3, lower95: 2, upper95: 9 };
    const found = mixtureInterval([skewed]);
    for (const end of ['centre', 'lower95', 'upper95'] as const) near(found[end], skewed[end], 1e-9, end);
    const held = { centre: 600, lower95: 600, upper95: 600 };
    assert.deepEqual(mixtureInterval([held, held]), held);
  });

  it('leaves tiles out of what they do not have', () => {
    const merged = mergeParameters([
      [summary('range', 100, 5)],
      [summary('range', 140, 5), summary('elevation', -6, 1)],
    ]);
    assert.deepEqual(
      merged.map(({ name }) => name),
      ['range', 'elevation'],
    );
    near(entry(merged, 0).estimate, 120, 1, 'median between two tiles');
    near(entry(merged, 1).estimate, -6, 1e-9, 'of one tile');
  });

  it('has the moments of the mixture, and a density of mass 1', () => {
    const grid = Array.from({ length: 201 }, (_, i) => -5 + i / 20);
    const density = (centre: number): number[] =>
      grid.map((_, i) => Math.exp(-((-5 + i / 20) ** 2) / 2) / Math.sqrt(2 * Math.PI) + 0 * centre);
    const one = (centre: number): HyperparameterPosterior => ({
      ...{ name: 'range', label: 'range', units: 'km', mean: centre, sd: 1, median: centre, priorStatement: 'p' },
      ...{ lower95: normal(centre, 1).lower95, upper95: normal(centre, 1).upper95 },
      grid: grid.map((value) => value + centre),
      posteriorDensity: density(centre),
      priorDensity: density(centre),
    });
    const merged = entry(mergeHyperparameters([[one(10)], [one(14)]]), 0);
    near(merged.mean, 12, 1e-12, 'mean');
    // variance 1 within, 4 between
    near(merged.sd, Math.sqrt(5), 1e-12, 'sd');
    const step = entry(merged.grid, 1) - entry(merged.grid, 0);
    const mass = step * merged.posteriorDensity.reduce((sum, value) => sum + value, 0);
    // the trapezoid rule on 101 points of a smooth curve
    near(mass, 1, 1e-3, 'mass');
  });
});
