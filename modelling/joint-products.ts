// SPDX-License-Identifier: Apache-2.0
/**
 * Products that only joint draws of the maps can tell: means over areas, and runs of days above a threshold. What to ask the engine,
 * and its answer back in concentrations.
 *
 * @module
 */
import type { AreaMeans, AreaMeansVariable, ExceedanceRun } from '../artifacts/schemas/area-means.js';
import { entry, float64At, int32At } from '../common/entry.js';
import type { ExceedanceThreshold, PollutantId } from '../common/pollutants.js';
import type { GridDraws, GridSampleSummary, MixtureMoments } from '../inference-core/host-ts/index.js';
import type { AreaWeights } from './area-weights.js';
import type { ModelFrame, PollutantScale } from './frame.js';

/** A threshold exceeded on some days in a row. */
export interface ConsecutiveDays {
  readonly pollutant: PollutantId;
  readonly thresholdUgM3: number;
  readonly days: number;
}

export interface JointProductInputs {
  readonly frame: Pick<ModelFrame, 'pollutants' | 'standardisation' | 'dayTable'>;
  readonly consecutiveDays: readonly ConsecutiveDays[];
  /** Over the cells of the maps. */
  readonly weights?: AreaWeights | undefined;
  readonly numSamples: number;
}

/** The same request, the same draws. */
const SEED = 1;

/**
 * What to ask of the draws of maps with one design a pollutant, in their order, at all days: thresholds in standardised units, the
 * errors of a forecast as the maps have them (`toConcentrations`).
 */
export function jointDraws(inputs: JointProductInputs): GridDraws {
  const { frame, weights, numSamples } = inputs;
  const { standardisation, dayTable } = frame;
  return {
    ...{ numSamples, seed: SEED },
    stepErrorSds: standardisation.map((_, k) =>
      Float64Array.from(dayTable, ({ forecastErrorSd = 0, observations }) =>
        entry(observations, k) > 0 ? forecastErrorSd : 0,
      ),
    ),
    runs: possible(inputs).map(({ pollutant, thresholdUgM3, days }) => {
      const design = frame.pollutants.indexOf(pollutant);
      const { meanUgM3, sdUgM3 } = entry(standardisation, design);
      return { design, threshold: (thresholdUgM3 - meanUgM3) / sdUgM3, steps: days };
    }),
    areas:
      weights === undefined || weights.areas.length === 0
        ? []
        : standardisation.map((_, design) => ({
            ...{ design, rowPointers: weights.rowPointers, cells: weights.cells, weights: weights.weights },
          })),
  };
}

/** Runs that the days have room for. */
function possible({ consecutiveDays, frame }: JointProductInputs): readonly ConsecutiveDays[] {
  return consecutiveDays.filter(({ days }) => days <= frame.dayTable.length);
}

/**
 * Probabilities of days in a row, in the order of the configuration, by their last day; NaN before.
 *
 * @param found - the engine's answer to `jointDraws`
 * @param numCells - of the maps
 */
export function exceedanceRuns(
  inputs: JointProductInputs,
  found: Pick<GridSampleSummary, 'runs'>,
  numCells: number,
): ExceedanceRun[] {
  const asked = possible(inputs);
  const numDays = inputs.frame.dayTable.length;
  return inputs.consecutiveDays.map((run) => {
    const probability = new Float64Array(numDays * numCells).fill(Number.NaN);
    const position = asked.indexOf(run);
    if (position >= 0) probability.set(entry(found.runs, position), (run.days - 1) * numCells);
    const { pollutant, thresholdUgM3, days } = run;
    return { pollutant, value_ug_m3: thresholdUgM3, days, numSamples: inputs.numSamples, probability };
  });
}

/**
 * Posterior of the means over areas, ug m-3. The mean is that of the maps, without the error of drawing; the draws are shifted to it.
 *
 * @param found - the engine's answer to `jointDraws`
 * @param maps - moments of the cells in standardised units, a pollutant each, [day, cell]
 * @param numBeyond - areas of the file that lie beyond the domain
 */
export function areaMeans(
  inputs: JointProductInputs & { readonly weights: AreaWeights },
  found: Pick<GridSampleSummary, 'areas'>,
  maps: readonly Pick<MixtureMoments, 'mean'>[],
  thresholds: readonly ExceedanceThreshold[],
  numBeyond: number,
): AreaMeans {
  const { weights, numSamples, frame } = inputs;
  return {
    ...{ areas: weights.areas, leftOut: weights.leftOut, numBeyond, numSamples },
    variables: frame.standardisation.map((scale, k) => {
      const means = weighedMeans(weights, entry(maps, k).mean, frame.dayTable.length);
      const own = thresholds.filter(({ pollutant }) => pollutant === scale.pollutant);
      const draws = weights.areas.length === 0 ? new Float64Array() : entry(found.areas, k);
      return summarise(draws, means, scale, own);
    }),
  };
}

/** Means over the areas of a map, [day, area]. */
function weighedMeans({ areas, rowPointers, cells, weights }: AreaWeights, map: Float64Array, numDays: number) {
  const numCells = map.length / numDays;
  const means = new Float64Array(numDays * areas.length);
  return means.map((_, i) => {
    const [day, area] = [Math.floor(i / areas.length), i % areas.length];
    let sum = 0;
    for (let at = int32At(rowPointers, area); at < int32At(rowPointers, area + 1); at += 1) {
      sum += float64At(weights, at) * float64At(map, day * numCells + int32At(cells, at));
    }
    return sum;
  });
}

/**
 * @param draws - [sample][day][area], standardised
 * @param means - [day, area], standardised
 */
function summarise(
  draws: Float64Array,
  means: Float64Array,
  { pollutant, statistic, meanUgM3, sdUgM3 }: PollutantScale,
  thresholds: readonly ExceedanceThreshold[],
): AreaMeansVariable {
  const size = means.length;
  const numSamples = size === 0 ? 0 : draws.length / size;
  const [sd, q025, q975] = [new Float64Array(size), new Float64Array(size), new Float64Array(size)];
  const exceedance = thresholds.map(({ value_ug_m3 }) => ({ value_ug_m3, probability: new Float64Array(size) }));
  for (let i = 0; i < size; i += 1) {
    const own = Float64Array.from({ length: numSamples }, (_, sample) => float64At(draws, sample * size + i));
    const centre = own.reduce((sum, value) => sum + value, 0) / numSamples;
    const squares = own.reduce((sum, value) => sum + (value - centre) ** 2, 0);
    sd[i] = sdUgM3 * Math.sqrt(squares / (numSamples - 1));
    const values = own.map((value) => meanUgM3 + sdUgM3 * (value - centre + float64At(means, i))).sort();
    // where a concentration ends
    q025[i] = Math.max(0, sampleQuantile(values, 0.025));
    q975[i] = Math.max(0, sampleQuantile(values, 0.975));
    for (const { value_ug_m3, probability } of exceedance) {
      probability[i] = values.reduce((count, value) => count + Number(value > value_ug_m3), 0) / numSamples;
    }
  }
  const mean = means.map((value) => meanUgM3 + sdUgM3 * value);
  return { pollutant, statistic, mean, sd, q025, q975, exceedance };
}

/** Quantile of ascending values, linear between them. */
function sampleQuantile(values: Float64Array, order: number): number {
  const place = order * (values.length - 1);
  const below = Math.floor(place);
  const low = float64At(values, below);
  return low + (place - below) * (float64At(values, Math.min(below + 1, values.length - 1)) - low);
}
