// SPDX-License-Identifier: Apache-2.0
/** The bundled files: their layout, their size, their statistics, and that the script makes exactly them. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

import { NetCDFReader } from 'netcdfjs';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const REAL_FILES = fileURLToPath(new URL('../../../shared/data/cams/', import.meta.url));
const MADE = ['cams/ENS_ANALYSIS.nc', 'cams/ENS_FORECAST.nc', 'elevation.nc', 'truth.nc', 'parameters.json'];

interface Pollutant {
  readonly id: string;
  readonly unitField: { readonly rangeKm: number; readonly rangeDays: number };
  readonly scale_ug_m3: number;
  readonly intercept_ug_m3: number;
  readonly elevationEffect_ug_m3_per_km: number;
  readonly observationSd_ug_m3: number;
}
interface Parameters {
  readonly time: { readonly analysisDays: number; readonly forecastDays: number };
  readonly pollutants: readonly Pollutant[];
  readonly plane: { readonly kmPerDegreeEast: number; readonly kmPerDegreeNorth: number };
  readonly draw: { readonly clippedToZero: { readonly truthCells: number; readonly coarseCells: number } };
}

const parameters = JSON.parse(readFileSync(join(FOLDER, 'parameters.json'), 'utf8')) as Parameters;
const VARIABLES: Readonly<Record<string, string>> = { pm2_5: 'pm2p5_conc', pm10: 'pm10_conc', o3: 'o3_conc' };

const ROWS = 14;
const COLUMNS = 22;
const CELLS = ROWS * COLUMNS;
const FINE_COLUMNS = COLUMNS * 5;
const FINE_CELLS = CELLS * 25;
const MARGIN = 10;

function open(name: string): NetCDFReader {
  return new NetCDFReader(readFileSync(join(FOLDER, name)));
}

function numbers(file: NetCDFReader, variable: string): Float64Array {
  return Float64Array.from(file.getDataVariable(variable).flat() as number[]);
}

function attributesOf(file: NetCDFReader, variable: string): readonly { name: string; value: unknown }[] {
  const found = file.variables.find((candidate) => candidate.name === variable);
  assert.ok(found !== undefined, `no variable ${variable}`);
  return found.attributes;
}

/** Daily statistic of the 14 x 22 cells of a CAMS file, shape [day, cell]; windows of ozone end within the UTC day. */
function dailyOf(hourly: Float64Array, ozone: boolean): Float64Array {
  const days = hourly.length / CELLS / 24;
  return Float64Array.from({ length: days * CELLS }, (_, at) => {
    const day = Math.floor(at / CELLS);
    const hourAt = (hour: number): number => hourly[(24 * day + hour) * CELLS + (at % CELLS)]!;
    const mean = (from: number, hours: number): number => {
      let sum = 0;
      for (let hour = from; hour < from + hours; hour++) sum += hourAt(hour) / hours;
      return sum;
    };
    if (!ozone) return mean(0, 24);
    let highest = 0;
    for (let end = day === 0 ? 7 : 0; end < 24; end++) highest = Math.max(highest, mean(end - 7, 8));
    return highest;
  });
}

function truthOf(id: string): Float64Array {
  return numbers(open('truth.nc'), id).map((packed) => packed * 0.005);
}

function arealMeans(fine: Float64Array): Float64Array {
  const means = new Float64Array(fine.length / 25);
  fine.forEach((value, at) => {
    const day = Math.floor(at / FINE_CELLS);
    const row = Math.floor((at % FINE_CELLS) / FINE_COLUMNS / 5);
    const column = Math.floor((at % FINE_COLUMNS) / 5);
    means[day * CELLS + row * COLUMNS + column]! += value / 25;
  });
  return means;
}

function fineElevation(): Float64Array {
  const withMargin = numbers(open('elevation.nc'), 'elevation');
  return Float64Array.from({ length: FINE_CELLS }, (_, at) => {
    const row = Math.floor(at / FINE_COLUMNS) + MARGIN;
    return withMargin[row * (FINE_COLUMNS + 2 * MARGIN) + (at % FINE_COLUMNS) + MARGIN]!;
  });
}

describe('the sample po-valley', () => {
  it('is made, byte for byte, by the script beside it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tramontana-sample-'));
    try {
      execFileSync(process.execPath, [join(FOLDER, 'make.mjs'), folder]);
      for (const name of MADE) {
        assert.ok(readFileSync(join(folder, name)).equals(readFileSync(join(FOLDER, name))), `${name} differs`);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('takes at most 3 MB', () => {
    const bytes = readdirSync(FOLDER, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
    assert.ok(bytes <= 3e6, `${bytes} bytes`);
  });

  for (const [name, realName, kind, days, date] of [
    ['ENS_ANALYSIS.nc', 'ENS_ANALYSIS_2025-07-01_2025-07-19_classic.nc', 'ANALYSIS', 14, '20260302'],
    ['ENS_FORECAST.nc', 'ENS_FORECAST_o3_ireland_2018-06-28_classic.nc', 'FORECAST', 4, '20260316'],
  ] as const) {
    it(`${name} states its times as CAMS does`, () => {
      const file = open(join('cams', name));
      assert.equal(file.version, 'classic format');
      assert.deepEqual(
        attributesOf(file, 'time').map(({ value }) => value),
        [`${kind} time from ${date}`, 'hours'],
      );
      assert.deepEqual(
        [...numbers(file, 'time')],
        Array.from({ length: 24 * days }, (_, hour) => hour),
      );
      const latitudes = numbers(file, 'latitude');
      assert.ok(Math.abs(latitudes[0]! - 46.05) < 1e-5 && Math.abs(latitudes[ROWS - 1]! - 44.75) < 1e-5);
    });

    it(`${name} has the header of the real file`, (context) => {
      const path = join(REAL_FILES, realName);
      if (!existsSync(path)) {
        context.skip(`${realName} is not at ../shared/data/cams`);
        return;
      }
      const real = new NetCDFReader(readFileSync(path));
      const ours = open(join('cams', name));
      const names = (file: NetCDFReader) => file.dimensions.map((dimension) => dimension.name);
      assert.deepEqual(names(ours), names(real));
      assert.equal(ours.recordDimension.name, real.recordDimension.name);
      assert.deepEqual(
        ours.globalAttributes.map((attribute) => attribute.name),
        real.globalAttributes.map((attribute) => attribute.name),
      );
      for (const variable of ours.variables) {
        const twin = real.variables.find((candidate) => candidate.name === variable.name);
        // the real forecast file holds ozone alone
        if (twin === undefined) continue;
        assert.equal(variable.type, twin.type);
        assert.deepEqual(variable.dimensions, twin.dimensions);
        const attributes = (of: typeof variable) =>
          (of.attributes as readonly { name: string; type: string; value: unknown }[]).map((attribute) =>
            attribute.name === 'long_name' && variable.name === 'time' ? attribute.name : attribute,
          );
        assert.deepEqual(attributes(variable), attributes(twin), variable.name);
      }
      const units = Buffer.from('units\0\0\0\0\0\0\x02\0\0\0\x06\u00b5g/m3', 'utf8');
      assert.ok(readFileSync(path).includes(units) && readFileSync(join(FOLDER, 'cams', name)).includes(units));
    });
  }

  it('reports the mean of the truth over each coarse cell, with an independent error of the stated sd', () => {
    const file = open('cams/ENS_ANALYSIS.nc');
    for (const { id, observationSd_ug_m3: sd } of parameters.pollutants) {
      const daily = dailyOf(numbers(file, VARIABLES[id]!), id === 'o3');
      const areal = arealMeans(truthOf(id));
      const errors = daily.map((value, at) => value - areal[at]!);
      const count = errors.length;
      const product = (shift: number): number =>
        errors.reduce((sum, error, at) => sum + error * (errors[at + shift] ?? 0), 0) / count;
      // five standard errors: 1 / sqrt(2 n) of the sd, 1 / sqrt(n) of the mean and of a correlation
      assert.ok(Math.abs(Math.sqrt(product(0)) / sd - 1) < 5 / Math.sqrt(2 * count), `${id}: ${Math.sqrt(product(0))}`);
      const mean = errors.reduce((sum, error) => sum + error, 0) / count;
      assert.ok(Math.abs(mean) < (5 * sd) / Math.sqrt(count), `${id}: mean error ${mean}`);
      for (const shift of [1, COLUMNS, CELLS]) {
        assert.ok(Math.abs(product(shift)) < (5 * sd ** 2) / Math.sqrt(count), `${id}: correlated at shift ${shift}`);
      }
    }
  });

  it('has a forecast that errs more from day to day, and over whole regions', () => {
    const days = parameters.time.analysisDays;
    const file = open('cams/ENS_FORECAST.nc');
    for (const { id, observationSd_ug_m3 } of parameters.pollutants) {
      const hourly = numbers(file, VARIABLES[id]!);
      const daily = dailyOf(hourly, id === 'o3');
      const areal = arealMeans(truthOf(id)).subarray(days * CELLS);
      const rootMeanSquare = Array.from({ length: parameters.time.forecastDays }, (_, lead) => {
        let sum = 0;
        for (let at = lead * CELLS; at < (lead + 1) * CELLS; at++) sum += (daily[at]! - areal[at]!) ** 2 / CELLS;
        return Math.sqrt(sum);
      });
      rootMeanSquare.reduce((before, now) => {
        assert.ok(now > before, `${id}: ${rootMeanSquare.join(', ')}`);
        return now;
      }, observationSd_ug_m3);
      const errors = daily.map((value, at) => value - areal[at]!).subarray(3 * CELLS);
      const neighbours = errors.reduce((sum, error, at) => sum + (at % COLUMNS ? error * errors[at - 1]! : 0), 0);
      const correlation = neighbours / (ROWS * (COLUMNS - 1)) / rootMeanSquare[3]! ** 2;
      assert.ok(correlation > 0.7, `${id}: correlation of neighbouring errors at the last lead ${correlation}`);
    }
  });

  it('varies in space like the stated Matern field, around the stated elevation effect', () => {
    const { plane, pollutants } = parameters;
    const { id, scale_ug_m3, unitField, intercept_ug_m3, elevationEffect_ug_m3_per_km } = pollutants[0]!;
    const elevation = fineElevation();
    const field = truthOf(id).map(
      (value, at) => value - intercept_ug_m3 - (elevationEffect_ug_m3_per_km * elevation[at % FINE_CELLS]!) / 1000,
    );
    for (const [rowShift, columnShift] of [
      [0, 5],
      [4, 0],
      [0, 10],
      [8, 0],
    ] as const) {
      let sum = 0;
      let count = 0;
      field.forEach((value, at) => {
        const row = Math.floor((at % FINE_CELLS) / FINE_COLUMNS) + rowShift;
        const column = (at % FINE_COLUMNS) + columnShift;
        if (row >= ROWS * 5 || column >= FINE_COLUMNS) return;
        sum += (value - field[at + rowShift * FINE_COLUMNS + columnShift]!) ** 2 / 2;
        count += 1;
      });
      const distanceKm = 0.02 * Math.hypot(rowShift * plane.kmPerDegreeNorth, columnShift * plane.kmPerDegreeEast);
      const z = (Math.sqrt(8) / unitField.rangeKm) * distanceKm;
      // small-argument series of 1 - z K_1(z) [DLMF 10.31.1], error below z^4; z < 0.4 here
      const euler = 0.5772156649015329;
      const expected = scale_ug_m3 ** 2 * ((z * z) / 2) * (Math.log(2 / z) + 0.5 - euler);
      // 18 correlated days of about 10 x 10 independent increments: standard error near 4 %; cell means and the series
      // take up to 5 %
      assert.ok(Math.abs(sum / count / expected - 1) < 0.2, `${distanceKm} km: ${sum / count}, expected ${expected}`);
    }
  });

  it('has terrain with a plain, foothills and ridges on the cells of the truth', () => {
    const grid = open('elevation.nc');
    const truth = open('truth.nc');
    for (const axis of ['latitude', 'longitude']) {
      const reach = numbers(grid, axis);
      assert.deepEqual([...reach.subarray(MARGIN, reach.length - MARGIN)], [...numbers(truth, axis)]);
    }
    const elevation = fineElevation();
    const share = (test: (metres: number) => boolean): number => elevation.filter(test).length / FINE_CELLS;
    assert.ok(elevation.every((metres) => metres >= 0 && metres < 2800));
    assert.ok(share((metres) => metres < 250) > 0.5, 'more than half is plain');
    assert.ok(share((metres) => metres > 600) > 0.1 && share((metres) => metres > 1500) > 0.02, 'there are mountains');
  });

  it('is physical: nothing had to be clipped, and PM10 stays above PM2.5 in all but one cell-day of a thousand', () => {
    assert.deepEqual(parameters.draw.clippedToZero, { truthCells: 0, coarseCells: 0 });
    const fine = truthOf('pm2_5');
    const coarse = truthOf('pm10');
    assert.ok(fine.filter((value, at) => coarse[at]! < value).length < fine.length / 1000);
  });
});
