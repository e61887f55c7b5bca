// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { FineGridPosterior } from '../artifacts/schemas/fine-grid-posterior.js';
import type { FieldOrigin } from '../artifacts/schemas/gridded-field.js';
import { formatBytes, formatNumber, formatSeconds, formatShare, indexOfDay, unitsForPeople } from './formatting.js';
import { exposureRecords, headlineSentences } from './headline.js';

const DAY_MS = 86_400_000;
const THRESHOLDS = [{ pollutant: 'pm2_5', value_ug_m3: 15, label: 'WHO 2021 daily guideline' }] as const;

/** Four cells about the equator, where all have nearly the same area; north-west, north-east, south-west, south-east. */
function posterior(days: readonly (readonly [FieldOrigin, readonly number[]])[]): FineGridPosterior {
  return {
    resolutionDegrees: 0.01,
    latitudesDegrees: Float64Array.of(0.005, -0.005),
    longitudesDegrees: Float64Array.of(9.005, 9.015),
    timesMs: Float64Array.from(days, (_, k) => Date.UTC(2025, 6, 14) + k * DAY_MS),
    origins: days.map(([origin]) => origin),
    variables: [
      {
        pollutant: 'pm2_5',
        units: 'ug m-3',
        statistic: 'daily_mean',
        hasData: days.map(() => true),
        mean: Float64Array.from(days.flatMap(([, values]) => values)),
        sd: new Float64Array(4 * days.length).fill(1),
      },
    ],
  };
}

test('exposure is the area share with at least even odds, and where it lies', () => {
  const [record] = exposureRecords(posterior([['forecast', [20, 10, 10, 10]]]), THRESHOLDS);

  assert.ok(record);
  // Symmetric about the equator: all four cells have the same area up to rounding.
  assert.ok(Math.abs(record.areaShareLikely - 0.25) < 1e-12);
  assert.ok(Math.abs(record.areaMean_ug_m3 - 12.5) < 1e-12);
  assert.equal(record.highestMean_ug_m3, 20);
  assert.equal(record.where, 'mostly the north-west');
  assert.equal(record.day, '2025-07-14');
});

test('the headline names days, extent and place of likely exceedances ahead, not those behind', () => {
  const records = exposureRecords(
    posterior([
      ['analysis', [30, 30, 30, 30]],
      ['forecast', [20, 20, 10, 10]],
      ['forecast', [10, 10, 10, 10]],
    ]),
    THRESHOLDS,
  );

  assert.deepEqual(headlineSentences(records), [
    {
      pollutant: 'pm2_5',
      level: 'likely',
      text:
        'PM₂.₅ is likely to exceed the WHO 2021 daily guideline of 15 µg/m³ on 1 of 2 days, most widely on ' +
        'Tuesday 15 July: over 50 % of the area, mostly the north.',
    },
  ]);
});

test('without a likely exceedance the headline gives the highest chance', () => {
  const possible = headlineSentences(exposureRecords(posterior([['forecast', [14, 10, 10, 10]]]), THRESHOLDS));
  const unlikely = headlineSentences(exposureRecords(posterior([['forecast', [10, 10, 10, 10]]]), THRESHOLDS));

  assert.equal(possible[0]?.level, 'possible');
  // P(Z > 1) = 0.159.
  assert.match(possible[0].text, /at most 16 % anywhere/);
  assert.equal(unlikely[0]?.level, 'unlikely');
  assert.match(unlikely[0].text, /below 1 %/);
});

test('without a forecast the latest day is described', () => {
  const records = exposureRecords(
    posterior([
      ['analysis', [10, 10, 10, 10]],
      ['analysis', [20, 20, 20, 20]],
    ]),
    THRESHOLDS,
  );

  assert.match(headlineSentences(records)[0]?.text ?? '', /15 µg\/m³ on Tuesday 15 July: practically everywhere\.$/);
});

test('numbers read as people write them', () => {
  assert.deepEqual(
    [0, 1234.5, -0.04567, 12.345, 3.2e-6, 4.5e7, Number.NaN].map((value) => formatNumber(value)),
    ['0', '1235', '−0.0457', '12.3', '3.20 × 10⁻⁶', '4.50 × 10⁷', '–'],
  );
  assert.deepEqual([0, 0.004, 0.34, 0.998, 1].map(formatShare), ['0 %', '< 1 %', '34 %', '> 99 %', '100 %']);
  assert.deepEqual([0.034, 12.34, 125].map(formatSeconds), ['34 ms', '12.3 s', '2 min 05 s']);
  assert.deepEqual([999, 12_345, 1_400_000].map(formatBytes), ['999 B', '12.3 kB', '1.4 MB']);
  assert.equal(unitsForPeople('ug m-3 km-1'), 'µg m⁻³ km⁻¹');
  assert.equal(indexOfDay(Float64Array.of(0, DAY_MS), DAY_MS + 3_600_000), 1);
});
