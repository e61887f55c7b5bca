// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Attributes } from '../netcdf/types.js';
import { matchSpecies } from './species.js';

function speciesOf(name: string, attributes: Attributes = {}): string | undefined {
  const match = matchSpecies({ name, type: 'float', dimensions: [], shape: [], attributes });
  return match === undefined ? undefined : match.quantity === 'column' ? `${match.species} (column)` : match.species;
}

test('names of regional, global, EAC4 and ADS files', () => {
  const names: Readonly<Record<string, string>> = {
    pm2p5_conc: 'pm2_5',
    pm10_conc: 'pm10',
    o3_conc: 'o3',
    no2_conc: 'no2',
    so2_conc: 'so2',
    pm2p5_nh4_conc: 'pm2_5_nh4',
    apg_conc: 'apg',
    pm2p5: 'pm2_5',
    go3: 'o3',
    particulate_matter_10um: 'pm10',
    nitrogen_dioxide: 'no2',
  };
  for (const [name, species] of Object.entries(names)) assert.equal(speciesOf(name), species, name);
});

test('an unknown name is recognised by its standard name, then by its long name', () => {
  assert.equal(
    speciesOf('var73', { standard_name: 'mass_concentration_of_pm2p5_ambient_aerosol_particles_in_air' }),
    'pm2_5',
  );
  assert.equal(speciesOf('x', { standard_name: 'mass_concentration_of_sulfur_dioxide_in_air' }), 'so2');
  assert.equal(speciesOf('p1', { long_name: 'Particulate matter d <= 10 um' }), 'pm10');
  assert.equal(speciesOf('p2', { long_name: 'Particulate matter d <= 2.5 \u00b5m' }), 'pm2_5');
  assert.equal(speciesOf('p3', { long_name: 'mass concentration of particulate matter with d < 2.5\u00b5m' }), 'pm2_5');
  assert.equal(speciesOf('p4', { long_name: 'Ozone mass concentration (full chemistry scheme)' }), 'o3');
});

test('a part of PM2.5 is not PM2.5', () => {
  assert.equal(speciesOf('v', { species: 'PM2.5 Nitrate', standard_name: 'Not Defined' }), undefined);
  assert.equal(speciesOf('v', { species: 'PM2.5 Aerosol', standard_name: 'Not Defined' }), 'pm2_5');
});

test('total columns are told from concentrations', () => {
  assert.equal(speciesOf('tcno2', { long_name: 'Total column Nitrogen dioxide' }), 'tcno2 (column)');
  assert.equal(speciesOf('gtco3', { long_name: 'GEMS Total column ozone' }), 'gtco3 (column)');
  assert.equal(speciesOf('q', { standard_name: 'atmosphere_mass_content_of_nitrogen_monoxide' }), 'q (column)');
});

test('coordinates and weather are no pollutants', () => {
  for (const name of ['time', 'latitude', 'level', 't2m', 'sp', 'crs']) assert.equal(speciesOf(name), undefined, name);
});
