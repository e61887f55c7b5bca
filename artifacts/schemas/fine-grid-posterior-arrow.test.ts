// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { tableFromIPC } from 'apache-arrow';

import { isTramontanaError } from '../../common/errors.js';
import {
  decodeFineGridPosterior,
  encodeFineGridPosterior,
  FINE_GRID_POSTERIOR_SCHEMA,
} from './fine-grid-posterior-arrow.js';
import type { FineGridPosterior } from './fine-grid-posterior.js';

const DAY_MS = 86_400_000;

function samplePosterior(): FineGridPosterior {
  const variable = {
    units: 'ug m-3',
    hasData: [true, false],
    mean: Float64Array.of(1, NaN, 0.1, -0, 5e-324, 1 / 3, 7, 8, 9, 10, 11, 1.7e308),
    sd: Float64Array.from({ length: 12 }, (_, k) => Math.sqrt(k)),
  } as const;
  return {
    resolutionDegrees: 0.02,
    latitudesDegrees: Float64Array.of(45.03, 45.01),
    longitudesDegrees: Float64Array.of(-0.02, 0.1 + 0.2, 0.32),
    timesMs: Float64Array.of(0, 20_000 * DAY_MS),
    origins: ['analysis', 'forecast'],
    elevationM: Float64Array.of(1, 2, 3, 4, NaN, 6),
    variables: [
      { pollutant: 'pm2_5', statistic: 'daily_mean', ...variable },
      { pollutant: 'o3', statistic: 'daily_max_8h_mean', ...variable },
    ],
  };
}

test('a posterior survives the round trip bit by bit', () => {
  const posterior = samplePosterior();

  const back = decodeFineGridPosterior(encodeFineGridPosterior(posterior));

  // deepStrictEqual compares numbers by Object.is, hence tells -0 from 0 and takes NaN for NaN.
  assert.deepStrictEqual(back, posterior);
});

test('a posterior without elevation stays without it', () => {
  const { elevationM: _, ...posterior } = samplePosterior();

  assert.deepStrictEqual(decodeFineGridPosterior(encodeFineGridPosterior(posterior)), posterior);
});

test('a table reader sees labelled rows with units', () => {
  const table = tableFromIPC(encodeFineGridPosterior(samplePosterior()));

  const row = table.get(7)?.toJSON() ?? {};
  assert.equal(row['latitude'], 45.03);
  assert.equal(row['longitude'], 0.1 + 0.2);
  assert.equal(row['origin'], 'forecast');
  assert.equal(row['pm2_5_mean'], 8);
  assert.equal(table.schema.fields.find(({ name }) => name === 'o3_sd')?.metadata.get('units'), 'ug m-3');
  assert.equal(table.schema.metadata.get('tramontana.schema'), FINE_GRID_POSTERIOR_SCHEMA);
});

test('foreign bytes and misshaped posteriors are refused by name', () => {
  assert.throws(
    () => decodeFineGridPosterior(new Uint8Array([1, 2, 3])),
    (error) => isTramontanaError(error, 'Artifact.UnknownSchema'),
  );
  const posterior = samplePosterior();
  assert.throws(
    () => encodeFineGridPosterior({ ...posterior, elevationM: new Float64Array(5) }),
    /expected 6 values, got 5/,
  );
  assert.throws(() => encodeFineGridPosterior({ ...posterior, origins: ['analysis'] }), /expected 2 origins, got 1/);
  const first = posterior.variables[0];
  assert.ok(first);
  assert.throws(() => encodeFineGridPosterior({ ...posterior, variables: [first, first] }), /each pollutant once/);
});
