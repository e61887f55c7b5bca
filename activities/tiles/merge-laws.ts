// SPDX-License-Identifier: Apache-2.0
/**
 * What all tiles together say about a parameter: the law of a tile drawn at random, each as likely as another.
 *
 * @module
 */
import type { ParameterSummary } from '../../artifacts/schemas/fit-result.js';
import type { HyperparameterPosterior } from '../../artifacts/schemas/inference-summary.js';
import { entry, float64At } from '../../common/entry.js';
import { NORMAL_QUANTILE_975, normalCdf } from '../../products/normal-distribution.js';

/** Points of a common curve. */
const CURVE_POINTS = 101;

/** A law by its centre and its central 95 % interval. */
interface IntervalLaw {
  readonly centre: number;
  readonly lower95: number;
  readonly upper95: number;
}

/** Parameters by name, in the order in which they first occur; those of tiles that lack one (elevation over the sea) are left out of it. */
export function mergeParameters(tiles: readonly (readonly ParameterSummary[])[]): ParameterSummary[] {
  return groupsByName(tiles).map((same) => {
    const { centre, lower95, upper95 } = mixtureInterval(
      same.map(({ estimate, ...ends }) => ({ centre: estimate, ...ends })),
    );
    return { ...entry(same, 0), estimate: centre, lower95, upper95 };
  });
}

/** Hyperparameters by name: moments and densities of the mixture. */
export function mergeHyperparameters(
  tiles: readonly (readonly HyperparameterPosterior[])[],
): HyperparameterPosterior[] {
  return groupsByName(tiles).map((same) => {
    const mean = average(same.map((one) => one.mean));
    const second = average(same.map((one) => one.sd ** 2 + one.mean ** 2));
    const interval = mixtureInterval(same.map(({ median, ...ends }) => ({ centre: median, ...ends })));
    const free = same.filter(({ grid }) => grid.length > 1);
    const ends = free.flatMap(({ grid }) => [entry(grid, 0), entry(grid, grid.length - 1)]);
    const [low, high] = [Math.min(...ends), Math.max(...ends)];
    const grid =
      free.length === 0
        ? []
        : Array.from({ length: CURVE_POINTS }, (_, index) => low + ((high - low) * index) / (CURVE_POINTS - 1));
    const curve = (of: 'posteriorDensity' | 'priorDensity'): number[] =>
      grid.map((value) => free.reduce((sum, one) => sum + interpolate(one.grid, one[of], value), 0) / same.length);
    return {
      ...entry(same, 0),
      mean,
      sd: Math.sqrt(Math.max(0, second - mean ** 2)),
      lower95: interval.lower95,
      median: interval.centre,
      upper95: interval.upper95,
      priorStatement: `of each tile, here of the first one: ${entry(same, 0).priorStatement}`,
      grid,
      posteriorDensity: curve('posteriorDensity'),
      priorDensity: curve('priorDensity'),
    };
  });
}

function groupsByName<Named extends { readonly name: string }>(tiles: readonly (readonly Named[])[]): Named[][] {
  const groups = new Map<string, Named[]>();
  for (const one of tiles.flat()) groups.set(one.name, [...(groups.get(one.name) ?? []), one]);
  return [...groups.values()];
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Linear between points, zero beyond them. */
function interpolate(grid: readonly number[], density: readonly number[], value: number): number {
  const above = grid.findIndex((point) => point >= value);
  if (above < 0 || (above === 0 && value < entry(grid, 0))) return 0;
  if (above === 0) return entry(density, 0);
  const [left, right] = [entry(grid, above - 1), entry(grid, above)];
  const share = right > left ? (value - left) / (right - left) : 1;
  return (1 - share) * entry(density, above - 1) + share * entry(density, above);
}

/**
 * Median and central 95 % interval of a mixture with equal weights of laws that are taken for split normals: the sd below the centre
 * follows from the lower end, that above from the upper one, and half of the mass lies on either side.
 */
export function mixtureInterval(laws: readonly IntervalLaw[]): IntervalLaw {
  return { centre: quantile(laws, 0.5), lower95: quantile(laws, 0.025), upper95: quantile(laws, 0.975) };
}

function quantile(laws: readonly IntervalLaw[], order: number): number {
  const ends = Float64Array.of(
    Math.min(...laws.map(({ lower95, centre }) => centre - 3 * (centre - lower95))),
    Math.max(...laws.map(({ upper95, centre }) => centre + 3 * (upper95 - centre))),
  );
  // halving 60 times leaves no bit of the span
  for (let step = 0; step < 60; step += 1) {
    const middle = (float64At(ends, 0) + float64At(ends, 1)) / 2;
    const below = average(laws.map((law) => probabilityBelow(law, middle)));
    ends[below < order ? 0 : 1] = middle;
  }
  return (float64At(ends, 0) + float64At(ends, 1)) / 2;
}

function probabilityBelow({ centre, lower95, upper95 }: IntervalLaw, value: number): number {
  const sd = (value < centre ? centre - lower95 : upper95 - centre) / NORMAL_QUANTILE_975;
  if (!(sd > 0)) return value < centre ? 0 : 1;
  return normalCdf((value - centre) / sd);
}
