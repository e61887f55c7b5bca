// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspectFile } from './inspect-file.js';
import { regionalFile, sharedFile, temporaryFile } from './testing/sample-files.js';

test('each pollutant is described after normalisation, as plain JSON', async (context) => {
  const path = await regionalFile(context, {
    hours: [0, 1],
    species: { pm2p5_conc: { units: 'kg m-3', valueAt: (index) => (index === 0 ? -999 : index * 1e-9) }, o3_conc: {} },
  });
  const inspection = await inspectFile(path);
  assert.equal(inspection.file, path);
  assert.equal(inspection.format, 'NetCDF-3 classic');
  const [pm, o3] = inspection.pollutants;
  assert.ok(pm && o3);
  assert.deepEqual(
    { ...pm, min: null, mean: null, max: null },
    {
      pollutant: 'pm2_5',
      variable: 'pm2p5_conc',
      units: 'ug m-3',
      shape: [2, 2, 3],
      latitudes: [45.15, 45.05],
      longitudes: [8.95, 9.05, 9.15],
      times: ['2025-07-01T00:00:00Z', '2025-07-01T01:00:00Z'],
      min: null,
      mean: null,
      max: null,
      missing: 1,
    },
  );
  // Values pass through a float: relative rounding 6e-8.
  assert.ok(
    Math.abs((pm.min ?? 0) - 1) < 1e-6 && Math.abs((pm.mean ?? 0) - 6) < 1e-6 && Math.abs((pm.max ?? 0) - 11) < 1e-6,
  );
  assert.equal(o3.pollutant, 'o3');
  assert.deepEqual(JSON.parse(JSON.stringify(inspection)), inspection);
});

test('a variable that cannot be read is an issue, the others are described', async (context) => {
  const inspection = await inspectFile(
    await regionalFile(context, { species: { o3_conc: {}, no2_conc: { units: 'ppb' } } }),
  );
  assert.deepEqual(
    inspection.pollutants.map((item) => item.pollutant),
    ['o3'],
  );
  const found = inspection.issues.find((item) => item.code === 'unreadable-variable');
  assert.equal(found?.severity, 'error');
  assert.match(found.message, /"no2_conc".*mixing ratio in "ppb"/);
});

test('when nothing can be read the error says why', async (context) => {
  await assert.rejects(
    inspectFile(await regionalFile(context, { species: { o3_conc: { units: 'kg kg-1' } } })),
    /mixing ratio/,
  );
  await assert.rejects(
    inspectFile(await temporaryFile(context, 'x.nc', 'GRIB\0\0\0\x02....7777')),
    /GRIB edition 2.*cfgrib to_netcdf/,
  );
});

test('a species that is missing throughout has no statistics', async (context) => {
  const path = sharedFile(context, 'cams/Milan_point_eur_reanalysis_2019.nc');
  if (path === undefined) return;
  const inspection = await inspectFile(path);
  const no2 = inspection.pollutants.find((item) => item.pollutant === 'no2');
  assert.deepEqual([no2?.min, no2?.mean, no2?.max, no2?.missing], [null, null, null, 8760]);
  assert.deepEqual(
    inspection.issues.filter((item) => item.severity === 'error').map((item) => item.facts['species']),
    ['no', 'no2'],
  );
});

test('total columns are listed in kg m-2 and said to be no concentrations', async (context) => {
  const path = sharedFile(context, 'cams/eac4_nox_hdf5_valid_time.nc');
  if (path === undefined) return;
  const inspection = await inspectFile(path);
  assert.deepEqual(
    inspection.pollutants.map(({ pollutant, units }) => [pollutant, units]),
    [
      ['tcno2', 'kg m-2'],
      ['tc_no', 'kg m-2'],
    ],
  );
  assert.ok(inspection.issues.every((item) => item.code === 'total-column'));
});

test('the shared GRIB file is named as what it is', async (context) => {
  const path = sharedFile(context, 'cams/cams_eu_o3_ireland_20180628_9steps.grib2');
  if (path === undefined) return;
  await assert.rejects(inspectFile(path), /expected a NetCDF file.*it is a GRIB edition 2 message/);
});
