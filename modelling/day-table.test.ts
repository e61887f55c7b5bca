// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { GriddedField } from '../artifacts/schemas/gridded-field.js';
import { DAY_MS } from '../common/days.js';
import { buildDayTable } from './day-table.js';

const START_MS = Date.parse('2026-03-01T00:00:00Z');

test('the lead of a forecast day counts from its run, whichever days analyses cover', () => {
  const at = (day: number): number => START_MS + day * DAY_MS;
  const field: GriddedField = {
    cadence: 'daily',
    latitudesDegrees: Float64Array.of(45),
    longitudesDegrees: Float64Array.of(9),
    timesMs: Float64Array.from({ length: 6 }, (_, day) => at(day)),
    origins: ['analysis', 'analysis', 'forecast', 'forecast', 'forecast', 'forecast'],
    variables: [],
  };
  const options = { forecastErrorSds: [0.1, 0.2, 0.3], horizonDaysWithoutForecast: 1 };
  const tableOf = (runs: readonly number[]) =>
    buildDayTable({ ...field, runTimesMs: Float64Array.of(NaN, NaN, ...runs) }, options);
  const leadsOf = (runs: readonly number[]) =>
    tableOf(runs)
      .slice(2)
      .map(({ leadDay }) => leadDay);
  // a day between the analyses and the run, of the run before; a run of noon; a cycle made of an older run; runs nobody knows
  assert.deepEqual(leadsOf([at(2), at(3), at(3), at(3)]), [0, 0, 1, 2]);
  assert.deepEqual(leadsOf([at(1.5), at(1.5), at(1.5), at(1.5)]), [0, 1, 2, 3]);
  assert.deepEqual(leadsOf([at(0), at(0), at(0), at(0)]), [2, 3, 4, 5]);
  assert.deepEqual(leadsOf([at(2), NaN, NaN, NaN]), [0, 1, 2, 3]);
  assert.deepEqual(
    tableOf([at(2), at(3), at(3), at(1)]).map(({ forecastErrorSd }) => forecastErrorSd),
    [undefined, undefined, 0.1, 0.1, 0.2, 0.3],
  );
});
