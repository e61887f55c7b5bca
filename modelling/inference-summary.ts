// SPDX-License-Identifier: Apache-2.0
/**
 * From the engine's integration to figures on natural scales.
 *
 * @module
 */
import type { FitResult, ParameterSummary } from '../artifacts/schemas/fit-result.js';
import type {
  CriteriaSummary,
  HyperparameterPosterior,
  InferenceSummary,
  IntegrationRecord,
  PitHistogram,
} from '../artifacts/schemas/inference-summary.js';
import { entry, float64At } from '../common/entry.js';
import { TramontanaError } from '../common/errors.js';
import type { EngineModel } from '../inference-core/host-ts/contract/engine-model.js';
import type { GridGroup, GridModel } from '../inference-core/host-ts/contract/grid-model.js';
import type {
  IntegrationResult,
  MarginalSummary,
  ModelCriteria,
} from '../inference-core/host-ts/contract/posterior.js';
import type { Forecast } from './forecast-frame.js';
import { hyperparameterScales, type HyperparameterScale } from './hyperparameter-scales.js';
import { fixedEffectScales } from './parameter-summaries.js';
import { pitCounts, uniformBand } from './pit-histogram.js';
import { logPriorDensity } from './prior-density.js';

/** A model on a mesh or on a complete grid. */
type EngineForecast = Forecast<EngineModel | GridModel>;

export interface InferenceInputs {
  /** Of the model's own integration, with criteria. */
  readonly integration: IntegrationResult;
  readonly fit: Pick<
    FitResult,
    'stopReason' | 'converged' | 'activeBounds' | 'gradientNorm' | 'evaluations' | 'iterations'
  >;
  readonly forecast: EngineForecast;
  /** Which strategy was taken, and why. */
  readonly choice: Pick<IntegrationRecord, 'requested' | 'strategy' | 'reason'>;
  readonly gradientTolerance: number;
}

/** Posterior standard deviations around the mean over which densities are given. */
const DENSITY_REACH_SD = 4;

/**
 * Summary of the inference: criteria and calibration of the concentrations, hyperparameters beside their priors.
 *
 * @throws {TramontanaError} `Modelling.ShapeMismatch` when the integration belongs to another model or lacks criteria
 */
export function summariseInference(inputs: InferenceInputs): InferenceSummary {
  const { integration, fit, forecast, choice, gradientTolerance } = inputs;
  checkShapes(integration, forecast);
  const criteria = integration.criteria as ModelCriteria;
  const pit = forecast.pollutants.map((_, k) => pitHistogram(criteria, forecast, k));
  const { stopReason, converged, activeBounds, gradientNorm, evaluations, iterations } = fit;
  return {
    integration: {
      ...choice,
      points: integration.points.length,
      failedPoints: integration.failedPoints,
      evaluations: integration.evaluations,
      seconds: integration.seconds,
    },
    search: {
      ...{ stopReason, converged, activeBounds, gradientNorm, gradientTolerance, evaluations, iterations },
    },
    criteria: criteriaOf(
      integration,
      criteria,
      forecast,
      pit.reduce((sum, { cpoFailures }) => sum + cpoFailures, 0),
    ),
    pit,
    hyperparameters: hyperparameterScales(forecast).map((scale) => hyperparameter(scale, integration, forecast)),
  };
}

/**
 * Parameters on natural scales from the integration: medians and 95 % intervals, skewness-corrected where theta was
 * integrated out.
 *
 * @returns pollutant by pollutant (hyperparameters, fixed effects), then the weights
 */
export function summariseIntegratedParameters(
  integration: IntegrationResult,
  forecast: EngineForecast,
): ParameterSummary[] {
  const hyperparameters = hyperparameterScales(forecast);
  const fixedEffects = fixedEffectScales(forecast);
  const ofHyperparameter = (scale: HyperparameterScale): ParameterSummary =>
    parameter(scale, 'hyperparameter', integration.theta[scale.index]?.internal);
  return [
    ...forecast.pollutants.flatMap((_, k) => [
      ...hyperparameters.filter(({ process }) => process === k).map(ofHyperparameter),
      ...fixedEffects
        .filter(({ process }) => process === k)
        .map((scale) => parameter(scale, 'fixed-effect', integration.fixedEffects[scale.index])),
    ]),
    ...hyperparameters.filter(({ process }) => process === undefined).map(ofHyperparameter),
  ];
}

function parameter(
  scale: Pick<HyperparameterScale, 'name' | 'label' | 'units' | 'natural'>,
  kind: ParameterSummary['kind'],
  marginal: MarginalSummary | undefined,
): ParameterSummary {
  const { name, label, units } = scale;
  const { lower, median, upper } = naturalQuantiles(scale, marginal);
  return { name, label, units, kind, estimate: median, lower95: lower, upper95: upper };
}

/** Quantiles follow a monotonic function; a decreasing one swaps the ends. */
function naturalQuantiles(
  { natural }: Pick<HyperparameterScale, 'natural'>,
  marginal: MarginalSummary | undefined,
): { lower: number; median: number; upper: number } {
  const [low = Number.NaN, median = Number.NaN, high = Number.NaN] = (marginal?.quantiles ?? []).map(natural);
  return { lower: Math.min(low, high), median, upper: Math.max(low, high) };
}

function hyperparameter(
  scale: HyperparameterScale,
  integration: IntegrationResult,
  { model, facts }: EngineForecast,
): HyperparameterPosterior {
  const { index, name, label, units, natural, slope } = scale;
  const internal = integration.theta[index]?.internal;
  const prior = model.priors[index];
  const { lower, median, upper } = naturalQuantiles(scale, internal);
  const common = { name, label, units, median, priorStatement: entry(facts.priors, index) };
  const ends = { lower95: lower, upper95: upper };
  if (internal === undefined || prior === undefined || prior.type === 'fixed' || internal.grid.length === 0) {
    return { ...common, ...ends, mean: median, sd: 0, grid: [], posteriorDensity: [], priorDensity: [] };
  }
  const points = Array.from(internal.grid, (theta, i) => {
    const stretch = Math.abs(slope(theta));
    return {
      theta,
      x: natural(theta),
      posterior: float64At(internal.density, i) / stretch,
      prior: Math.exp(logPriorDensity(prior, theta)) / stretch,
    };
  }).sort((a, b) => a.x - b.x);
  const shown = points.filter(({ theta }) => Math.abs(theta - internal.mean) <= DENSITY_REACH_SD * internal.sd);
  // the grid ends at five standard deviations, where a skewed density may not
  const mass = integral(points, ({ posterior }) => posterior);
  const mean = integral(points, ({ x, posterior }) => x * posterior) / mass;
  return {
    ...common,
    ...ends,
    mean,
    sd: Math.sqrt(integral(points, ({ x, posterior }) => (x - mean) ** 2 * posterior) / mass),
    grid: shown.map(({ x }) => x),
    posteriorDensity: shown.map(({ posterior }) => posterior),
    priorDensity: shown.map(({ prior: density }) => density),
  };
}

/** Trapezoids over x. The engine's grid has 15 points a standard deviation over ten of them: their error is below 1e-4. */
function integral<Point extends { readonly x: number }>(
  points: readonly Point[],
  integrand: (point: Point) => number,
): number {
  let sum = 0;
  points.forEach((point, i) => {
    const before = points[i - 1];
    if (before !== undefined) sum += 0.5 * (point.x - before.x) * (integrand(point) + integrand(before));
  });
  return sum;
}

/** A density of (y - mean) / sd is one of y divided by sd, whence log sd for every observation. */
function criteriaOf(
  integration: IntegrationResult,
  criteria: ModelCriteria,
  { model, standardisation }: EngineForecast,
  cpoFailures: number,
): CriteriaSummary {
  const observed = groupsOf(model);
  const counts = observed.map(({ y }) => y.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : 1), 0));
  const numObservations = counts.reduce((sum, count) => sum + count, 0);
  const logJacobian = observed.reduce(
    (sum, { process = 0 }, k) => sum - entry(counts, k) * Math.log(standardisation[process]?.sdUgM3 ?? Number.NaN),
    0,
  );
  return {
    logMarginalLikelihood: integration.logMarginalLikelihood + logJacobian,
    dic: criteria.dic - 2 * logJacobian,
    dicEffectiveParameters: criteria.dicEffectiveParameters,
    waic: criteria.waic - 2 * logJacobian,
    waicEffectiveParameters: criteria.waicEffectiveParameters,
    logScore: criteria.logScore - logJacobian / numObservations,
    numObservations,
    cpoFailures,
  };
}

/** Of the first group of each pollutant: its analyses, or its forecasts where there is nothing else. */
function pitHistogram(
  criteria: ModelCriteria,
  { model, dayTable, pollutants }: EngineForecast,
  k: number,
): PitHistogram {
  const pit = criteria.groups[k]?.pit ?? new Float64Array();
  const logCpo = criteria.groups[k]?.logCpo ?? new Float64Array();
  const { timeIndex, y } = entry(groupsOf(model), k);
  const days = timeIndex.some((t) => dayTable[t]?.origin !== 'forecast') ? 'analysis' : 'all';
  const usable = Array.from(pit, (value, i) => Number.isFinite(logCpo[i]) && value >= 0 && value <= 1);
  // of a grid with gaps: nothing was there to be left out
  const isMissing = Array.from(y, Number.isNaN);
  const counts = pitCounts(pit.filter((_, i) => usable[i] === true));
  return {
    pollutant: entry(pollutants, k),
    counts,
    uniformBand: uniformBand(counts.reduce((sum, count) => sum + count, 0)),
    days,
    cpoFailures: usable.filter((value, i) => !value && isMissing[i] !== true).length,
  };
}

type ObservedGroup = Pick<GridGroup, 'y' | 'timeIndex'> & Partial<Pick<GridGroup, 'process'>>;

/** The groups of observations, those of the pollutants first; time steps are those of values or of days. */
function groupsOf(model: EngineModel | GridModel): readonly ObservedGroup[] {
  return 'grid' in model ? model.groups : model.observations;
}

function checkShapes(integration: IntegrationResult, { model, thetaNames }: EngineForecast): void {
  const expectations: (readonly [string, number, number])[] = [
    ['marginals of theta', thetaNames.length, integration.theta.length],
    ['groups of criteria', groupsOf(model).length, integration.criteria?.groups.length ?? 0],
    ...groupsOf(model).map(
      ({ y }, k) => [`PITs of group ${k}`, y.length, integration.criteria?.groups[k]?.pit.length ?? 0] as const,
    ),
  ];
  for (const [what, expected, found] of expectations) {
    if (expected === found) continue;
    throw new TramontanaError('Modelling.ShapeMismatch', `Integration: expected ${expected} ${what}, got ${found}`, {
      facts: { what, expected, found },
    });
  }
}
