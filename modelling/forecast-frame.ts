// SPDX-License-Identifier: Apache-2.0
/**
 * What the models of a domain have in common, wherever their fields live: days, scales, fixed effects, theta with its priors, and
 * which values of which days are a group of observations. A mesh and a grid see the same statistics.
 *
 * @module
 */
import type { GriddedField } from '../artifacts/schemas/gridded-field.js';
import { entry, float64At } from '../common/entry.js';
import { TramontanaError } from '../common/errors.js';
import type { PollutantId } from '../common/pollutants.js';
import type { ThetaPrior } from '../inference-core/host-ts/contract/engine-model.js';
import type { ThetaBounds } from '../inference-core/host-ts/index.js';
import {
  cellSizeKm,
  centreElevation,
  scalePollutants,
  type CellSizeKm,
  type ElevationChoice,
  type ScaledPollutant,
} from './coarse-data.js';
import { buildDayTable, type DayStep } from './day-table.js';
import type { ModelFacts, ModelFrame } from './frame.js';
import { initialTheta } from './initial-theta.js';
import { buildPriors, completePriorChoices, type DomainScale, type PriorChoices } from './priors.js';
import { residualField } from './residual-field.js';
import { thetaBounds } from './theta-bounds.js';
import { thetaLayout, type ThetaLayout } from './theta-layout.js';

/** The part of a domain's configuration that the model needs. */
export interface ModellingConfig {
  /** In the order of coregionalisation. */
  readonly pollutants: readonly PollutantId[];
  readonly model?: {
    readonly priors?: PriorChoices | undefined;
    /** Sd of the errors of a forecast by lead day, in sds of the daily values; the last one goes on. Default .2, .3, .4, .5. */
    readonly forecastErrorSds?: readonly number[] | undefined;
  };
}

/** What a model is made from. */
export interface ForecastSources {
  /** Daily values on the coarse grid. */
  readonly field: GriddedField;
  /** Cell-mean elevation of the coarse cells in m, [latitude, longitude]. */
  readonly coarseElevationM?: Float64Array | undefined;
  readonly config: ModellingConfig;
  /** Days to forecast when the field has no forecast day. Default 1. */
  readonly horizonDaysWithoutForecast?: number;
}

/** A model ready for the engine, and how to read its numbers. */
export interface Forecast<Model> extends ModelFrame {
  readonly model: Model;
  /** Start of the search, in the order of `thetaNames`. */
  readonly initialTheta: readonly number[];
  /** Box of the search. */
  readonly thetaBounds: ThetaBounds;
}

/** A day with the number of its values, in the order of the pollutants. */
type CountedDay = DayStep & { readonly observations: readonly number[] };

/** The sources as the model sees them. */
export interface ForecastData {
  readonly field: GriddedField;
  readonly config: ModellingConfig;
  readonly kind: ModelFrame['kind'];
  readonly layout: ThetaLayout;
  readonly days: readonly CountedDay[];
  readonly scaled: readonly ScaledPollutant[];
  readonly elevation: ElevationChoice;
  readonly cell: CellSizeKm;
}

/** Days with values of one pollutant whose values share one noise. */
export interface GroupDays {
  readonly process: number;
  readonly days: readonly (DayStep & { readonly fieldTime: number })[];
  /** Relative precision of each day's values; absent where it is 1. */
  readonly weights?: readonly number[];
}

/** A forecast is not an analysis (docs/decisions/0003). */
const DEFAULT_FORECAST_ERROR_SDS = [0.2, 0.3, 0.4, 0.5];

/** The precision whose log is 0: the errors of a forecast are in the weights of its observations. */
const HELD_FORECAST_PRECISION = { type: 'fixed', value: 0 } as const satisfies ThetaPrior;

/** Vague in standardised units: prior sd 32 of intercept and elevation effect. */
const FIXED_EFFECTS_PRIOR_PRECISION = 0.001;

/**
 * Reads a daily field as data of a model. Time steps are days; one step only gives a purely spatial model.
 *
 * @throws {TramontanaError} `Modelling.*` for a field or an elevation that cannot be used (see the functions called)
 */
export function readForecastData(sources: ForecastSources): ForecastData {
  const { field, config } = sources;
  const { pollutants } = config;
  if (pollutants.length === 0) {
    throw new TramontanaError('Modelling.MissingPollutant', 'Configuration: expected at least one pollutant, got none');
  }
  const days = buildDayTable(field, {
    forecastErrorSds: config.model?.forecastErrorSds ?? DEFAULT_FORECAST_ERROR_SDS,
    horizonDaysWithoutForecast: sources.horizonDaysWithoutForecast ?? 1,
  });
  const scaled = scalePollutants(field, pollutants);
  const elevation = centreElevation(sources.coarseElevationM, field);
  const numCells = field.latitudesDegrees.length * field.longitudesDegrees.length;
  const kind = days.length === 1 ? 'spatial' : 'spatio-temporal';
  return {
    ...{ field, config, kind, scaled, elevation },
    layout: thetaLayout(kind, pollutants),
    cell: cellSizeKm(field),
    days: days.map((day) => ({ ...day, observations: scaled.map(({ values }) => countOf(values, day, numCells)) })),
  };
}

/** Values that are there on a day. */
function countOf(values: Float64Array, { fieldTime }: DayStep, numCells: number): number {
  if (fieldTime === undefined) return 0;
  const ofDay = values.subarray(fieldTime * numCells, (fieldTime + 1) * numCells);
  return ofDay.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : 1), 0);
}

/**
 * The groups of observations: first one for each pollutant, in their order, then the forecasts beside analyses.
 *
 * Forecast days beside analyses are a group of observations of their own: their noise is given, and says nothing about
 * that of the analyses. Where a pollutant has forecasts alone, they are all there is to learn the noise from.
 */
export function groupDays({ days, scaled }: ForecastData): GroupDays[] {
  const withValues = scaled.map((_, process) =>
    days.flatMap((day) =>
      day.fieldTime !== undefined && entry(day.observations, process) > 0 ? [{ ...day, fieldTime: day.fieldTime }] : [],
    ),
  );
  const isAnalysed = ({ origin }: DayStep): boolean => origin !== 'forecast';
  const first = withValues.map((own, process): GroupDays => {
    const analysed = own.filter(isAnalysed);
    return { process, days: analysed.length > 0 ? analysed : own };
  });
  const besides = withValues.flatMap((own, process): GroupDays[] => {
    const forecasts = own.filter((day) => !isAnalysed(day));
    if (forecasts.length === 0 || forecasts.length === own.length) return [];
    const weights = forecasts.map(({ forecastErrorSd = Number.NaN }) => forecastErrorSd ** -2);
    return [{ process, days: forecasts, weights }];
  });
  return [...first, ...besides];
}

/** Where the fields of a model live. */
export interface FieldPlaces {
  readonly scale: DomainScale;
  /** `numNodes` or `numCells`. */
  readonly facts: Pick<ModelFacts, 'numNodes' | 'numCells'>;
}

/** What a model says besides its observations and places. */
interface ModelParts {
  readonly numTimeSteps: number;
  readonly fixedEffectsPriorPrecision: number;
  /** One a component of theta. */
  readonly priors: readonly ThetaPrior[];
}

/** A start of theta from the moments of the data, without the components that are held. */
export function startOfTheta(
  { days, scaled, field, elevation, layout, cell }: ForecastData,
  scale: DomainScale,
): number[] {
  const analysed = days.filter(({ origin }) => origin !== 'forecast');
  // of a pollutant that only forecasts have there is nothing else
  const isAnalysed = scaled.every((_, process) =>
    analysed.some(({ observations }) => entry(observations, process) > 0),
  );
  const times = (isAnalysed ? analysed : days).map(({ fieldTime }) => fieldTime);
  return initialTheta(layout, {
    residuals: scaled.map(({ values, scale: units }) =>
      residualField(values, units, times, field, elevation.centredKm),
    ),
    cellWidthKm: cell.widthKm,
    cellHeightKm: cell.heightKm,
    ...scale,
  });
}

/**
 * Completes a model: theta with priors, start and box, and the frame.
 *
 * @param groups  of {@link groupDays}
 * @param modelOf - makes the engine's model
 * @throws {TramontanaError} `Modelling.InvalidPrior`
 */
export function completeForecast<Model>(
  data: ForecastData,
  groups: readonly GroupDays[],
  { scale, facts }: FieldPlaces,
  modelOf: (parts: ModelParts) => Model,
): Forecast<Model> {
  const { config, kind, layout, days, scaled, elevation } = data;
  const { pollutants } = config;
  const { priors, statements } = buildPriors(layout, completePriorChoices(config.model?.priors ?? {}, scale));
  const besides = groups.filter(({ weights }) => weights !== undefined);
  const held = besides.map(() => HELD_FORECAST_PRECISION.value);
  const numCovariates = elevation.centredKm === undefined ? 1 : 2;
  const numPlaces = facts.numNodes ?? facts.numCells ?? 0;
  return {
    model: modelOf({
      numTimeSteps: days.length,
      fixedEffectsPriorPrecision: FIXED_EFFECTS_PRIOR_PRECISION,
      priors: [...priors, ...besides.map(() => HELD_FORECAST_PRECISION)],
    }),
    initialTheta: [...startOfTheta(data, scale), ...held],
    thetaBounds: thetaBounds(layout, { ...scale, numDays: days.length }, held),
    kind,
    pollutants: [...pollutants],
    thetaNames: [
      ...layout.names,
      ...besides.map(({ process }) => `log_forecast_precision_${entry(pollutants, process)}`),
    ],
    standardisation: scaled.map((pollutant) => pollutant.scale),
    dayTable: days.map(({ fieldTime: _, ...day }) => day),
    covariates:
      elevation.referenceElevationM === undefined
        ? { names: ['intercept'] }
        : { names: ['intercept', 'elevation_km'], referenceElevationM: elevation.referenceElevationM },
    facts: {
      ...facts,
      numTimeSteps: days.length,
      numObservations: days.reduce((sum, day) => sum + day.observations.reduce((a, b) => a + b, 0), 0),
      numLatent: pollutants.length * (numPlaces * days.length + numCovariates),
      numHyperparameters: layout.names.length,
      elevation: elevation.reason,
      priors: [...statements, ...besides.map(() => 'held: the errors of a forecast are given')],
    },
  };
}

/** The part of a model that travels as JSON. */
export function frameOf(forecast: ModelFrame): ModelFrame {
  const { kind, pollutants, thetaNames, standardisation, dayTable, covariates, facts } = forecast;
  return { kind, pollutants, thetaNames, standardisation, dayTable, covariates, facts };
}

/** A value in the units of its pollutant's model. */
export function standardised({ scale, values }: ScaledPollutant, index: number): number {
  return (float64At(values, index) - scale.meanUgM3) / scale.sdUgM3;
}
