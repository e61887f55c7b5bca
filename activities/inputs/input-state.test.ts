// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { DAY_MS, startOfDayMs } from '../../common/days.js';
import { inputStateOf } from './input-state.js';

const CYCLE = '2026-03-16';
const day = (offset: number): number => startOfDayMs(CYCLE) + offset * DAY_MS;

/** Hourly values of days around the cycle. */
function field(
  origin: 'analysis' | 'forecast',
  days: readonly number[],
  more: { runDay?: number; species?: string[]; hours?: number } = {},
) {
  const { runDay, species = ['pm2_5'], hours = 24 } = more;
  const times = days.flatMap((offset) => Array.from({ length: hours }, (_, hour) => day(offset) + hour * 3_600_000));
  return {
    ...{ cadence: 'hourly' as const, species, timesMs: Float64Array.from(times), origins: times.map(() => origin) },
    ...(runDay === undefined ? {} : { runTimesMs: Float64Array.from(times, () => day(runDay)) }),
  };
}

const stateOf = (fields: ReturnType<typeof field>[], pollutants = ['pm2_5']) =>
  inputStateOf(fields, pollutants, CYCLE, 0.75);

describe('whether the input of a cycle has arrived', () => {
  const analyses = field('analysis', [-3, -2, -1]);

  it('is present with the forecast of its own run', () => {
    assert.deepEqual(stateOf([analyses, field('forecast', [0, 1], { runDay: 0 })]), { state: 'present' });
    // a run of noon is published in the evening, for the day after
    assert.deepEqual(stateOf([analyses, field('forecast', [0, 1], { runDay: -0.5 })]), { state: 'present' });
  });

  it('is present where nobody knows the run, and where there are analyses alone', () => {
    assert.deepEqual(stateOf([analyses, field('forecast', [0, 1])]), { state: 'present' });
    assert.deepEqual(stateOf([analyses]), { state: 'present' });
  });

  it('is late with the forecast of the day before', () => {
    const found = stateOf([analyses, field('forecast', [-1, 0, 1], { runDay: -1 })]);
    assert.equal(found.state, 'late');
    assert.match(found.reason ?? '', /pm2_5: .*run of 2026-03-15/);
  });

  it('is late with analyses where the forecasts of earlier days do not reach the cycle', () => {
    const found = stateOf([analyses, field('forecast', [-3, -2], { runDay: -3 })]);
    assert.equal(found.state, 'late');
  });

  it('is absent without anything for the day', () => {
    assert.equal(stateOf([field('analysis', [-5, -4])]).state, 'absent');
    assert.equal(stateOf([]).state, 'absent');
    // of a later run nobody knows in the morning
    assert.equal(stateOf([field('analysis', [-5]), field('forecast', [0], { runDay: 1 })]).state, 'absent');
  });

  it('takes a day of which half has arrived for one that has not', () => {
    const half = field('forecast', [0], { runDay: 0, hours: 12 });
    const older = field('forecast', [-1, 0], { runDay: -1 });
    assert.equal(stateOf([analyses, half, older]).state, 'late');
  });

  it('is that of the pollutant that lacks most', () => {
    const own = field('forecast', [0, 1], { runDay: 0 });
    const found = stateOf([analyses, own], ['pm2_5', 'o3']);
    assert.equal(found.state, 'absent');
    assert.match(found.reason ?? '', /^o3: no analysis/);
  });
});
