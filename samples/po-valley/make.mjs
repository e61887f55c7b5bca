// SPDX-License-Identifier: Apache-2.0
/**
 * Makes the data of the sample domain "po-valley". Deterministic: the same files, byte for byte, on every machine.
 *
 *     node samples/po-valley/make.mjs [FOLDER [SEED]]
 *
 * FOLDER defaults to the folder of this script; it receives cams/ENS_ANALYSIS.nc, cams/ENS_FORECAST.nc, elevation.nc,
 * truth.nc and parameters.json. SEED is that of the sample; another one is another draw of the same law.
 *
 * @module
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

import { encodeCamsFile } from './make/cams-layout.mjs';
import { encodeElevation, encodeTruth } from './make/cf-files.mjs';
import { hourlyOzone, hourlyParticles } from './make/hourly.mjs';
import { parametersOf } from './make/parameters.mjs';
import { POLLUTANTS, SEED, TIME } from './make/scenario.mjs';
import { COARSE_GRID, DAYS, ELEVATION_GRID, FINE_GRID, simulate } from './make/simulation.mjs';

const HOURS = 24;
const COARSE_CELLS = COARSE_GRID.latitudes.length * COARSE_GRID.longitudes.length;

/** Relative diurnal amplitude of particles at sea level (CAMS reanalysis at Milan, March: 0.15 to 0.25). */
const PARTICLE_AMPLITUDE = { pm2_5: 0.2, pm10: 0.18 };

/** Hourly values of a pollutant over all days, shape [hour, cell]. */
function hourlyField(id, daily, coarseElevationM) {
  const field = new Float32Array(DAYS * HOURS * COARSE_CELLS);
  for (let cell = 0; cell < COARSE_CELLS; cell++) {
    const series = Float64Array.from({ length: DAYS }, (_, day) => daily[day * COARSE_CELLS + cell]);
    const hourly =
      id === 'o3'
        ? hourlyOzone(series, coarseElevationM[cell])
        : hourlyParticles(series, coarseElevationM[cell], PARTICLE_AMPLITUDE[id]);
    hourly.forEach((value, hour) => {
      field[hour * COARSE_CELLS + cell] = value;
    });
  }
  return field;
}

/** Writes `20260302` for the day so many days after the first. */
function compactDate(daysAfterFirst) {
  const time = Date.parse(`${TIME.firstDay}T00:00:00Z`) + daysAfterFirst * 86_400_000;
  return new Date(time).toISOString().slice(0, 10).replaceAll('-', '');
}

function camsFile(kind, period, hourly, firstHour, hours) {
  const part = (field) => field.subarray(firstHour * COARSE_CELLS, (firstHour + hours) * COARSE_CELLS);
  const fields = Object.fromEntries(Object.entries(hourly).map(([id, field]) => [id, part(field)]));
  return encodeCamsFile({ kind, period, ...COARSE_GRID, hours, fields });
}

/** JSON with lists of numbers on one line each. */
function readableJson(value) {
  const text = JSON.stringify(value, null, 2);
  return `${text.replace(/\[[-\d.,\s]+\]/g, (list) => list.replace(/\s+/g, ' ').replace('[ ', '[').replace(' ]', ']'))}\n`;
}

function main(folder, seed) {
  if (!Number.isSafeInteger(seed) || seed < 0) throw new TypeError(`SEED: expected a natural number, got ${seed}`);
  const world = simulate(seed);
  const hourly = Object.fromEntries(
    POLLUTANTS.map(({ id }, index) => [id, hourlyField(id, world.coarse[index], world.coarseElevationM)]),
  );
  const analysisHours = TIME.analysisDays * HOURS;
  const forecastHours = TIME.forecastDays * HOURS;
  const analysisPeriod = `${compactDate(0)}-${compactDate(TIME.analysisDays - 1)}+[0H_23H]`;
  const forecastPeriod = `${compactDate(TIME.analysisDays)}+[0H_${forecastHours - 1}H]`;
  const files = {
    'cams/ENS_ANALYSIS.nc': camsFile('ANALYSIS', analysisPeriod, hourly, 0, analysisHours),
    'cams/ENS_FORECAST.nc': camsFile('FORECAST', forecastPeriod, hourly, analysisHours, forecastHours),
    'elevation.nc': encodeElevation({ ...ELEVATION_GRID, elevationM: world.elevationM }),
    'truth.nc': encodeTruth({
      firstDay: TIME.firstDay,
      days: DAYS,
      ...FINE_GRID,
      variables: POLLUTANTS.map(({ id }, index) => ({
        id,
        statistic: id === 'o3' ? 'daily_max_8h_mean' : 'daily_mean',
        values: world.truth[index],
      })),
    }),
    'parameters.json': readableJson(parametersOf(world, seed)),
  };
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    process.stdout.write(`${name}  ${content.length} bytes\n`);
  }
}

const [folder = dirname(fileURLToPath(import.meta.url)), seed = SEED] = process.argv.slice(2);
main(resolve(folder), Number(seed));
