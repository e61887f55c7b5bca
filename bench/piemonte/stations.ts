// SPDX-License-Identifier: Apache-2.0
/**
 * Daily PM10 at the stations of Piemonte, October 2005 to March 2006 [Cameletti2013], in ../shared/data/piemonte.
 *
 * @module
 */
import { entry, float64At } from '../../common/entry.js';
import { TramontanaError } from '../../common/errors.js';
import { numericColumn, readCsvColumns, sharedPath } from '../core/shared-data.js';

/** Altitude, coordinates, wind speed, temperature, mixing height, precipitation, emissions; as the files name them. */
export const PIEMONTE_COVARIATES = ['A', 'UTMX', 'UTMY', 'WS', 'TEMP', 'HMIX', 'PREC', 'EMI'] as const;

/** A station on one day. */
export interface StationDay {
  readonly station: string;
  readonly xKm: number;
  readonly yKm: number;
  /** 0-based. */
  readonly day: number;
  /** Standardised, order of PIEMONTE_COVARIATES. */
  readonly covariates: readonly number[];
  /** log of PM10 in ug m-3; undefined where it is missing. */
  readonly logPm10?: number;
}

export interface StationDays {
  readonly rows: readonly StationDay[];
  readonly numDays: number;
}

interface Scale {
  readonly mean: number;
  readonly sd: number;
}

/** Mean and standard deviation with n - 1. */
function scaleOf(values: Float64Array): Scale {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, sd: Math.sqrt(squares / (values.length - 1)) };
}

type Columns = ReadonlyMap<string, readonly string[]>;

const dataPath = (file: string): string => sharedPath('data', 'piemonte', file);
const readTraining = (): Promise<Columns> => readCsvColumns(dataPath('Piemonte_data_byday.csv'));

function trainingScales(training: Columns): Scale[] {
  return PIEMONTE_COVARIATES.map((name) => scaleOf(numericColumn(training, name)));
}

/** Days in the order of the file, which is that of the calendar. */
function dayIndices(columns: Columns): { day: number[]; numDays: number } {
  const order = new Map<string, number>();
  const day = (columns.get('Date') ?? []).map((date) => {
    const known = order.get(date) ?? order.size;
    order.set(date, known);
    return known;
  });
  return { day, numDays: order.size };
}

async function stationDays(columns: Columns, coordinatesFile: string, scales: readonly Scale[]): Promise<StationDays> {
  const coordinates = await readCsvColumns(dataPath(coordinatesFile));
  const [xKm, yKm] = [numericColumn(coordinates, 'UTMX'), numericColumn(coordinates, 'UTMY')];
  const place = new Map(
    (coordinates.get('Station.ID') ?? []).map((station, i) => [station, [xKm[i], yKm[i]] as const]),
  );
  const values = PIEMONTE_COVARIATES.map((name) => numericColumn(columns, name));
  const pm10 = numericColumn(columns, 'PM10');
  const { day, numDays } = dayIndices(columns);
  const rows = (columns.get('Station.ID') ?? []).map((station, row): StationDay => {
    const [x, y] = place.get(station) ?? [];
    if (x === undefined || y === undefined) {
      throw new TramontanaError('Bench.UnknownStation', `${coordinatesFile}: expected station ${station}, got none`, {
        facts: { station },
      });
    }
    const value = float64At(pm10, row);
    return {
      station,
      xKm: x,
      yKm: y,
      day: entry(day, row),
      covariates: values.map((column, i) => (float64At(column, row) - (scales[i]?.mean ?? 0)) / (scales[i]?.sd ?? 1)),
      ...(Number.isNaN(value) ? {} : { logPm10: Math.log(value) }),
    };
  });
  return { rows, numDays };
}

/** The 24 stations of the fit. */
export async function readPiemonteTraining(): Promise<StationDays> {
  const columns = await readTraining();
  return stationDays(columns, 'coordinates.csv', trainingScales(columns));
}

/** The 10 stations that the fit does not see, standardised like the 24. */
export async function readPiemonteValidation(): Promise<StationDays> {
  const scales = trainingScales(await readTraining());
  const columns = await readCsvColumns(dataPath('Piemonte_data_byday_validation.csv'));
  return stationDays(columns, 'coordinates_validation.csv', scales);
}
