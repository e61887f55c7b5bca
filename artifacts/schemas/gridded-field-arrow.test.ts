// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tableFromIPC } from 'apache-arrow';
import { isTramontanaError } from '../../common/errors.js';
import { decodeGriddedField, encodeGriddedField } from './gridded-field-arrow.js';
import type { GriddedField } from './gridded-field.js';

const DAY_MS = 86_400_000;

function sampleField(): GriddedField {
  return {
    cadence: 'daily',
    latitudesDegrees: Float64Array.of(45.15, 45.05),
    longitudesDegrees: Float64Array.of(-0.05, 0.05, 0.1 + 0.2),
    timesMs: Float64Array.of(0, DAY_MS),
    origins: ['analysis', 'forecast'],
    variables: [
      {
        species: 'pm2_5',
        units: 'ug m-3',
        statistic: 'daily_mean',
        values: Float64Array.of(1, NaN, 0.1, -0, 5e-324, 1 / 3, 7, 8, 9, 10, 11, 1.7e308),
      },
      { species: 'o3', units: 'ug m-3', statistic: 'daily_max_8h_mean', values: new Float64Array(12).fill(NaN) },
    ],
  };
}

function bits(values: Float64Array): BigUint64Array {
  return new BigUint64Array(Float64Array.from(values).buffer);
}

test('a field survives the round trip bit by bit', () => {
  const field = sampleField();
  const back = decodeGriddedField(encodeGriddedField(field));
  assert.deepEqual({ ...back, variables: [] }, { ...field, variables: [] });
  back.variables.forEach((variable, index) => {
    const original = field.variables[index];
    assert.ok(original);
    assert.deepEqual({ ...variable, values: null }, { ...original, values: null });
    assert.deepEqual(bits(variable.values), bits(original.values));
  });
});

test('run times survive, unknown ones as NaN', () => {
  const field = { ...sampleField(), runTimesMs: Float64Array.of(NaN, DAY_MS) };
  const back = decodeGriddedField(encodeGriddedField(field));
  assert.deepEqual(back.runTimesMs, Float64Array.of(NaN, DAY_MS));
});

test('a table reader sees labelled rows with units', () => {
  const table = tableFromIPC(encodeGriddedField(sampleField()));
  assert.equal(table.numRows, 12);
  const row = table.get(5)?.toJSON() ?? {};
  assert.equal(row['longitude'], 0.1 + 0.2);
  assert.equal(row['latitude'], 45.05);
  assert.equal(row['origin'], 'analysis');
  assert.equal(table.get(6)?.toJSON()['origin'], 'forecast');
  assert.equal(
    table.schema.fields.find((field) => field.name === 'o3')?.metadata.get('statistic'),
    'daily_max_8h_mean',
  );
});

test('foreign bytes and misshaped fields are refused by name', () => {
  assert.throws(
    () => decodeGriddedField(new Uint8Array([1, 2, 3])),
    (error) => isTramontanaError(error, 'Artifact.UnknownSchema'),
  );
  const field = sampleField();
  const short = {
    ...field,
    variables: [{ ...field.variables[0], values: new Float64Array(3) } as GriddedField['variables'][number]],
  };
  assert.throws(() => encodeGriddedField(short), /pm2_5: expected 12 values, got 3/);
});
