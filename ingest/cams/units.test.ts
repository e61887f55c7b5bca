// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isTramontanaError } from '../../common/errors.js';
import { unitConversion } from './units.js';

const where = { file: 'a.nc', variable: 'pm10' };

describe('units of concentrations', () => {
  const spellings: Readonly<Record<string, number>> = {
    '\u00b5g/m3': 1,
    '\u03bcg/m3': 1,
    '\u00c2\u00b5g/m3': 1,
    'ug/m3': 1,
    'ug m-3': 1,
    'ug m**-3': 1,
    'ug.m-3': 1,
    'ug m^-3': 1,
    '\u00b5g m\u207b\u00b3': 1,
    '\u00b5g/m\u00b3': 1,
    'microgram/m3': 1,
    'micrograms m-3': 1,
    'mcg/m3': 1,
    'UG/M3': 1,
    ' ug / m3 ': 1,
    'kg m-3': 1e9,
    'kg m**-3': 1e9,
    'kg/m3': 1e9,
    'mg m-3': 1e3,
    'mg/m3': 1e3,
    'g m-3': 1e6,
    'ng m-3': 1e-3,
  };
  for (const [spelling, factor] of Object.entries(spellings)) {
    it(`"${spelling}" is ${factor} ug m-3`, () => {
      assert.deepEqual(unitConversion(spelling, 'concentration', where), { units: 'ug m-3', factor });
    });
  }

  for (const spelling of ['Mg m-3', 'grains/m3', 'ug', 'ug m-2', 'furlong', '', undefined]) {
    it(`${spelling === undefined ? 'no units' : `"${spelling}"`} is refused with file, variable, expectation and value`, () => {
      assert.throws(
        () => unitConversion(spelling, 'concentration', where),
        (error) =>
          isTramontanaError(error, 'Ingest.UnknownUnits') &&
          /^a\.nc: variable "pm10": expected units of a mass concentration \(kg m-3/.test(error.message) &&
          error.message.endsWith(spelling === undefined ? 'got no units attribute' : `got "${spelling}"`),
      );
    });
  }

  for (const spelling of ['kg kg**-1', 'kg kg-1', 'kg/kg', 'mol mol-1', 'ppb', 'ppbv', '1']) {
    it(`the mixing ratio "${spelling}" is refused with the reason`, () => {
      assert.throws(
        () => unitConversion(spelling, 'concentration', where),
        (error) => isTramontanaError(error, 'Ingest.MixingRatio') && error.message.includes('density of the air'),
      );
    });
  }

  it('a mass mixing ratio is converted when the density is known; a mole fraction still is not', () => {
    assert.deepEqual(unitConversion('kg kg**-1', 'concentration', where, 1.2), { units: 'ug m-3', factor: 1.2e9 });
    assert.throws(() => unitConversion('mol mol-1', 'concentration', where, 1.2), /mixing ratio/);
  });

  it('total columns are masses above a square metre', () => {
    assert.deepEqual(unitConversion('kg m**-2', 'column', where), { units: 'kg m-2', factor: 1 });
    assert.throws(() => unitConversion('kg m-3', 'column', where), /expected units of a total column/);
  });
});
