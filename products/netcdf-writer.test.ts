// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { isTramontanaError } from '../common/errors.js';
import { exceedanceField, quantileField } from './exceedance.js';
import { writeNetcdfFile } from './netcdf-file.js';
import { writeForecastNetcdf } from './netcdf-writer.js';
import { syntheticRuns } from './testing/synthetic-areas.js';
import { PO_VALLEY } from './testing/synthetic-fields.js';
import { syntheticInputs } from './testing/synthetic-run.js';
import { bandsOf } from './whole-posterior.js';

const inputs = syntheticInputs({ ...PO_VALLEY, resolutionDegrees: 0.1, analysisDays: 2, forecastDays: 1 });
const skip =
  spawnSync('ncdump', [], { encoding: 'utf8' }).error === undefined
    ? false
    : 'ncdump is not installed (Debian package netcdf-bin)';

let folder: string;
let path: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tramontana-netcdf-'));
  path = join(folder, 'forecast.nc');
  const exceedanceRuns = syntheticRuns(inputs.posterior);
  const bands = bandsOf({ ...inputs, exceedanceRuns });
  await writeForecastNetcdf(path, { ...inputs, bands, version: '0.0.0', createdAt: new Date(0) });
});

after(() => rm(folder, { recursive: true, force: true }));

function ncdump(...options: string[]): string {
  const result = spawnSync('ncdump', [...options, path], { encoding: 'utf8', maxBuffer: 1 << 26 });
  assert.equal(result.status, 0, result.stderr);
  return result.stdout;
}

function dumpedValues(variable: string): number[] {
  const text = ncdump('-p', '9,17', '-v', variable);
  const body = text.slice(text.lastIndexOf(` ${variable} =`) + variable.length + 3, text.lastIndexOf(';'));
  return body.split(',').map((value) => (value.trim() === '_' ? Number.NaN : Number(value)));
}

test('the header says CF: dimensions, coordinates, units, grid mapping, bounds', { skip }, () => {
  const header = ncdump('-hs');

  for (const line of [
    'time = 3 ;',
    'latitude = 14 ;',
    'longitude = 22 ;',
    'double time(time) ;',
    'time:units = "days since 1970-01-01" ;',
    'time:bounds = "time_bnds" ;',
    'double latitude_bnds(latitude, bnds) ;',
    'latitude:units = "degrees_north" ;',
    'longitude:standard_name = "longitude" ;',
    'crs:grid_mapping_name = "latitude_longitude" ;',
    'crs:epsg_code = "EPSG:4326" ;',
    'byte origin(time) ;',
    'origin:flag_values = 0b, 1b, 2b, 3b ;',
    'origin:flag_meanings = "analysis forecast reanalysis none" ;',
    'byte pm2_5_origin(time) ;',
    'float elevation(latitude, longitude) ;',
    'float pm2_5_mean(time, latitude, longitude) ;',
    'pm2_5_mean:standard_name = "mass_concentration_of_pm2p5_ambient_aerosol_particles_in_air" ;',
    'pm2_5_mean:units = "ug m-3" ;',
    'pm2_5_mean:grid_mapping = "crs" ;',
    'pm2_5_mean:ancillary_variables = "pm2_5_sd pm2_5_q025 pm2_5_q50 pm2_5_q975 pm2_5_p_exceed_15 pm2_5_p_exceed_12p5_2_days pm2_5_origin" ;',
    'pm2_5_mean:_DeflateLevel = 4 ;',
    'pm2_5_p_exceed_15:units = "1" ;',
    'o3_mean:cell_methods = "area: mean time: maximum (comment: daily maximum of the running 8-hour mean)" ;',
    ':Conventions = "CF-1.8" ;',
    ':history = "1970-01-01T00:00:00Z tramontana 0.0.0: published" ;',
  ]) {
    assert.ok(header.includes(line), `ncdump -hs: expected ${line}`);
  }
  assert.ok(!header.includes('bnds(bnds)'), 'bnds is a dimension, not a variable');
});

test('invented data say so; real data carry the attribution of their licence', { skip }, async () => {
  assert.match(ncdump('-h'), /:license = "Simulated data/);
  const real = join(folder, 'real.nc');
  await writeForecastNetcdf(real, {
    ...inputs,
    bands: bandsOf(inputs),
    run: { ...inputs.run, simulated: false },
    version: '0',
  });
  const { stdout } = spawnSync('ncdump', ['-h', real], { encoding: 'utf8' });
  assert.match(stdout, /:license = "Contains modified Copernicus Atmosphere Monitoring Service information" ;/);
});

test('values are those of the posterior to single precision', { skip }, () => {
  const variable = inputs.posterior.variables[0];
  assert.ok(variable);
  const expectations: readonly (readonly [string, Float64Array])[] = [
    ['pm2_5_mean', variable.mean],
    ['pm2_5_sd', variable.sd],
    ['pm2_5_q025', quantileField(variable.mean, variable.sd, 0.025)],
    ['pm2_5_q975', quantileField(variable.mean, variable.sd, 0.975)],
    ['pm2_5_p_exceed_15', exceedanceField(variable.mean, variable.sd, 15)],
  ];
  for (const [name, expected] of expectations) {
    const found = dumpedValues(name);
    assert.equal(found.length, expected.length, name);
    expected.forEach((value, k) => {
      // Half a unit in the last place of a float32 is 6e-8 relative; nine printed digits add 1e-9.
      assert.ok(Math.abs((found[k] as number) - value) <= 6.2e-8 * Math.abs(value) + 1e-44, `${name}[${k}]`);
    });
  }
  assert.deepEqual(dumpedValues('time'), [20098, 20099, 20100]);
  assert.deepEqual(dumpedValues('origin'), [0, 0, 1]);
  assert.deepEqual(dumpedValues('time_bnds').slice(0, 4), [20098, 20099, 20099, 20100]);
  const latitudeBounds = dumpedValues('latitude_bnds');
  // Sums of decimal fractions in double precision.
  assert.ok(
    Math.abs((latitudeBounds[0] as number) - 46.1) < 1e-12 && Math.abs((latitudeBounds[1] as number) - 46) < 1e-12,
  );
});

test('days without data carry an origin of their own, pollutant by pollutant', { skip }, async () => {
  const target = join(folder, 'gaps.nc');
  const variables = inputs.posterior.variables.map((variable, k) => ({
    ...variable,
    hasData: k === 0 ? [true, false, false] : [true, false, true],
  }));
  await writeForecastNetcdf(target, {
    ...inputs,
    bands: bandsOf({ posterior: { ...inputs.posterior, variables } }),
    version: '0',
  });
  const flagsOf = (name: string): string =>
    /data:\s+\w+ = (.*) ;/u.exec(spawnSync('ncdump', ['-v', name, target], { encoding: 'utf8' }).stdout)?.[1] ?? '';
  // 0 analysis, 1 forecast, 3 none
  assert.equal(flagsOf('pm2_5_origin'), '0, 3, 3');
  assert.equal(flagsOf('o3_origin'), '0, 3, 1');
  assert.equal(flagsOf('origin'), '0, 3, 1');
});

test('a failure leaves neither the file nor a part of it', async () => {
  const target = join(folder, 'broken', 'file.nc');

  await assert.rejects(
    writeNetcdfFile(target, (builder) => {
      builder.addCoordinate('x', Float64Array.of(1, 2), {});
      builder.addVariable('y', ['x'], Float32Array.of(1), {});
    }),
    (error) => isTramontanaError(error, 'Products.ShapeMismatch'),
  );
  await assert.rejects(
    writeNetcdfFile(target, (builder) => builder.addVariable('y', ['x'], Float32Array.of(1), {})),
    (error) => isTramontanaError(error, 'Products.UnknownDimension'),
  );

  assert.deepEqual(await readdir(join(folder, 'broken')), []);
});

test('the quality of the input is said in the attributes, whatever it is', { skip }, () => {
  assert.match(
    ncdump('-h'),
    /:tramontana_quality = "degrade: pm10: 0\.4 % of the values are missing on 2025-01-13" ;/u,
  );
});

test('days in a row are a variable by their last day, empty before', { skip }, () => {
  const header = ncdump('-h');

  for (const line of [
    'float pm2_5_p_exceed_12p5_2_days(time, latitude, longitude) ;',
    'pm2_5_p_exceed_12p5_2_days:threshold_ug_m3 = 12.5 ;',
    'pm2_5_p_exceed_12p5_2_days:days_in_a_row = 2 ;',
    'pm2_5_p_exceed_12p5_2_days:units = "1" ;',
    'pm2_5_p_exceed_12p5_2_days:grid_mapping = "crs" ;',
  ]) {
    assert.ok(header.includes(line), line);
  }
  assert.match(header, /on 2 days in a row, of which this is the last/);
  const [run] = syntheticRuns(inputs.posterior);
  assert.deepEqual(dumpedValues('pm2_5_p_exceed_12p5_2_days'), [...(run?.probability ?? [])]);
});
