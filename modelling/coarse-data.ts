// SPDX-License-Identifier: Apache-2.0
/**
 * The coarse daily field as the model sees it: standardised pollutants, cell steps, elevation.
 *
 * @module
 */
import { CAMS_CELL_DEGREES, KM_PER_DEGREE, kmPerDegreeEast } from '../artifacts/schemas/grid.js';
import type { FieldVariable, GriddedField } from '../artifacts/schemas/gridded-field.js';
import { float64At } from '../common/entry.js';
import { DAILY_STATISTIC, type PollutantId } from '../common/pollutants.js';
import { TramontanaError } from '../common/errors.js';
import type { PollutantScale } from './frame.js';

/** Elevation that varies less than this over the cells carries no information, only collinearity with the intercept. */
const MINIMUM_ELEVATION_SD_M = 1;

/** Centres of the cells of a field, degrees. */
export type CellCentres = Pick<GriddedField, 'latitudesDegrees' | 'longitudesDegrees'>;

/** A pollutant's values and its scale. */
export interface ScaledPollutant {
  readonly scale: PollutantScale;
  /** As in the field: ug m-3, [time, latitude, longitude], NaN where missing. */
  readonly values: Float64Array;
}

/**
 * Steps between cell centres in degrees, the size of a cell.
 *
 * @throws {TramontanaError} `Modelling.IrregularGrid`
 */
export function cellSteps(field: CellCentres): { latitudeStepDegrees: number; longitudeStepDegrees: number } {
  return {
    latitudeStepDegrees: regularStep(field.latitudesDegrees, 'latitudes'),
    longitudeStepDegrees: regularStep(field.longitudesDegrees, 'longitudes'),
  };
}

/** Sides of a cell, km. */
export interface CellSizeKm {
  /** East to west, at the middle latitude. */
  readonly widthKm: number;
  readonly heightKm: number;
}

/**
 * Sides of the cells at the middle latitude of the field.
 *
 * @throws {TramontanaError} `Modelling.IrregularGrid`
 */
export function cellSizeKm(field: CellCentres): CellSizeKm {
  const { latitudeStepDegrees, longitudeStepDegrees } = cellSteps(field);
  const latitudes = field.latitudesDegrees;
  const middleDegrees = (float64At(latitudes, 0) + float64At(latitudes, latitudes.length - 1)) / 2;
  return {
    widthKm: longitudeStepDegrees * kmPerDegreeEast(middleDegrees),
    heightKm: latitudeStepDegrees * KM_PER_DEGREE,
  };
}

function regularStep(centres: Float64Array, name: string): number {
  const first = centres[0] ?? Number.NaN;
  const last = centres[centres.length - 1] ?? Number.NaN;
  if (centres.length === 1 && Number.isFinite(first)) return CAMS_CELL_DEGREES;
  const step = (last - first) / (centres.length - 1);
  // CAMS files store centres as float32: 1e-5 degrees at 180.
  const irregular = centres.findIndex((centre, i) => !(Math.abs(centre - first - i * step) <= 0.01 * Math.abs(step)));
  if (irregular >= 0 || centres.length === 0 || step === 0) {
    throw new TramontanaError(
      'Modelling.IrregularGrid',
      `Daily field: expected equally spaced ${name}, got ${centres.length} with ${centres[irregular]} at position ${irregular}`,
      { facts: { coordinate: name, position: irregular, value: centres[irregular], count: centres.length } },
    );
  }
  return Math.abs(step);
}

/**
 * Picks the pollutants and finds the mean and sd of their values (all days together, population sd).
 *
 * @throws {TramontanaError} `Modelling.MissingPollutant`, `Modelling.NoObservations`, `Modelling.ConstantField`
 */
export function scalePollutants(field: GriddedField, pollutants: readonly PollutantId[]): ScaledPollutant[] {
  return pollutants.map((pollutant) => {
    const variable = field.variables.find(({ species }) => species === pollutant);
    if (variable === undefined) {
      const available = field.variables.map(({ species }) => species);
      throw new TramontanaError(
        'Modelling.MissingPollutant',
        `Daily field: expected pollutant ${pollutant}, got ${available.join(', ') || 'none'}`,
        { facts: { pollutant, available } },
      );
    }
    return { scale: scaleOf(pollutant, variable, field), values: variable.values };
  });
}

function scaleOf(pollutant: PollutantId, variable: FieldVariable, field: GriddedField): PollutantScale {
  const shape = [field.timesMs.length, field.latitudesDegrees.length, field.longitudesDegrees.length];
  const expected = shape.reduce((product, length) => product * length, 1);
  if (variable.values.length !== expected) {
    throw new TramontanaError(
      'Modelling.ShapeMismatch',
      `Daily field of ${pollutant}: expected ${shape.join(' x ')} values, got ${variable.values.length}`,
      { facts: { pollutant, shape, found: variable.values.length } },
    );
  }
  const statistic = DAILY_STATISTIC[pollutant];
  if (variable.statistic !== statistic) {
    throw new TramontanaError(
      'Modelling.WrongStatistic',
      `Daily field of ${pollutant}: expected ${statistic}, got ${variable.statistic}`,
      { facts: { pollutant, expected: statistic, found: variable.statistic } },
    );
  }
  const present = variable.values.filter((value) => !Number.isNaN(value));
  if (present.length === 0) {
    throw new TramontanaError(
      'Modelling.NoObservations',
      `Daily field of ${pollutant}: expected values, but all ${expected} are missing`,
      { facts: { pollutant, missing: expected } },
    );
  }
  const meanUgM3 = present.reduce((sum, value) => sum + value, 0) / present.length;
  const sdUgM3 = Math.sqrt(present.reduce((sum, value) => sum + (value - meanUgM3) ** 2, 0) / present.length);
  // Rounding of equal values leaves an sd of about 1e-16 of the mean.
  if (!(sdUgM3 > 1e-9 * Math.abs(meanUgM3))) {
    throw new TramontanaError(
      'Modelling.ConstantField',
      `Daily field of ${pollutant}: expected values that vary, but all ${present.length} equal ${meanUgM3} ug m-3`,
      { facts: { pollutant, count: present.length, valueUgM3: meanUgM3 } },
    );
  }
  return { pollutant, statistic, meanUgM3, sdUgM3 };
}

/** Elevation as a covariate, or the reason why it is none. */
export interface ElevationChoice {
  /** Km above the reference, one a cell; absent when elevation is not used. */
  readonly centredKm?: Float64Array;
  readonly referenceElevationM?: number;
  readonly reason: string;
}

/**
 * Centres cell-mean elevations, in km.
 *
 * @param elevationM one value a cell, [latitude, longitude]; absent without an elevation grid
 * @throws {TramontanaError} `Modelling.ShapeMismatch`, `Modelling.MissingElevation`
 */
export function centreElevation(elevationM: Float64Array | undefined, field: GriddedField): ElevationChoice {
  if (elevationM === undefined) return { reason: 'no elevation grid' };
  checkElevation(elevationM, field);
  const referenceElevationM = elevationM.reduce((sum, value) => sum + value, 0) / elevationM.length;
  const variance = elevationM.reduce((sum, value) => sum + (value - referenceElevationM) ** 2, 0) / elevationM.length;
  const sdM = Math.sqrt(variance);
  if (sdM < MINIMUM_ELEVATION_SD_M) return { reason: `not used: cells differ by ${sdM.toFixed(2)} m (sd) only` };
  return {
    centredKm: elevationM.map((value) => (value - referenceElevationM) / 1000),
    referenceElevationM,
    reason: `used: cell means with sd ${sdM.toFixed(0)} m around ${referenceElevationM.toFixed(0)} m`,
  };
}

/**
 * Refuses elevations that do not cover a grid.
 *
 * @throws {TramontanaError} `Modelling.ShapeMismatch`, `Modelling.MissingElevation`
 */
export function checkElevation(
  elevationM: Float64Array,
  grid: { readonly latitudesDegrees: Float64Array; readonly longitudesDegrees: Float64Array },
): void {
  const numColumns = grid.longitudesDegrees.length;
  const expected = grid.latitudesDegrees.length * numColumns;
  if (elevationM.length !== expected) {
    throw new TramontanaError(
      'Modelling.ShapeMismatch',
      `Elevation: expected one value for each of ${expected} cells, got ${elevationM.length}`,
      { facts: { expected, found: elevationM.length } },
    );
  }
  const missing = elevationM.findIndex((value) => !Number.isFinite(value));
  if (missing >= 0) {
    const latitudeDegrees = grid.latitudesDegrees[Math.floor(missing / numColumns)];
    const longitudeDegrees = grid.longitudesDegrees[missing % numColumns];
    throw new TramontanaError(
      'Modelling.MissingElevation',
      `Elevation: expected a value in m for each cell, got ${elevationM[missing]} at latitude ${latitudeDegrees}, longitude ${longitudeDegrees}`,
      { facts: { latitudeDegrees, longitudeDegrees } },
    );
  }
}
