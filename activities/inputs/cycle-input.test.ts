// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { FieldOrigin } from '../../artifacts/schemas/gridded-field.js';
import { DAY_MS } from '../../common/days.js';
import { isTramontanaError } from '../../common/errors.js';
import { judgeCycleInput } from './cycle-input.js';
import type { InputTimes } from './days-with.js';

const FIRST_MS = Date.parse('2026-03-01T00:00:00Z');

/** Daily values of March days, of one origin and run. */
function days(from: number, to: number, origin: FieldOrigin, runDay?: number): InputTimes {
  const count = to - from + 1;
  return {
    cadence: 'daily',
    timesMs: Float64Array.from({ length: count }, (_, k) => FIRST_MS + (from - 1 + k) * DAY_MS),
    origins: Array.from({ length: count }, () => origin),
    ...(runDay === undefined ? {} : { runTimesMs: new Float64Array(count).fill(FIRST_MS + (runDay - 1) * DAY_MS) }),
  };
}

const march = (day: number): string => `2026-03-${String(day).padStart(2, '0')}`;
const judge = (fields: readonly InputTimes[], day: number) => judgeCycleInput(fields, march(day), 0.75);
const analyses = days(2, 15, 'analysis');
const run16 = days(16, 19, 'forecast', 16);

describe('the input of a cycle', () => {
  it('is there with a run of the day, of the evening before, of an unknown time, or with analyses to the day before', () => {
    assert.equal(judge([analyses, run16], 16).state, 'present');
    assert.equal(judge([run16], 16).state, 'present');
    assert.equal(judge([days(16, 19, 'forecast', 15.5)], 16).state, 'present');
    assert.equal(judge([days(16, 19, 'forecast')], 18).state, 'present');
    assert.equal(judge([analyses], 16).state, 'present');
    // analyses that lag do not make a cycle late whose run is there
    assert.equal(judge([days(2, 13, 'analysis'), run16], 16).state, 'present');
  });

  it('is late where an earlier run covers the day, and says what is there', () => {
    const { state, reason } = judge([analyses, run16], 17);
    assert.equal(state, 'late');
    assert.match(
      reason ?? '',
      /cycle 2026-03-17 is not there: analyses to 2026-03-15 and the run of 2026-03-16T00:00 UTC/,
    );
    assert.equal(judge([analyses, run16], 19).state, 'late');
    assert.equal(judge([run16], 17).state, 'late');
  });

  it('is refused where nothing covers the day', () => {
    for (const [fields, day, told] of [
      [
        [analyses, run16],
        20,
        /got analyses to 2026-03-15 and the run of 2026-03-16T00:00 UTC, whose last day is 2026-03-19/,
      ],
      [[run16], 20, /got no analysis and the run of/],
      [[analyses], 17, /got analyses to 2026-03-15 and no forecast$/],
      [[days(16, 19, 'forecast')], 20, /forecasts of an unknown run, whose last day is 2026-03-19/],
    ] as const) {
      assert.throws(
        () => judge(fields, day),
        (error) => isTramontanaError(error, 'Input.NoDataForCycle') && told.test(error.message),
      );
    }
  });

  it('is judged by what was known on the day: later runs and analyses do not count', () => {
    // a rerun of a past cycle, with everything that came since
    const all = [days(2, 30, 'analysis'), run16, days(17, 20, 'forecast', 17)];
    assert.equal(judge(all, 17).state, 'present');
    assert.equal(judge([analyses, run16, days(18, 21, 'forecast', 18)], 17).state, 'late');
    assert.throws(
      () => judge([days(2, 10, 'analysis'), days(18, 21, 'forecast', 18)], 15),
      (error) => isTramontanaError(error, 'Input.NoDataForCycle'),
    );
  });

  it('of a run whose file ends early on the day is that of the run before', () => {
    const hours = (runDay: number, count: number): InputTimes => ({
      cadence: 'hourly',
      timesMs: Float64Array.from({ length: count }, (_, hour) => FIRST_MS + (runDay - 1) * DAY_MS + hour * 3_600_000),
      origins: Array.from({ length: count }, () => 'forecast' as const),
      runTimesMs: new Float64Array(count).fill(FIRST_MS + (runDay - 1) * DAY_MS),
    });
    assert.equal(judge([hours(16, 96), hours(17, 5)], 17).state, 'late');
    assert.equal(judge([hours(16, 96), hours(17, 24)], 17).state, 'present');
  });
});
