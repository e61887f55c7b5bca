// SPDX-License-Identifier: Apache-2.0
/**
 * `summary.json`: the figures of a run that scripts rely on (docs/reference/products.md).
 *
 * @module
 */
import { join } from 'node:path';

import type { AreaMeans, ExceedanceRun } from '../artifacts/schemas/area-means.js';
import type { EstimationRoute } from '../artifacts/schemas/estimation-route.js';
import { dayOrigin } from '../artifacts/schemas/fine-grid-posterior.js';
import type { FitPlan, FitResult, FitStart, ParameterSummary } from '../artifacts/schemas/fit-result.js';
import type { InferenceSummary } from '../artifacts/schemas/inference-summary.js';
import type { Tile } from '../artifacts/schemas/tile-plan.js';
import { isoDay } from '../common/days.js';
import { entry } from '../common/entry.js';
import { TramontanaError, messageOf } from '../common/errors.js';
import { readRegular } from '../common/regular-file.js';
import type { PollutantId } from '../common/pollutants.js';
import { highestProbability, runName } from './exceedance-runs.js';
import type { ExposureRecord } from './headline.js';
import type {
  Evaluation,
  ProductInputs,
  Provenance,
  QualitySummary,
  RunIdentity,
  StageReport,
  TileReport,
} from './product-types.js';
import { bandsOf } from './whole-posterior.js';

/** Name of the file in the folder of a run. */
export const SUMMARY_FILE = 'summary.json';

/** The fit in figures. `theta` is on the internal, unconstrained scale; `parameters` holds the natural scale. */
export interface FitSummary {
  readonly objective: number;
  readonly gradientNorm: number;
  readonly evaluations: number;
  readonly iterations: number;
  readonly seconds: number;
  readonly resumedFromIteration: number;
  readonly stopReason: string;
  readonly theta: Readonly<Record<string, number>>;
  /** Where the search began, and what that saved; absent in runs of before, and where a domain has tiles. */
  readonly start?: FitStart;
}

/** Reckoned before the fit, and found after it. */
export interface PlanFigures extends FitPlan {
  readonly used: {
    /** Resident memory of the engine process at its peak. */
    readonly bytes?: number;
    readonly seconds: number;
    readonly evaluations: number;
  };
}

/** The inference in figures: everything but the curves, which the report draws. */
export interface InferenceFigures extends Omit<InferenceSummary, 'hyperparameters'> {
  readonly hyperparameters: readonly Omit<
    InferenceSummary['hyperparameters'][number],
    'grid' | 'posteriorDensity' | 'priorDensity'
  >[];
}

/** Content of `summary.json`. Keys are only ever added within a schema version. */
export interface RunSummary {
  readonly schemaVersion: 1;
  readonly run: RunIdentity;
  readonly grid: {
    readonly resolutionDegrees: number;
    /** [time, latitude, longitude]. */
    readonly shape: readonly [number, number, number];
    /** UTC days, ISO 8601. */
    readonly days: readonly { readonly day: string; readonly origin: string }[];
    readonly pollutants: readonly PollutantId[];
  };
  readonly stages: readonly StageReport[];
  /** What estimated the hyperparameters, and why; absent in runs from before there was a choice. */
  readonly route?: Pick<EstimationRoute, 'name' | 'maps' | 'reason' | 'tiles'>;
  /** Only where there are several: which tiles the products hold, with the estimates of each, and which they lack. */
  readonly tiles?: readonly TileFigures[];
  readonly fit: FitSummary;
  /** What the fit was reckoned to need, beside what it used; absent in runs of before, and where a domain has tiles. */
  readonly plan?: PlanFigures;
  readonly inference: InferenceFigures;
  readonly parameters: readonly ParameterSummary[];
  /** Share of the domain likely above each threshold, by day. */
  readonly exceedance: readonly ExposureRecord[];
  /** Areas with means in `areas.csv`, and those without; only where areas are configured and told. */
  readonly areas?: Pick<AreaMeans, 'areas' | 'leftOut' | 'numBeyond' | 'numSamples'>;
  /** Days in a row above a threshold; only where they are configured and told. */
  readonly consecutiveDays?: readonly RunFigures[];
  readonly quality: QualitySummary;
  readonly provenance: Provenance;
  /** Only where a truth is known. */
  readonly evaluation?: Evaluation;
  /** Files of the run, relative to its folder. */
  readonly products: readonly string[];
}

/** One tile: its estimates by name, or why it is missing. */
export interface TileFigures extends Pick<Tile, 'id' | 'boundingBox'> {
  readonly parameters?: Readonly<Record<string, Pick<ParameterSummary, 'estimate' | 'lower95' | 'upper95' | 'units'>>>;
  readonly missing?: string;
}

/** Days in a row above a threshold, in figures. */
export interface RunFigures {
  readonly pollutant: PollutantId;
  readonly value_ug_m3: number;
  readonly days: number;
  /** In `forecast.nc`. */
  readonly variable: string;
  /** Of all cells and days; null when there are fewer days than that. */
  readonly highestProbability: number | null;
}

export interface SummaryInputs {
  readonly inputs: ProductInputs;
  readonly exceedance: readonly ExposureRecord[];
  readonly evaluation?: Evaluation;
  readonly stages: readonly StageReport[];
  readonly products: readonly string[];
}

/** Builds the content of `summary.json` from the inputs of the products and what was derived from them. */
export function buildSummary({ inputs, exceedance, evaluation, stages, products }: SummaryInputs): RunSummary {
  const { posterior } = inputs;
  const { resolutionDegrees, latitudesDegrees, longitudesDegrees } = bandsOf(inputs);
  return {
    schemaVersion: 1,
    run: inputs.run,
    grid: {
      resolutionDegrees,
      shape: [posterior.timesMs.length, latitudesDegrees.length, longitudesDegrees.length],
      days: Array.from(posterior.timesMs, (timeMs, index) => ({
        day: isoDay(timeMs),
        origin: dayOrigin(posterior, index),
      })),
      pollutants: posterior.variables.map((variable) => variable.pollutant),
    },
    stages,
    ...(inputs.route === undefined ? {} : { route: routeFigures(inputs.route) }),
    ...(inputs.tiles === undefined ? {} : { tiles: tileFigures(inputs.tiles) }),
    fit: summariseFit(inputs.fit),
    ...planFigures(inputs.fit),
    inference: inferenceFigures(inputs.inference),
    parameters: inputs.parameters,
    exceedance,
    ...jointFigures(inputs),
    quality: inputs.quality,
    provenance: inputs.provenance,
    ...(evaluation === undefined ? {} : { evaluation }),
    products,
  };
}

/**
 * Reads the summary of a finished run.
 *
 * @throws {TramontanaError} `Products.UnreadableSummary`.
 */
export async function readSummary(folder: string): Promise<RunSummary> {
  const path = join(folder, SUMMARY_FILE);
  try {
    const parsed: unknown = JSON.parse(String(await readRegular(path)));
    if (isRunSummary(parsed)) return parsed;
  } catch (error) {
    throw new TramontanaError('Products.UnreadableSummary', `${path}: cannot be read: ${messageOf(error)}`, {
      facts: { path },
      cause: error,
    });
  }
  throw new TramontanaError('Products.UnreadableSummary', `${path}: must hold a summary with schemaVersion 1`, {
    facts: { path },
  });
}

/** Text of `summary.json`. */
export function formatSummary(summary: RunSummary): string {
  return `${JSON.stringify(summary, null, 2)}\n`;
}

function jointFigures({
  areaMeans,
  exceedanceRuns,
  posterior,
}: ProductInputs): Pick<RunSummary, 'areas' | 'consecutiveDays'> {
  return {
    ...(areaMeans === undefined ? {} : { areas: areaFigures(areaMeans) }),
    ...(exceedanceRuns === undefined
      ? {}
      : { consecutiveDays: exceedanceRuns.map((run) => runFigures(run, posterior.timesMs.length)) }),
  };
}

function areaFigures({ areas, leftOut, numBeyond, numSamples }: AreaMeans): NonNullable<RunSummary['areas']> {
  return { areas, leftOut, numBeyond, numSamples };
}

function runFigures(run: ExceedanceRun, numDays: number): RunFigures {
  const { pollutant, value_ug_m3, days } = run;
  const byDay = Array.from({ length: numDays }, (_, day) => highestProbability(run, numDays, day)).filter(
    (value) => value !== null,
  );
  const highest = byDay.length === 0 ? null : Math.max(...byDay);
  return { pollutant, value_ug_m3, days, variable: runName(run), highestProbability: highest };
}

function tileFigures({ held, missing }: TileReport): TileFigures[] {
  const all = [
    ...held.map(({ tile: { id, boundingBox }, parameters }) => ({
      ...{ id, boundingBox },
      parameters: Object.fromEntries(
        parameters.map(({ name, estimate, lower95, upper95, units }) => [name, { estimate, lower95, upper95, units }]),
      ),
    })),
    ...missing.map(({ tile: { id, boundingBox }, reason }) => ({ id, boundingBox, missing: reason })),
  ];
  return all.sort((a, b) => (a.id < b.id ? -1 : 1));
}

function routeFigures({ name, maps, reason, tiles }: EstimationRoute): RunSummary['route'] {
  return { name, maps, reason, tiles };
}

function summariseFit(fit: FitResult): FitSummary {
  const { objective, gradientNorm, evaluations, iterations, seconds, resumedFromIteration, stopReason } = fit;
  const theta = Object.fromEntries(
    fit.thetaNames.map((name, index): [string, number] => [name, entry(fit.theta, index)]),
  );
  return {
    ...{ objective, gradientNorm, evaluations, iterations, seconds, resumedFromIteration, stopReason, theta },
    ...(fit.start === undefined ? {} : { start: fit.start }),
  };
}

function planFigures({ plan, peakBytes, seconds, evaluations }: FitResult): Pick<RunSummary, 'plan'> {
  if (plan === undefined) return {};
  const used = { ...(peakBytes === undefined ? {} : { bytes: peakBytes }), seconds, evaluations };
  return { plan: { ...plan, used } };
}

function inferenceFigures({ hyperparameters, ...figures }: InferenceSummary): InferenceFigures {
  return {
    ...figures,
    hyperparameters: hyperparameters.map(
      ({ grid: _grid, posteriorDensity: _posterior, priorDensity: _prior, ...parameter }) => parameter,
    ),
  };
}

function isRunSummary(value: unknown): value is RunSummary {
  return (
    typeof value === 'object' &&
    value !== null &&
    'schemaVersion' in value &&
    value.schemaVersion === 1 &&
    'stages' in value &&
    Array.isArray(value.stages)
  );
}
