// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isTramontanaError } from '../common/errors.js';
import { isHorizontalAxis } from './cams/coordinates.js';
import { matchSpecies } from './cams/species.js';
import { parseTimeScale } from './cams/time-units.js';
import { inspectFile } from './inspect-file.js';
import type { Attributes, NetcdfVariable } from './netcdf/types.js';
import { regionalDataset, temporaryFile } from './testing/sample-files.js';
import { classicBytes } from './testing/write-classic.js';

function variable(name: string, attributes: Attributes): NetcdfVariable {
  return { name, type: 'float', dimensions: [name], shape: [1], attributes };
}

describe('units before names', () => {
  it('coordinates of a projection or a rotated grid are no latitudes and longitudes', () => {
    for (const [name, attributes] of [
      ['x', { units: 'km' }],
      ['x', { units: 'm', standard_name: 'projection_x_coordinate' }],
      ['lon', { units: 'degrees', standard_name: 'grid_longitude' }],
    ] as const) {
      assert.equal(isHorizontalAxis(variable(name, attributes), 'longitude'), false, name);
    }
    assert.equal(isHorizontalAxis(variable('x', { units: 'degrees_east' }), 'longitude'), true);
    assert.equal(isHorizontalAxis(variable('lon', { units: 'degrees' }), 'longitude'), true);
    assert.equal(isHorizontalAxis(variable('x', {}), 'longitude'), true);
  });

  it('a file in projected kilometres is refused with its units and the remedy', async (context) => {
    const axis = (name: string, values: readonly number[], units: string) =>
      ({ name, type: 'double', dimensions: [name], values, attributes: { units } }) as const;
    const bytes = classicBytes({
      dimensions: { time: 1, y: 2, x: 2 },
      variables: [
        axis('time', [0], 'hours since 2025-07-01'),
        axis('y', [45, 46], 'km'),
        axis('x', [9, 10], 'km'),
        {
          name: 'pm10',
          type: 'float',
          dimensions: ['time', 'y', 'x'],
          values: [1, 2, 3, 4],
          attributes: { units: 'ug m-3' },
        },
      ],
    });
    await assert.rejects(
      inspectFile(await temporaryFile(context, 'lambert.nc', bytes)),
      (error) =>
        isTramontanaError(error, 'Ingest.BadCoordinate') &&
        /variable "y": expected a latitude in degrees.*in "km".*cdo remapbil/.test(error.message),
    );
  });
});

describe('longitudes in other units of angle', () => {
  for (const [units, longitudes, factor] of [
    ['degrees_west', [-8.95, -9.05, -9.15], '-1'],
    ['radian', [0.156, 0.158, 0.16], '57\\.29577951308232'],
  ] as const) {
    it(`${units}: named as what they are, with the command that converts them`, async (context) => {
      const dataset = regionalDataset({ hours: [0], longitudes });
      const variables = dataset.variables.map((item) =>
        item.name === 'longitude' ? { ...item, attributes: { units } } : item,
      );
      const path = await temporaryFile(context, 'angle.nc', classicBytes({ ...dataset, variables }));
      await assert.rejects(inspectFile(path), (error) => {
        assert.ok(isTramontanaError(error, 'Ingest.BadCoordinate'), String(error));
        const command = `ncap2 -s 'longitude=longitude\\*${factor}; longitude@units="degrees_east"'`;
        assert.match(
          error.message,
          new RegExp(`expected a longitude in degrees_east, got units "${units}".*${command}`),
        );
        return true;
      });
    });
  }
});

describe('time units as udunits spells them', () => {
  const october = Date.UTC(2023, 9, 1);
  for (const [units, referenceMs, unitMs] of [
    ['hours since 2023-10-1 0:0', october, 3_600_000],
    ['days since 2023-10-01 00:00:00 UTC', october, 86_400_000],
    ['seconds since 1970-01-01T00:00:00Z', 0, 1000],
    ['h since 20231001', october, 3_600_000],
    ['hr since 20231001T06', october + 6 * 3_600_000, 3_600_000],
    ['msec since 1970-01-01', 0, 1],
    ['microseconds since 1970-01-01', 0, 1e-3],
    ['nanoseconds since 2023-10-01', october, 1e-6],
    ['hours since 2023/10/01 00:00', october, 3_600_000],
    ['minutes after 2023-10-01', october, 60_000],
  ] as const) {
    it(units, () => {
      assert.deepEqual(parseTimeScale(units, undefined, undefined), { referenceMs, unitMs });
    });
  }
});

describe('time axes that other tools must change', () => {
  for (const [units, remedy] of [
    ['day as %Y%m%d.%f', '`cdo -r copy IN.nc OUT.nc`'],
    ['hours since 1-1-1 00:00:00', '`cdo setreftime,1970-01-01,00:00:00,1hour IN.nc OUT.nc`'],
  ] as const) {
    it(`${units}: the command is named`, () => {
      const problem = parseTimeScale(units, undefined, 'standard');
      assert.ok('expectation' in problem && problem.expectation.includes(remedy), JSON.stringify(problem));
      assert.equal(problem.found, `units "${units}"`);
    });
  }
});

describe('GRIB converted by cfgrib or cdo', () => {
  for (const [name, attributes, remedies] of [
    ['mdens', { long_name: 'Mass density', units: 'kg m**-3', param: '0.20.0' }, ['ncrename -v mdens,o3_conc']],
    [
      'unknown',
      { long_name: 'unknown', units: 'unknown', GRIB_paramId: 0 },
      ['ncrename -v unknown,o3_conc', 'ncatted -a units,o3_conc,o,c,"kg m-3"'],
    ],
  ] as const) {
    it(`${name} without its species (a regional GRIB) is refused with the commands that name it`, async (context) => {
      const dataset = regionalDataset({ species: { [name]: {} } });
      const variables = dataset.variables.map((item) => (item.name === name ? { ...item, attributes } : item));
      const path = await temporaryFile(context, 'x.nc', classicBytes({ ...dataset, variables }));
      await assert.rejects(inspectFile(path), (error) => {
        assert.ok(isTramontanaError(error, 'Ingest.NoPollutants'), String(error));
        for (const remedy of remedies) assert.ok(error.message.includes(remedy), error.message);
        return true;
      });
    });
  }

  for (const [name, attributes, species] of [
    ['unknown', { GRIB_paramId: 210073 }, 'pm2_5'],
    ['unknown', { GRIB_paramId: 210074, long_name: 'unknown' }, 'pm10'],
    ['mdens', { GRIB_paramId: 400000, GRIB_constituentType: 5 }, 'no2'],
    ['mdens', { long_name: 'Mass density', standard_name: 'mass_concentration_of_ozone_in_air' }, 'o3'],
    ['var210073', {}, 'pm2_5'],
  ] as const) {
    it(`${name} ${JSON.stringify(attributes)} is ${species}`, () => {
      assert.deepEqual(matchSpecies(variable(name, attributes)), { species, quantity: 'concentration' });
    });
  }

  it('a number that is none of ours leaves the variable unknown', () => {
    assert.equal(matchSpecies(variable('unknown', { GRIB_paramId: 167 })), undefined);
  });
});
