// SPDX-License-Identifier: Apache-2.0
/**
 * Every NetCDF file of the shared data, compared with what ncdump prints: values, times, coordinates.
 *
 * @module
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ncdumpValues, sharedFile } from '../testing/sample-files.js';
import { openCamsFile } from './cams-file.js';
import { readValues } from './read-values.js';

const HOUR_MS = 3_600_000;

interface Expectation {
  readonly file: string;
  readonly format: string;
  readonly origin: string;
  readonly shape: readonly [number, number, number];
  readonly timeVariable: string;
  readonly referenceMs: number;
  readonly unitMs: number;
  readonly units: string;
  /** Normalised value = printed value * factor + offset. */
  readonly factor?: number;
  readonly offset?: number;
  /** Species by name of the variable. */
  readonly species: Readonly<Record<string, string>>;
}

const REANALYSIS = { co: 'co', no: 'no', no2: 'no2', o3: 'o3', pm10: 'pm10', pm2p5: 'pm2_5', so2: 'so2' };

const FILES: readonly Expectation[] = [
  {
    file: 'ENS_ANALYSIS_2025-07-01_2025-07-19_classic.nc',
    format: 'NetCDF-3 classic',
    origin: 'analysis',
    shape: [266, 3, 4],
    timeVariable: 'time',
    referenceMs: Date.UTC(2025, 6, 1),
    unitMs: HOUR_MS,
    units: 'ug m-3',
    species: {
      co_conc: 'co',
      pm2p5_nh4_conc: 'pm2_5_nh4',
      pm2p5_no3_conc: 'pm2_5_no3',
      no_conc: 'no',
      o3_conc: 'o3',
      pm10_conc: 'pm10',
      pm2p5_total_om_conc: 'pm2_5_total_om',
      pm2p5_conc: 'pm2_5',
      sia_conc: 'sia',
      so2_conc: 'so2',
      pm2p5_so4_conc: 'pm2_5_so4',
    },
  },
  {
    file: 'ENS_FORECAST_o3_ireland_2018-06-28_classic.nc',
    format: 'NetCDF-3 classic',
    origin: 'forecast',
    shape: [9, 40, 73],
    timeVariable: 'time',
    referenceMs: Date.UTC(2018, 5, 28),
    unitMs: HOUR_MS,
    units: 'ug m-3',
    species: { o3_conc: 'o3' },
  },
  {
    file: 'chimere_forecast_2021-02-12_classic.nc',
    format: 'NetCDF-3 classic',
    origin: 'forecast',
    shape: [25, 2, 2],
    timeVariable: 'time',
    referenceMs: Date.UTC(2021, 1, 12),
    unitMs: HOUR_MS,
    units: 'ug m-3',
    species: { no2_conc: 'no2', o3_conc: 'o3', pm10_conc: 'pm10', pm2p5_conc: 'pm2_5' },
  },
  {
    file: 'global_pm10_2023-01-06_64bit_offset_packed.nc',
    format: 'NetCDF-3 64-bit offset',
    origin: 'forecast',
    shape: [3, 76, 76],
    timeVariable: 'time',
    referenceMs: Date.UTC(1900, 0, 1),
    unitMs: HOUR_MS,
    units: 'ug m-3',
    // scale_factor and add_offset of the header as ncdump -p 9,17 prints them, and kg m**-3 to ug m-3.
    factor: 1.4142146078099279e-11 * 1e9,
    offset: 4.6374628397807163e-7 * 1e9,
    species: { pm10: 'pm10' },
  },
  {
    file: 'eac4_nox_hdf5_valid_time.nc',
    format: 'NetCDF-4',
    origin: 'reanalysis',
    shape: [120, 10, 18],
    timeVariable: 'valid_time',
    referenceMs: 0,
    unitMs: 1000,
    units: 'kg m-2',
    species: { tcno2: 'tcno2', tc_no: 'tc_no' },
  },
  {
    file: 'Milan_point_eur_reanalysis_2018.nc',
    format: 'NetCDF-4',
    origin: 'reanalysis',
    shape: [8760, 1, 1],
    timeVariable: 'time',
    referenceMs: Date.UTC(2018, 0, 1),
    unitMs: HOUR_MS,
    units: 'ug m-3',
    species: REANALYSIS,
  },
  {
    file: 'Milan_point_eur_reanalysis_2019.nc',
    format: 'NetCDF-4',
    origin: 'reanalysis',
    shape: [8760, 1, 1],
    timeVariable: 'time',
    referenceMs: Date.UTC(2019, 0, 1),
    unitMs: HOUR_MS,
    units: 'ug m-3',
    species: REANALYSIS,
  },
  {
    file: 'Milan_multi_eac4_2020.nc',
    format: 'NetCDF-4',
    origin: 'reanalysis',
    shape: [2928, 3, 4],
    timeVariable: 'time',
    referenceMs: Date.UTC(2020, 0, 1),
    unitMs: HOUR_MS,
    units: 'ug m-3',
    species: { co: 'co', no2: 'no2', no: 'no', go3: 'o3', pan: 'pan', so2: 'so2', pm10: 'pm10', pm2p5: 'pm2_5' },
  },
];

/** ncdump prints nine digits of a float; products of two doubles add a few units in the last place. */
const RELATIVE_TOLERANCE = 1e-8;

for (const expected of FILES) {
  describe(expected.file, () => {
    it('species, units, shape, times and coordinates', async (context) => {
      const path = sharedFile(context, `cams/${expected.file}`);
      if (path === undefined) return;
      const printedTimes = ncdumpValues(context, path, expected.timeVariable);
      const printedLatitudes = ncdumpValues(context, path, 'latitude');
      const printedLongitudes = ncdumpValues(context, path, 'longitude');
      if (printedTimes === undefined || printedLatitudes === undefined || printedLongitudes === undefined) return;
      const cams = await openCamsFile(path);
      context.after(() => cams.close());

      assert.equal(cams.file.format, expected.format);
      assert.equal(cams.product.origin, expected.origin);
      assert.deepEqual(
        Object.fromEntries(cams.variables.map((source) => [source.variable.name, source.match.species])),
        expected.species,
      );
      assert.deepEqual(cams.unreadable, []);
      for (const source of cams.variables) {
        assert.equal(source.conversion.units, expected.units);
        const { latitude, longitude, times } = source.grid;
        assert.deepEqual([times.timesMs.length, latitude.values.length, longitude.values.length], expected.shape);
        assert.deepEqual(
          Array.from(times.timesMs),
          Array.from(printedTimes, (value) => expected.referenceMs + value * expected.unitMs),
        );
        latitude.values.forEach((value, index) => assert.ok(Math.abs(value - printedLatitudes[index]!) < 1e-5));
        longitude.values.forEach((value, index) => {
          const difference = (value - printedLongitudes[index]! + 540) % 360;
          // A float near 360 is good to 1.5e-5 degree.
          assert.ok(Math.abs(difference - 180) < 2e-5, `${value} for ${printedLongitudes[index]!}`);
          assert.ok(value >= -180 && value < 180);
        });
      }
    });

    for (const [variable, species] of Object.entries(expected.species)) {
      it(`values of ${variable}`, async (context) => {
        const path = sharedFile(context, `cams/${expected.file}`);
        const printed = path === undefined ? undefined : ncdumpValues(context, path, variable);
        if (path === undefined || printed === undefined) return;
        const cams = await openCamsFile(path);
        context.after(() => cams.close());
        const source = cams.variables.find((item) => item.match.species === species);
        assert.ok(source);
        const { values } = await readValues(cams.file, source);
        assert.equal(values.length, printed.length);
        let valid = 0;
        printed.forEach((raw, index) => {
          const value = values[index]!;
          if (Number.isNaN(raw) || raw === -999) {
            assert.ok(Number.isNaN(value), `index ${index}: expected a missing value, got ${value}`);
            return;
          }
          valid += 1;
          const truth = raw * (expected.factor ?? 1) + (expected.offset ?? 0);
          assert.ok(
            Math.abs(value - truth) <= RELATIVE_TOLERANCE * Math.abs(truth),
            `index ${index}: ${value} for ${truth}`,
          );
        });
        const isAbsent = expected.file.includes('2019') && (variable === 'no' || variable === 'no2');
        assert.equal(valid, isAbsent ? 0 : printed.length);
      });
    }
  });
}
