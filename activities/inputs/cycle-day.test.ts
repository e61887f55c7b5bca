// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { FieldOrigin, GriddedField } from '../../artifacts/schemas/gridded-field.js';
import { isTramontanaError } from '../../common/errors.js';
import { cycleDayOf } from './cycle-day.js';
import { keepTimes } from '../../ingest/index.js';
import { knownAtCycle, withinWindow } from './cycle-window.js';

const DAY_MS = 86_400_000;
const FIRST_MS = Date.parse('2026-03-01T00:00:00Z');

/** One cell, one value a day that is the day's number. */
function fieldOf(origins: readonly FieldOrigin[], runDays?: readonly number[]): GriddedField {
  return {
    cadence: 'daily',
    latitudesDegrees: Float64Array.of(45),
    longitudesDegrees: Float64Array.of(9),
    timesMs: Float64Array.from(origins, (_, day) => FIRST_MS + day * DAY_MS),
    origins,
    ...(runDays === undefined ? {} : { runTimesMs: Float64Array.from(runDays, (day) => FIRST_MS + day * DAY_MS) }),
    variables: [
      {
        species: 'o3',
        units: 'ug m-3',
        statistic: 'instantaneous',
        values: Float64Array.from(origins, (_, day) => day),
      },
    ],
  };
}

describe('day of the cycle', () => {
  const scan = {
    firstDay: '2026-03-01',
    lastDay: '2026-03-05',
    firstForecastDay: '2026-03-03',
    lastAnalysisDay: '2026-03-02',
  };

  it('is the requested day, else the first that only forecasts cover, else the day after the analyses or the data', () => {
    assert.equal(cycleDayOf(scan, '2026-03-02'), '2026-03-02');
    assert.equal(cycleDayOf(scan, undefined), '2026-03-03');
    // forecasts of an older run go on after the analyses
    assert.equal(cycleDayOf({ ...scan, firstForecastDay: null }, undefined), '2026-03-03');
    assert.equal(cycleDayOf({ ...scan, firstForecastDay: null, lastAnalysisDay: null }, undefined), '2026-03-06');
  });

  it('must lie within the data or on the day after', () => {
    assert.equal(cycleDayOf(scan, '2026-03-06'), '2026-03-06');
    for (const day of ['2026-02-28', '2026-03-07']) {
      assert.throws(
        () => cycleDayOf(scan, day),
        (error) => isTramontanaError(error, 'Input.NoDataForCycle') && error.message.includes(day),
      );
    }
  });
});

describe('what a cycle may know', () => {
  it('analyses of earlier days, and forecasts of runs up to the day', () => {
    const field = fieldOf(['analysis', 'analysis', 'forecast', 'forecast', 'analysis'], [NaN, NaN, 2, 3, NaN]);
    assert.deepEqual(knownAtCycle(field, '2026-03-03'), [0, 1, 2]);
    assert.deepEqual(knownAtCycle(field, '2026-03-02'), [0]);
  });

  it('a window of days around it; an empty one is refused', () => {
    const field = fieldOf(['analysis', 'analysis', 'analysis', 'forecast', 'forecast']);
    const window = { maximumHistoryDays: 2, maximumHorizonDays: 1 };
    assert.deepEqual(withinWindow(field, '2026-03-04', window), [1, 2, 3]);
    assert.throws(
      () => withinWindow(field, '2027-01-01', window),
      (error) => isTramontanaError(error, 'Input.NoDataForCycle'),
    );
  });

  it('keeping times keeps everything that belongs to them', () => {
    const kept = keepTimes(fieldOf(['analysis', 'analysis', 'forecast'], [NaN, NaN, 2]), [0, 2]);
    assert.deepEqual(kept.origins, ['analysis', 'forecast']);
    assert.deepEqual([...(kept.variables[0]?.values ?? [])], [0, 2]);
    assert.deepEqual([...(kept.runTimesMs ?? [])], [NaN, FIRST_MS + 2 * DAY_MS]);
    assert.deepEqual([...kept.timesMs], [FIRST_MS, FIRST_MS + 2 * DAY_MS]);
  });
});
