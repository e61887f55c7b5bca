// SPDX-License-Identifier: Apache-2.0
import { KM_PER_DEGREE, kmPerDegreeEast } from '../artifacts/schemas/grid.js';
import type { GriddedField } from '../artifacts/schemas/gridded-field.js';
import type { CsrMatrix, Mesh, SpectralBasis } from '../artifacts/schemas/mesh.js';
import { entry, float64At } from '../common/entry.js';
import { TramontanaError } from '../common/errors.js';
import type { PollutantId } from '../common/pollutants.js';
import type { EngineModel, ObservationGroup, ThetaPrior } from '../inference-core/host-ts/engine-model.js';
import type { ThetaBounds } from '../inference-core/host-ts/index.js';
import { arealProjector, takeCsrRows } from '../mesh/index.js';
import {
  cellSteps,
  centreElevation,
  scalePollutants,
  type ElevationChoice,
  type ScaledPollutant,
} from './coarse-data.js';
import { buildDayTable, type DayStep } from './day-table.js';
import type { ModelFrame } from './frame.js';
import { initialTheta } from './initial-theta.js';
import { buildPriors, completePriorChoices, type DomainScale, type PriorChoices } from './priors.js';
import { residualField } from './residual-field.js';
import { thetaBounds } from './theta-bounds.js';
import { thetaLayout } from './theta-layout.js';

/** The part of a domain's configuration that the model needs. */
export interface ModellingConfig {
  /** In the order of coregionalisation. */
  readonly pollutants: readonly PollutantId[];
  readonly model?: {
    readonly priors?: PriorChoices | undefined;
    /** Sd of the errors of a forecast by lead day, in sds of the daily values; the last one goes on. Default .3, .4, .5, .6. */
    readonly forecastErrorSds?: readonly number[] | undefined;
  };
}

export interface ForecastModelInputs {
  /** Daily values on the coarse grid. */
  readonly field: GriddedField;
  readonly mesh: Mesh;
  /** Saves the engine the eigen-decomposition. */
  readonly spectralBasis?: SpectralBasis | undefined;
  /** Cell-mean elevation of the coarse cells in m, [latitude, longitude]. */
  readonly coarseElevationM?: Float64Array | undefined;
  readonly config: ModellingConfig;
  /** Sub-points a side that represent a coarse cell. Default 4: closer than half an interior edge. */
  readonly subPointsPerSide?: number;
  /** Days to forecast when the field has no forecast day. Default 1. */
  readonly horizonDaysWithoutForecast?: number;
}

/** A model ready for the engine, and how to read its numbers. */
export interface ForecastModel extends ModelFrame {
  readonly model: EngineModel;
  /** Start of the search, in the order of `thetaNames`. */
  readonly initialTheta: readonly number[];
  /** Box of the search. */
  readonly thetaBounds: ThetaBounds;
}

/** A forecast is not an analysis (docs/decisions/0003). */
const DEFAULT_FORECAST_ERROR_SDS = [0.3, 0.4, 0.5, 0.6];

/** The precision whose log is 0: the errors of a forecast are in the weights of its observations. */
const HELD_FORECAST_PRECISION = { type: 'fixed', value: 0 } as const satisfies ThetaPrior;

/** Vague in standardised units: prior sd 32 of intercept and elevation effect. */
const FIXED_EFFECTS_PRIOR_PRECISION = 0.001;

/**
 * Builds the statistical model of a domain (docs/notation.md).
 *
 * Each non-missing daily cell value is an observation of the mean of the field over the cell (areal support), in units
 * standardised by pollutant. Fixed effects of each pollutant: intercept and, where elevations are given, the cell's mean
 * elevation in km above the mean of the cells. Time steps are days; one step only gives a purely spatial model.
 *
 * Forecast days beside analyses are a group of observations of their own: their noise is given, and says nothing about
 * that of the analyses. Where a pollutant has forecasts alone, they are all there is to learn the noise from.
 *
 * @throws {TramontanaError} `Modelling.*` for a field, elevation, weight or prior that cannot be used (see the functions called);
 *         `Mesh.PointOutside` when a cell lies outside the mesh
 */
export function buildForecastModel(inputs: ForecastModelInputs): ForecastModel {
  const { field, mesh, config } = inputs;
  const { pollutants } = config;
  if (pollutants.length === 0) {
    throw new TramontanaError('Modelling.MissingPollutant', 'Configuration: expected at least one pollutant, got none');
  }
  const days = buildDayTable(field, {
    forecastErrorSds: config.model?.forecastErrorSds ?? DEFAULT_FORECAST_ERROR_SDS,
    horizonDaysWithoutForecast: inputs.horizonDaysWithoutForecast ?? 1,
  });
  const scaled = scalePollutants(field, pollutants);
  const elevation = centreElevation(inputs.coarseElevationM, field);
  const steps = cellSteps(field);
  const cells = arealProjector(mesh, { ...field, ...steps }, { subPointsPerSide: inputs.subPointsPerSide ?? 4 });

  const kind = days.length === 1 ? 'spatial' : 'spatio-temporal';
  const layout = thetaLayout(kind, pollutants);
  const scale = domainScale(mesh);
  const { priors, statements } = buildPriors(layout, completePriorChoices(config.model?.priors ?? {}, scale));
  const sources = { cells, elevation };
  const analysed = days.filter(({ origin }) => origin !== 'forecast');
  const forecastDays = days.filter(({ origin }) => origin === 'forecast');
  const first = scaled.map((pollutant, process) => {
    const group = observationGroup(pollutant, process, analysed, sources);
    return group.y.length > 0 ? group : observationGroup(pollutant, process, days, sources);
  });
  const besides = scaled
    .map((pollutant, process) => weighedGroup(pollutant, process, forecastDays, sources))
    .filter(({ process, y }) => y.length > 0 && first[process]?.timeIndex.some((t) => days[t]?.origin !== 'forecast'));
  const observations = [...first, ...besides];
  const heldNames = besides.map(({ process }) => `log_forecast_precision_${entry(pollutants, process)}`);
  const model: EngineModel = {
    kind: kind === 'spatial' ? 'spatial' : 'exact-diffusion',
    manifold: 'plane',
    numTimeSteps: days.length,
    c0: mesh.c0,
    g1: mesh.g1,
    ...(inputs.spectralBasis === undefined ? {} : { spectralBasis: inputs.spectralBasis }),
    observations,
    fixedEffectsPriorPrecision: FIXED_EFFECTS_PRIOR_PRECISION,
    priors: [...priors, ...besides.map(() => HELD_FORECAST_PRECISION)],
  };
  const middleLatitude = (float64At(field.latitudesDegrees, 0) + (field.latitudesDegrees.at(-1) ?? 0)) / 2;
  const times = analysedTimes(days);
  const start = initialTheta(layout, {
    residuals: scaled.map((pollutant) =>
      residualField(pollutant.values, pollutant.scale, times, field, elevation.centredKm),
    ),
    cellWidthKm: steps.longitudeStepDegrees * kmPerDegreeEast(middleLatitude),
    cellHeightKm: steps.latitudeStepDegrees * KM_PER_DEGREE,
    ...scale,
  });
  const numCovariates = elevation.centredKm === undefined ? 1 : 2;
  const held = besides.map(() => HELD_FORECAST_PRECISION.value);
  return {
    model,
    initialTheta: [...start, ...held],
    thetaBounds: thetaBounds(layout, { ...scale, numDays: days.length }, held),
    kind,
    pollutants: [...pollutants],
    thetaNames: [...layout.names, ...heldNames],
    standardisation: scaled.map((pollutant) => pollutant.scale),
    dayTable: days.map(({ fieldTime: _, ...day }) => ({
      ...day,
      observations: pollutants.map((_, k) =>
        observations.reduce(
          (sum, { process, timeIndex }) => sum + (process === k ? count(timeIndex, day.timeIndex) : 0),
          0,
        ),
      ),
    })),
    covariates:
      elevation.referenceElevationM === undefined
        ? { names: ['intercept'] }
        : { names: ['intercept', 'elevation_km'], referenceElevationM: elevation.referenceElevationM },
    facts: {
      numNodes: mesh.c0.length,
      numTimeSteps: days.length,
      numObservations: observations.reduce((sum, { y }) => sum + y.length, 0),
      numLatent: pollutants.length * (mesh.c0.length * days.length + numCovariates),
      numHyperparameters: layout.names.length,
      elevation: elevation.reason,
      priors: [...statements, ...besides.map(() => 'held: the errors of a forecast are given')],
    },
  };
}

/** The part of a model that travels as JSON. */
export function frameOf(forecast: ForecastModel): ModelFrame {
  const { kind, pollutants, thetaNames, standardisation, dayTable, covariates, facts } = forecast;
  return { kind, pollutants, thetaNames, standardisation, dayTable, covariates, facts };
}

interface ObservationSources {
  readonly cells: CsrMatrix;
  readonly elevation: ElevationChoice;
}

type OwnedGroup = ObservationGroup & { readonly process: number };

/** The values of one pollutant on these days, cell by cell. */
function observationGroup(
  { scale, values }: ScaledPollutant,
  process: number,
  days: readonly DayStep[],
  { cells, elevation }: ObservationSources,
): OwnedGroup {
  const y: number[] = [];
  const timeIndex: number[] = [];
  const cellIndex: number[] = [];
  const covariates: number[] = [];
  for (const day of days) {
    if (day.fieldTime === undefined) continue;
    for (let cell = 0; cell < cells.numRows; cell += 1) {
      const value = float64At(values, day.fieldTime * cells.numRows + cell);
      if (Number.isNaN(value)) continue;
      y.push((value - scale.meanUgM3) / scale.sdUgM3);
      timeIndex.push(day.timeIndex);
      cellIndex.push(cell);
      covariates.push(1);
      if (elevation.centredKm !== undefined) covariates.push(float64At(elevation.centredKm, cell));
    }
  }
  return {
    process,
    y: Float64Array.from(y),
    timeIndex: Int32Array.from(timeIndex),
    projector: takeCsrRows(cells, cellIndex),
    covariates: Float64Array.from(covariates),
    numCovariates: elevation.centredKm === undefined ? 1 : 2,
  };
}

/** The same, with the precision of a forecast day as the weight of its observations. */
function weighedGroup(
  pollutant: ScaledPollutant,
  process: number,
  forecastDays: readonly DayStep[],
  sources: ObservationSources,
): OwnedGroup {
  const group = observationGroup(pollutant, process, forecastDays, sources);
  const errorSds = new Map(forecastDays.map(({ timeIndex, forecastErrorSd }) => [timeIndex, forecastErrorSd]));
  return { ...group, weights: Float64Array.from(group.timeIndex, (t) => (errorSds.get(t) ?? Number.NaN) ** -2) };
}

/** Positions in the field of the analysis days, or of all days when there is none. */
function analysedTimes(days: readonly DayStep[]): (number | undefined)[] {
  const analysed = days.filter((day) => day.origin !== 'forecast');
  return (analysed.length > 0 ? analysed : days).map(({ fieldTime }) => fieldTime);
}

/** Diagonal of the interior nodes' limits, and the edge of a hexagonal lattice with their mean mass. */
function domainScale(mesh: Mesh): DomainScale {
  let [minX, maxX, minY, maxY, mass, nodes] = [Infinity, -Infinity, Infinity, -Infinity, 0, 0];
  mesh.interior.forEach((flag, i) => {
    if (flag !== 1) return;
    const [x, y] = [float64At(mesh.verticesKm, 2 * i), float64At(mesh.verticesKm, 2 * i + 1)];
    [minX, maxX] = [Math.min(minX, x), Math.max(maxX, x)];
    [minY, maxY] = [Math.min(minY, y), Math.max(maxY, y)];
    mass += float64At(mesh.c0, i);
    nodes += 1;
  });
  // A node of a hexagonal lattice with edge h carries the area h^2 sqrt(3)/2.
  return {
    diagonalKm: Math.hypot(maxX - minX, maxY - minY),
    interiorEdgeKm: Math.sqrt((2 * mass) / (nodes * Math.sqrt(3))),
  };
}

function count(timeIndex: Int32Array, step: number): number {
  return timeIndex.reduce((sum, t) => sum + (t === step ? 1 : 0), 0);
}
