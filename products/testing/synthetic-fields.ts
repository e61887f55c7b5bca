// SPDX-License-Identifier: Apache-2.0
/**
 * Smooth invented fields for tests of this room: deterministic, quick, and shaped like air quality
 * (a basin between ridges, an episode that moves, uncertainty that grows with lead time).
 *
 * @module
 */
import type { FineGridPosterior } from '../../artifacts/schemas/fine-grid-posterior.js';
import type { FieldOrigin, GriddedField } from '../../artifacts/schemas/gridded-field.js';
import { DAY_MS } from '../../common/days.js';
import { DAILY_STATISTIC, type PollutantId } from '../../common/pollutants.js';
import type { ExceedanceThreshold } from '../product-types.js';

export interface SyntheticDomain {
  readonly name: string;
  readonly title: string;
  readonly north: number;
  readonly west: number;
  readonly south: number;
  readonly east: number;
  readonly pollutants: readonly PollutantId[];
  readonly analysisDays: number;
  readonly forecastDays: number;
  readonly simulated: boolean;
  readonly resolutionDegrees?: number;
}

export const PO_VALLEY: SyntheticDomain = {
  name: 'po-valley',
  title: 'Po valley',
  north: 46.1,
  west: 8.6,
  south: 44.7,
  east: 10.8,
  pollutants: ['pm2_5', 'pm10', 'o3'],
  analysisDays: 14,
  forecastDays: 4,
  simulated: true,
};

export const IRELAND: SyntheticDomain = {
  name: 'ireland',
  title: 'Ireland',
  north: 55,
  west: -11,
  south: 51,
  east: -5,
  pollutants: ['o3'],
  analysisDays: 0,
  forecastDays: 2,
  simulated: false,
};

export const TINY: SyntheticDomain = {
  name: 'tiny',
  title: 'Milan, 3 × 4 cells',
  north: 45.6,
  west: 9,
  south: 45.3,
  east: 9.4,
  pollutants: ['pm2_5', 'no2'],
  analysisDays: 3,
  forecastDays: 0,
  simulated: false,
};

const FIRST_DAY_MS = Date.UTC(2025, 0, 10);

export const LEVEL: Readonly<Record<PollutantId, { mean: number; swing: number; perKm: number; who: number }>> = {
  pm2_5: { mean: 22, swing: 9, perKm: -7, who: 15 },
  pm10: { mean: 32, swing: 12, perKm: -9, who: 45 },
  o3: { mean: 62, swing: 16, perKm: 9, who: 100 },
  no2: { mean: 26, swing: 9, perKm: -10, who: 25 },
};

/** Elevation in km: flat in the middle, ridges to the north and, lower, to the south-west. */
function elevationKm(domain: SyntheticDomain, latitude: number, longitude: number): number {
  const v = (latitude - domain.south) / (domain.north - domain.south);
  const u = (longitude - domain.west) / (domain.east - domain.west);
  const ridges = 0.5 + 0.5 * Math.sin(23 * u + 4 * Math.sin(9 * v));
  const north = Math.max(0, v - 0.62) * 4.2 * (0.45 + 0.55 * ridges);
  const south = Math.max(0, 0.32 - v) * 2.4 * Math.max(0, 1 - 0.7 * u) * (0.4 + 0.6 * ridges);
  return 0.07 + north + south;
}

/** Smooth anomaly in about [-1, 1]. */
function anomaly(u: number, v: number, day: number, seed: number): number {
  const a = Math.sin(2.1 * u + 1.4 * v + 0.45 * day + seed);
  const b = Math.sin(4.3 * u - 3.1 * v - 0.31 * day + 1.7 * seed);
  const c = Math.sin(9.5 * u + 7.7 * v + 0.22 * day + 2.9 * seed);
  return 0.55 * a + 0.3 * b + 0.15 * c;
}

function concentration(
  domain: SyntheticDomain,
  pollutant: PollutantId,
  latitude: number,
  longitude: number,
  day: number,
) {
  const level = LEVEL[pollutant];
  const u = (longitude - domain.west) / (domain.east - domain.west);
  const v = (latitude - domain.south) / (domain.north - domain.south);
  const seed = pollutant === 'o3' ? 3.3 : 0.4;
  const value =
    level.mean +
    level.swing * anomaly(u, v, day, seed) +
    level.perKm * (elevationKm(domain, latitude, longitude) - 0.3);
  return Math.max(0.5, value);
}

function centres(start: number, end: number, step: number): Float64Array {
  const count = Math.round(Math.abs(end - start) / step);
  const direction = Math.sign(end - start);
  return Float64Array.from({ length: count }, (_, k) => Number((start + direction * step * (k + 0.5)).toFixed(6)));
}

function daysOf(domain: SyntheticDomain): { timesMs: Float64Array; origins: FieldOrigin[] } {
  const count = domain.analysisDays + domain.forecastDays;
  return {
    timesMs: Float64Array.from({ length: count }, (_, day) => FIRST_DAY_MS + day * DAY_MS),
    origins: Array.from({ length: count }, (_, day) => (day < domain.analysisDays ? 'analysis' : 'forecast')),
  };
}

function dailyField(domain: SyntheticDomain, step: number): GriddedField {
  const { timesMs, origins } = daysOf(domain);
  const latitudesDegrees = centres(domain.north, domain.south, step);
  const longitudesDegrees = centres(domain.west, domain.east, step);
  return {
    cadence: 'daily',
    latitudesDegrees,
    longitudesDegrees,
    timesMs,
    origins,
    variables: domain.pollutants.map((species) => ({
      species,
      units: 'ug m-3',
      statistic: DAILY_STATISTIC[species],
      values: fillCells(timesMs.length, latitudesDegrees, longitudesDegrees, (latitude, longitude, day) =>
        concentration(domain, species, latitude, longitude, day),
      ),
    })),
  };
}

function fillCells(
  numDays: number,
  latitudes: Float64Array,
  longitudes: Float64Array,
  at: (latitude: number, longitude: number, day: number) => number,
): Float64Array {
  const values = new Float64Array(numDays * latitudes.length * longitudes.length);
  let index = 0;
  for (let day = 0; day < numDays; day += 1) {
    for (const latitude of latitudes) {
      for (const longitude of longitudes) {
        values[index] = at(latitude, longitude, day);
        index += 1;
      }
    }
  }
  return values;
}

function addSmoothError(field: GriddedField, index: number): Float64Array {
  const numColumns = field.longitudesDegrees.length;
  const numCells = numColumns * field.latitudesDegrees.length;
  const values = field.variables[index]?.values ?? new Float64Array();
  return values.map((value, k) => {
    const day = Math.floor(k / numCells);
    const u = ((k % numCells) % numColumns) / numColumns;
    const v = Math.floor((k % numCells) / numColumns) / field.latitudesDegrees.length;
    return value + 0.8 * Math.sin(17 * u + day) * Math.cos(13 * v - day);
  });
}

/** Posterior around the invented truth: small smooth error, sd larger in the mountains and with lead time. */
export function syntheticPosterior(domain: SyntheticDomain): FineGridPosterior {
  const step = domain.resolutionDegrees ?? 0.02;
  const field = dailyField(domain, step);
  const { latitudesDegrees, longitudesDegrees, timesMs, origins } = field;
  const elevation = fillCells(
    1,
    latitudesDegrees,
    longitudesDegrees,
    (latitude, longitude) => 1000 * elevationKm(domain, latitude, longitude),
  );
  return {
    resolutionDegrees: step,
    latitudesDegrees,
    longitudesDegrees,
    timesMs,
    origins,
    elevationM: elevation,
    variables: domain.pollutants.map((pollutant, p) => ({
      pollutant,
      units: 'ug m-3',
      statistic: DAILY_STATISTIC[pollutant],
      hasData: Array.from(timesMs, () => true),
      mean: addSmoothError(field, p),
      sd: fillCells(timesMs.length, latitudesDegrees, longitudesDegrees, (latitude, longitude, day) => {
        const lead = Math.max(0, day - domain.analysisDays + 1);
        const u = (longitude - domain.west) / (domain.east - domain.west);
        const v = (latitude - domain.south) / (domain.north - domain.south);
        const base =
          0.9 + 0.5 * elevationKm(domain, latitude, longitude) + 0.3 * Math.cos(9 * u) ** 2 * Math.cos(7 * v) ** 2;
        return base * (1 + 0.55 * lead) * (LEVEL[pollutant].swing / 9);
      }),
    })),
  };
}

/** Thresholds of the domain's pollutants. */
export function syntheticThresholds(domain: SyntheticDomain): ExceedanceThreshold[] {
  return domain.pollutants.map((pollutant) => ({
    pollutant,
    value_ug_m3: LEVEL[pollutant].who,
    label: 'WHO 2021 daily guideline',
  }));
}

/** Coarse field (0.1 degree) and truth (fine grid) of the invented domain. */
export function syntheticFields(domain: SyntheticDomain): { coarse: GriddedField; truth: GriddedField } {
  return { coarse: dailyField(domain, 0.1), truth: dailyField(domain, domain.resolutionDegrees ?? 0.02) };
}
