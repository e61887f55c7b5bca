// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { FieldOrigin } from '../../artifacts/schemas/gridded-field.js';
import { DAY_MS } from '../../common/days.js';
import { isTramontanaError } from '../../common/errors.js';
import { judgeCycleInput, requireInputOf } from './cycle-input.js';
import type { InputTimes } from './days-with.js';

const FIRST_MS = Date.parse('2026-03-01T00:00:00Z');
const COVERAGE = 0.75;

/** Daily values of March days, of one origin and run. */
function days(from: number, to: number, origin: FieldOrigin, runDay = NaN): InputTimes {
  const count = Math.max(0, to - from + 1);
  return {
    cadence: 'daily',
    timesMs: Float64Array.from({ length: count }, (_, k) => FIRST_MS + (from - 1 + k) * DAY_MS),
    origins: Array.from({ length: count }, () => origin),
    runTimesMs: new Float64Array(count).fill(FIRST_MS + (runDay - 1) * DAY_MS),
  };
}

/** One field of both. */
function joined(a: InputTimes, b: InputTimes): InputTimes {
  const runs = ({ runTimesMs }: InputTimes): readonly number[] => [...(runTimesMs ?? [])];
  return {
    cadence: 'daily',
    timesMs: Float64Array.of(...a.timesMs, ...b.timesMs),
    origins: [...a.origins, ...b.origins],
    runTimesMs: Float64Array.of(...runs(a), ...runs(b)),
  };
}

const march = (day: number): string => `2026-03-${String(day).padStart(2, '0')}`;
const isRefusal = (told: RegExp) => (error: unknown) =>
  isTramontanaError(error, 'Input.NoDataForCycle') && told.test(error.message);
const analyses = days(2, 15, 'analysis');
const run16 = days(16, 19, 'forecast', 16);

describe('the daily field of a cycle', () => {
  const judge = (daily: InputTimes, day: number, fields: readonly InputTimes[] = [daily]) =>
    judgeCycleInput(daily, fields, march(day), COVERAGE);

  it('is there with a run of the day, of noon before, of an unknown time, or without forecasts of the day with analyses to the day before', () => {
    assert.equal(judge(joined(analyses, run16), 16).state, 'present');
    assert.equal(judge(run16, 16).state, 'present');
    assert.equal(judge(days(16, 19, 'forecast', 15.5), 16).state, 'present');
    assert.equal(judge(days(16, 19, 'forecast'), 18).state, 'present');
    assert.equal(judge(analyses, 16).state, 'present');
    // analyses that lag do not make a cycle late whose run is there
    assert.equal(judge(joined(days(2, 13, 'analysis'), run16), 16).state, 'present');
  });

  it('is late where the forecast of the day is of an earlier run, however far analyses reach', () => {
    const { state, reason } = judge(joined(analyses, run16), 17);
    assert.equal(state, 'late');
    assert.match(reason ?? '', /cycle 2026-03-17 is not there: the day is taken from the run of 2026-03-16T00:00 UTC/);
    assert.equal(judge(run16, 19).state, 'late');
    assert.equal(
      judge(joined(days(2, 16, 'analysis'), days(17, 19, 'forecast', 16)), 17, [days(2, 16, 'analysis'), run16]).state,
      'late',
    );
  });

  it('of files of the next day only is its own', () => {
    const dayAhead = days(17, 17, 'forecast', 16);
    assert.equal(judge(dayAhead, 17).state, 'present');
    assert.equal(judge(joined(days(2, 15, 'analysis'), dayAhead), 17).state, 'present');
  });

  it('is refused where it holds neither', () => {
    for (const [daily, day, told] of [
      [joined(analyses, run16), 20, /got analyses to 2026-03-15 and forecasts of 2026-03-16 to 2026-03-19$/],
      [run16, 20, /got no analysis and forecasts/],
      [analyses, 17, /got analyses to 2026-03-15 and no forecast$/],
      [
        joined(days(2, 13, 'analysis'), days(17, 19, 'forecast', 16)),
        16,
        /ask for the cycle 2026-03-17 \(`--cycle 2026-03-17`\)$/,
      ],
    ] as const) {
      assert.throws(() => judge(daily, day), isRefusal(told));
    }
  });
});

describe('the times of the files of a cycle', () => {
  const require = (fields: readonly InputTimes[], day: number) => () => requireInputOf(fields, march(day), COVERAGE);

  it('end a run early that nothing can be made for', () => {
    for (const day of [16, 17, 19]) assert.doesNotThrow(require([analyses, run16], day));
    assert.throws(require([analyses, run16], 20), isRefusal(/2026-03-20/));
    // later runs and analyses were not known
    assert.throws(require([days(2, 10, 'analysis'), days(18, 21, 'forecast', 18)], 15), isRefusal(/2026-03-15/));
  });

  it('of a run with a few hours of the day do not count as the day', () => {
    const hours = (runDay: number, count: number): InputTimes => ({
      cadence: 'hourly',
      timesMs: Float64Array.from({ length: count }, (_, hour) => FIRST_MS + (runDay - 1) * DAY_MS + hour * 3_600_000),
      origins: Array.from({ length: count }, () => 'forecast' as const),
      runTimesMs: new Float64Array(count).fill(FIRST_MS + (runDay - 1) * DAY_MS),
    });
    assert.throws(require([hours(15, 24), hours(17, 5)], 17), isRefusal(/forecasts of 2026-03-15 to 2026-03-15/));
    assert.doesNotThrow(require([hours(15, 24), hours(17, 24)], 17));
    // where no day is whole, the daily values will say what they lack
    assert.doesNotThrow(require([hours(17, 5)], 20));
  });
});
