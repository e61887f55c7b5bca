// SPDX-License-Identifier: Apache-2.0
/**
 * Skill of the fine-grid posterior against a known truth, beside the reference that needs no model:
 * bilinear interpolation of the coarse field.
 *
 * @module
 */
import type { FineGridPosterior, FineGridVariable } from '../artifacts/schemas/fine-grid-posterior.js';
import type { FieldVariable, GriddedField } from '../artifacts/schemas/gridded-field.js';
import { entry, float64At } from '../common/entry.js';
import { TramontanaError } from '../common/errors.js';
import { interpolateBilinear } from './bilinear.js';
import { indexOfDay } from './formatting.js';
import { NORMAL_QUANTILE_975 } from './normal-distribution.js';
import type { Evaluation, PollutantEvaluation, SkillScores } from './product-types.js';

/** Coordinates closer than this are the same cell: a tenth of a per cent of the finest grid that we publish. */
const COORDINATE_TOLERANCE_DEGREES = 1e-5;

export interface EvaluationInputs {
  readonly posterior: FineGridPosterior;
  /** Daily truth on (at least part of) the posterior's cells, ug m-3; NaN and absent cells are left out. */
  readonly truth: GriddedField;
  /** Daily coarse field, ug m-3. */
  readonly coarse: GriddedField;
}

/**
 * Scores every pollutant that posterior, truth and coarse field share.
 *
 * RMSE = sqrt(mean((estimate - truth)^2)) over cells and days; `coverage95` = share of truths inside
 * mean -+ 1.96 sd. The top level holds the analysis and reanalysis days, `forecast` the forecast days. Only cells
 * and days where all three are known are scored, so that both estimates answer the same question. The coarse field is
 * interpolated bilinearly between cell centres and held constant beyond the outermost ones.
 *
 * @param inputs - Posterior [time, latitude, longitude], truth and coarse field with the same units.
 * @returns By pollutant; a pollutant without a scored analysis day is absent.
 * @throws {TramontanaError} `Products.TruthOffGrid` when no cell of the truth is a cell of the posterior.
 */
export function evaluateAgainstTruth(inputs: EvaluationInputs): Evaluation {
  const { posterior, truth, coarse } = inputs;
  const latitudeIndex = matchCoordinates(posterior.latitudesDegrees, truth.latitudesDegrees);
  const longitudeIndex = matchCoordinates(posterior.longitudesDegrees, truth.longitudesDegrees);
  if (!latitudeIndex.some((index) => index >= 0) || !longitudeIndex.some((index) => index >= 0)) {
    throw new TramontanaError(
      'Products.TruthOffGrid',
      `Truth: its cells must be cells of the fine grid (first centre ${posterior.latitudesDegrees[0]} N ` +
        `${posterior.longitudesDegrees[0]} E), got first centre ${truth.latitudesDegrees[0]} N ${truth.longitudesDegrees[0]} E`,
      { facts: { expectedResolutionDegrees: posterior.resolutionDegrees } },
    );
  }
  const evaluation: Partial<Record<FineGridVariable['pollutant'], PollutantEvaluation>> = {};
  for (const variable of posterior.variables) {
    const truthVariable = dailyVariable(truth, variable);
    const coarseVariable = dailyVariable(coarse, variable);
    if (truthVariable === undefined || coarseVariable === undefined) continue;
    const analysis = new ScoreSums();
    const forecast = new ScoreSums();
    for (let t = 0; t < posterior.timesMs.length; t += 1) {
      const truthDay = indexOfDay(truth.timesMs, float64At(posterior.timesMs, t));
      const coarseDay = indexOfDay(coarse.timesMs, float64At(posterior.timesMs, t));
      if (truthDay < 0 || coarseDay < 0) continue;
      const sums = posterior.origins[t] === 'forecast' ? forecast : analysis;
      addDay(sums, inputs, variable, truthVariable, coarseVariable, {
        t,
        truthDay,
        coarseDay,
        latitudeIndex,
        longitudeIndex,
      });
    }
    const analysisScores = analysis.scores();
    if (analysisScores === undefined) continue;
    const forecastScores = forecast.scores();
    evaluation[variable.pollutant] =
      forecastScores === undefined ? analysisScores : { ...analysisScores, forecast: forecastScores };
  }
  return evaluation;
}

interface DayIndices {
  readonly t: number;
  readonly truthDay: number;
  readonly coarseDay: number;
  readonly latitudeIndex: readonly number[];
  readonly longitudeIndex: readonly number[];
}

function addDay(
  sums: ScoreSums,
  inputs: EvaluationInputs,
  variable: FineGridVariable,
  truthVariable: FieldVariable,
  coarseVariable: FieldVariable,
  day: DayIndices,
): void {
  const { posterior, truth, coarse } = inputs;
  const numLatitudes = posterior.latitudesDegrees.length;
  const numLongitudes = posterior.longitudesDegrees.length;
  const bilinear = interpolateBilinear(
    coarse,
    coarseVariable.values,
    day.coarseDay,
    posterior.latitudesDegrees,
    posterior.longitudesDegrees,
  );
  const truthOffset = day.truthDay * truth.latitudesDegrees.length * truth.longitudesDegrees.length;
  const offset = day.t * numLatitudes * numLongitudes;
  let scored = false;
  for (let i = 0; i < numLatitudes; i += 1) {
    const truthRow = entry(day.latitudeIndex, i);
    if (truthRow < 0) continue;
    for (let j = 0; j < numLongitudes; j += 1) {
      const truthColumn = entry(day.longitudeIndex, j);
      if (truthColumn < 0) continue;
      const expected = float64At(
        truthVariable.values,
        truthOffset + truthRow * truth.longitudesDegrees.length + truthColumn,
      );
      const cell = i * numLongitudes + j;
      const mean = float64At(variable.mean, offset + cell);
      const sd = float64At(variable.sd, offset + cell);
      const reference = float64At(bilinear, cell);
      if (!Number.isFinite(expected) || !Number.isFinite(mean) || !Number.isFinite(reference)) continue;
      sums.add(mean - expected, reference - expected, Math.abs(mean - expected) <= NORMAL_QUANTILE_975 * sd);
      scored = true;
    }
  }
  if (scored) sums.days += 1;
}

/** Running sums of one group of days. */
class ScoreSums {
  days = 0;
  private count = 0;
  private squaredError = 0;
  private squaredErrorBilinear = 0;
  private covered = 0;

  add(error: number, errorBilinear: number, inside: boolean): void {
    this.count += 1;
    this.squaredError += error * error;
    this.squaredErrorBilinear += errorBilinear * errorBilinear;
    if (inside) this.covered += 1;
  }

  scores(): SkillScores | undefined {
    if (this.count === 0) return undefined;
    return {
      rmse: Math.sqrt(this.squaredError / this.count),
      rmseBilinear: Math.sqrt(this.squaredErrorBilinear / this.count),
      coverage95: this.covered / this.count,
      days: this.days,
    };
  }
}

function dailyVariable(field: GriddedField, variable: FineGridVariable): FieldVariable | undefined {
  return field.variables.find(
    (candidate) => candidate.species === variable.pollutant && candidate.statistic === variable.statistic,
  );
}

/** Index in `available` of each wanted coordinate, -1 where there is none. */
function matchCoordinates(wanted: Float64Array, available: Float64Array): number[] {
  return Array.from(wanted, (value) =>
    available.findIndex((candidate) => Math.abs(candidate - value) <= COORDINATE_TOLERANCE_DEGREES),
  );
}
