// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isTramontanaError } from '../../common/errors.js';
import { selectBoundingBox } from '../bounding-box.js';
import { hoursTo, sampleField, START_MS } from '../testing/sample-fields.js';
import { mergeFields } from './merge-fields.js';
import { selectSpecies } from './select-species.js';

const HOUR_MS = 3_600_000;

function hoursOf(field: { readonly timesMs: Float64Array }): readonly number[] {
  return Array.from(field.timesMs, (time) => (time - START_MS) / HOUR_MS);
}

describe('merge', () => {
  it('an hour that has an analysis is never a forecast, whatever the order of the files', () => {
    const analysis = sampleField({ hours: hoursTo(4), valueAt: () => 1 });
    const forecast = sampleField({ hours: hoursTo(6, 1, 2), origin: 'forecast', runHour: 0, valueAt: () => 2 });
    for (const fields of [
      [analysis, forecast],
      [forecast, analysis],
    ]) {
      const merged = mergeFields(fields);
      assert.deepEqual(hoursOf(merged), [0, 1, 2, 3, 4, 5]);
      assert.deepEqual(Array.from(merged.variables[0]?.values ?? []), [1, 1, 1, 1, 2, 2]);
      assert.deepEqual(merged.origins, ['analysis', 'analysis', 'analysis', 'analysis', 'forecast', 'forecast']);
      assert.deepEqual(Array.from(merged.runTimesMs ?? []), [NaN, NaN, NaN, NaN, START_MS, START_MS]);
    }
  });

  it('of two runs the later one wins, whatever the order of the files', () => {
    const early = sampleField({ hours: hoursTo(48), origin: 'forecast', runHour: 0, valueAt: () => 1 });
    const late = sampleField({ hours: hoursTo(48, 1, 24), origin: 'forecast', runHour: 24, valueAt: () => 2 });
    for (const fields of [
      [early, late],
      [late, early],
    ]) {
      const merged = mergeFields(fields);
      assert.deepEqual([...new Set(merged.variables[0]?.values.slice(0, 24))], [1]);
      assert.deepEqual([...new Set(merged.variables[0]?.values.slice(24))], [2]);
      assert.ok(merged.issues.some((item) => item.code === 'overlapping-runs'));
    }
  });

  it('an analysis without any value leaves its hour to the forecast', () => {
    const analysis = sampleField({ hours: [0, 1], valueAt: (hour) => (hour === 1 ? NaN : 1) });
    const forecast = sampleField({ hours: [0, 1], origin: 'forecast', valueAt: () => 2 });
    const merged = mergeFields([analysis, forecast]);
    assert.deepEqual(Array.from(merged.variables[0]?.values ?? []), [1, 2]);
    assert.deepEqual(merged.origins, ['analysis', 'forecast']);
  });

  it('files of one species each become one field', () => {
    const merged = mergeFields([
      sampleField({ hours: [0, 1], species: ['pm10'], file: 'a.nc' }),
      sampleField({ hours: [1, 2], species: ['o3'], file: 'b.nc' }),
    ]);
    assert.deepEqual(
      merged.variables.map((variable) => [variable.species, Array.from(variable.values)]),
      [
        ['pm10', [0, 1, NaN]],
        ['o3', [NaN, 1, 2]],
      ],
    );
    assert.deepEqual(
      merged.sources.map((source) => source.file),
      ['a.nc', 'b.nc'],
    );
  });

  it('grids of another extent are cropped to what they share', () => {
    const wide = sampleField({ hours: [0], longitudes: [9.05, 9.15, 9.25], valueAt: (_, cell) => cell });
    const narrow = sampleField({ hours: [1], longitudes: [9.15 + 1e-6, 9.25, 9.35], valueAt: (_, cell) => 10 + cell });
    const merged = mergeFields([wide, narrow]);
    assert.deepEqual(merged.longitudesDegrees, Float64Array.of(9.15, 9.25));
    assert.deepEqual(Array.from(merged.variables[0]?.values ?? []), [1, 2, 10, 11]);
    assert.equal(merged.issues.filter((item) => item.code === 'cropped-grid').length, 2);
  });

  it('a grid that was shifted by half a cell is refused with both grids', () => {
    const one = sampleField({ hours: [0], longitudes: [9.05, 9.15], file: 'old.nc' });
    const two = sampleField({ hours: [1], longitudes: [9.1, 9.2], file: 'new.nc' });
    assert.throws(
      () => mergeFields([one, two]),
      (error) =>
        isTramontanaError(error, 'Ingest.GridMismatch') &&
        /longitudes of old\.nc \(9\.05 to 9\.15.*new\.nc \(9\.1 to 9\.2.*shifted/.test(error.message),
    );
  });

  it('tiles of one area are refused with the command that joins them', () => {
    const west = sampleField({ hours: [0], longitudes: [9.05, 9.15], file: 'west.nc' });
    const east = sampleField({ hours: [0], longitudes: [9.25, 9.35, 9.45], file: 'east.nc' });
    assert.throws(
      () => mergeFields([west, east]),
      (error) =>
        isTramontanaError(error, 'Ingest.GridMismatch') && /tiles of one area.*cdo collgrid/.test(error.message),
    );
  });

  it('nothing to merge is an error', () => {
    assert.throws(() => mergeFields([]), /expected at least one field/);
  });
});

describe('selection', () => {
  const field = sampleField({
    hours: [0],
    species: ['o3', 'no2'],
    latitudes: [46.05, 45.05],
    longitudes: [-179.95, 9.05, 179.95],
    valueAt: (_, cell, species) => (species === 'no2' ? NaN : cell),
    file: 'a.nc',
  });

  it('keeps the cells of a box, also over the 180th meridian', () => {
    const plain = selectBoundingBox(field, { north: 46.05, south: 45.5, west: 9, east: 10 });
    assert.deepEqual(Array.from(plain.variables[0]?.values ?? []), [1]);
    const dateline = selectBoundingBox(field, { north: 90, south: 45.5, west: 179, east: -179 });
    assert.deepEqual(Array.from(dateline.variables[0]?.values ?? []), [0, 2]);
    const shifted = selectBoundingBox(field, { north: 90, south: -90, west: 0, east: 360 });
    assert.equal(shifted.longitudesDegrees.length, 3);
  });

  it('an empty box names the file and its extent', () => {
    assert.throws(
      () => selectBoundingBox(field, { north: 46.04, south: 45.06, west: 9, east: 10 }),
      (error) =>
        isTramontanaError(error, 'Ingest.EmptyBoundingBox') &&
        /^a\.nc: .*\{north 46\.05, west -179\.95, south 45\.05, east 179\.95\}/.test(error.message),
    );
  });

  it('asks for species by name, and says what is there', () => {
    assert.deepEqual(
      selectSpecies(field, ['o3']).variables.map((variable) => variable.species),
      ['o3'],
    );
    assert.throws(() => selectSpecies(field, ['pm10']), /a\.nc: expected a variable with pm10; available: o3, no2/);
    assert.throws(() => selectSpecies(field, ['no2']), /a\.nc: no2: expected at least one value, all 6 are missing/);
  });
});
