// SPDX-License-Identifier: Apache-2.0
/**
 * What is needed to read the numbers of a model: plain values that travel as JSON beside the fit.
 *
 * @module
 */
import type { FieldOrigin } from '../artifacts/schemas/gridded-field.js';
import type { DailyStatistic, PollutantId } from '../common/pollutants.js';

/** Mean and sd of the daily coarse values of one pollutant: standardised = (value - mean) / sd. */
export interface PollutantScale {
  readonly pollutant: PollutantId;
  readonly statistic: DailyStatistic;
  readonly meanUgM3: number;
  readonly sdUgM3: number;
}

/** One time step of the model. */
export interface ModelDay {
  readonly timeIndex: number;
  /** Start of the UTC day, milliseconds since 1970. */
  readonly timeMs: number;
  /** ISO date. */
  readonly date: string;
  readonly origin: FieldOrigin;
  /** 0 for the first forecast day; absent for analysis days. */
  readonly leadDay?: number;
  /** Sd of the errors of this day's field, standardised units; only for forecast days with data. */
  readonly forecastErrorSd?: number;
  /** Number of observations, in the order of the pollutants; all zero for a day without data. */
  readonly observations: readonly number[];
}

/** Fixed effects, the same for each pollutant. */
export interface CovariateFrame {
  readonly names: readonly ('intercept' | 'elevation_km')[];
  /** Elevation at which the intercept holds; absent without elevation. */
  readonly referenceElevationM?: number;
}

/** Figures of the model for reports and logs. */
export interface ModelFacts {
  /** Of the mesh, or */
  readonly numNodes?: number;
  /** of the complete grid that takes its place. */
  readonly numCells?: number;
  readonly numTimeSteps: number;
  readonly numObservations: number;
  readonly numLatent: number;
  /** Without those that are held. */
  readonly numHyperparameters: number;
  /** Why elevation is or is not a covariate. */
  readonly elevation: string;
  /** One sentence a hyperparameter, in the order of theta. */
  readonly priors: readonly string[];
}

/** Everything but the arrays: how to read theta, days, standardised units and covariates. */
export interface ModelFrame {
  readonly kind: 'spatio-temporal' | 'spatial';
  readonly pollutants: readonly PollutantId[];
  readonly thetaNames: readonly string[];
  /** In the order of the pollutants. */
  readonly standardisation: readonly PollutantScale[];
  readonly dayTable: readonly ModelDay[];
  readonly covariates: CovariateFrame;
  readonly facts: ModelFacts;
}
