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
  /** Daily truth on (at least part of) the posterior's cells, ug m-3; NaN and absent cells are left out. */
  readonly truth: GriddedField;
  /** Daily coarse field, ug m-3. */
  readonly coarse: GriddedField;
}

/** Sums of one pollutant. */
interface PollutantSums {
  readonly analysis: ScoreSums;
  readonly forecast: ScoreSums;
}

/**
 * Scores every pollutant that posterior, truth and coarse field share, from the bands of the posterior.
 *
 * RMSE = sqrt(mean((estimate - truth)^2)) over cells and days; `coverage95` = share of truths inside
 * mean -+ 1.96 sd. The top level holds the analysis and reanalysis days, `forecast` the forecast days. Only cells
 * and days where all three are known are scored, so that both estimates answer the same question. The coarse field is
 * interpolated bilinearly between cell centres and held constant beyond the outermost ones.
 */
export class SkillSums {
  private readonly sums = new Map<FineGridVariable['pollutant'], PollutantSums>();
  private isOnGrid = false;
  private firstBand: FineGridPosterior | undefined;

  constructor(private readonly inputs: EvaluationInputs) {}

  /** Adds the cells of a band: same units as truth and coarse field. */
  add(posterior: FineGridPosterior): void {
    this.firstBand ??= posterior;
    const { truth, coarse } = this.inputs;
    const latitudeIndex = matchCoordinates(posterior.latitudesDegrees, truth.latitudesDegrees);
    const longitudeIndex = matchCoordinates(posterior.longitudesDegrees, truth.longitudesDegrees);
    if (!latitudeIndex.some((index) => index >= 0) || !longitudeIndex.some((index) => index >= 0)) return;
    this.isOnGrid = true;
    for (const variable of posterior.variables) {
      const truthVariable = dailyVariable(truth, variable);
      const coarseVariable = dailyVariable(coarse, variable);
      if (truthVariable === undefined || coarseVariable === undefined) continue;
      const own = this.sums.get(variable.pollutant) ?? { analysis: new ScoreSums(), forecast: new ScoreSums() };
      this.sums.set(variable.pollutant, own);
      for (let t = 0; t < posterior.timesMs.length; t += 1) {
        const truthDay = indexOfDay(truth.timesMs, float64At(posterior.timesMs, t));
        const coarseDay = indexOfDay(coarse.timesMs, float64At(posterior.timesMs, t));
        if (truthDay < 0 || coarseDay < 0) continue;
        const sums = posterior.origins[t] === 'forecast' ? own.forecast : own.analysis;
        const day = { t, truthDay, coarseDay, latitudeIndex, longitudeIndex };
        addDay(sums, this.inputs, posterior, { variable, truthVariable, coarseVariable }, day);
      }
    }
  }

  /**
   * Scores of all bands, by pollutant; a pollutant without a scored analysis day is absent.
   *
   * @throws {TramontanaError} `Products.TruthOffGrid` when no cell of the truth is a cell of the posterior.
   */
  evaluation(): Evaluation {
    const { truth } = this.inputs;
    if (!this.isOnGrid) {
      const { firstBand } = this;
      throw new TramontanaError(
        'Products.TruthOffGrid',
        `Truth: its cells must be cells of the fine grid (first centre ${firstBand?.latitudesDegrees[0]} N ` +
          `${firstBand?.longitudesDegrees[0]} E), got first centre ${truth.latitudesDegrees[0]} N ${truth.longitudesDegrees[0]} E`,
        { facts: { expectedResolutionDegrees: firstBand?.resolutionDegrees } },
      );
    }
    const evaluation: Partial<Record<FineGridVariable['pollutant'], PollutantEvaluation>> = {};
    for (const [pollutant, { analysis, forecast }] of this.sums) {
      const analysisScores = analysis.scores();
      if (analysisScores === undefined) continue;
      const forecastScores = forecast.scores();
      evaluation[pollutant] =
        forecastScores === undefined ? analysisScores : { ...analysisScores, forecast: forecastScores };
    }
    return evaluation;
  }
}

/** Scores of a posterior that is there as a whole; see {@link SkillSums}. */
export function evaluateAgainstTruth({
  posterior,
  ...inputs
}: EvaluationInputs & { readonly posterior: FineGridPosterior }): Evaluation {
  const sums = new SkillSums(inputs);
  sums.add(posterior);
  return sums.evaluation();
}

interface DayIndices {
  readonly t: number;
  readonly truthDay: number;
  readonly coarseDay: number;
  readonly latitudeIndex: readonly number[];
  readonly longitudeIndex: readonly number[];
}

interface ScoredVariables {
  readonly variable: FineGridVariable;
  readonly truthVariable: FieldVariable;
  readonly coarseVariable: FieldVariable;
}

function addDay(
  sums: ScoreSums,
  { truth, coarse }: EvaluationInputs,
  posterior: FineGridPosterior,
  { variable, truthVariable, coarseVariable }: ScoredVariables,
  day: DayIndices,
): void {
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
      sums.days.add(day.t);
    }
  }
}

/** Running sums of one group of days. */
class ScoreSums {
  /** Those with a scored cell. */
  readonly days = new Set<number>();
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
      days: this.days.size,
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
