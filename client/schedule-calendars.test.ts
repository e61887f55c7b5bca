// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { calendarsOf, timesInWords } from './schedule-calendars.js';

const NOW = new Date('2026-11-30T12:00:00Z');

describe('the calendars of a schedule', () => {
  it('have the days whose clocks skip its time beside every day', () => {
    const calendars = calendarsOf({ at: '02:30', timezone: 'Europe/Rome' }, NOW);
    assert.deepEqual(calendars.slice(0, 3), [
      { hour: 2, minute: 30 },
      { hour: 3, minute: 30, year: 2026, month: 'MARCH', dayOfMonth: 29 },
      { hour: 3, minute: 30, year: 2027, month: 'MARCH', dayOfMonth: 28 },
    ]);
    assert.equal(calendars.length, 12);
    const { at, onClockChange = '' } = timesInWords(calendars);
    assert.equal(at, '02:30');
    assert.ok(onClockChange.startsWith('2026-03-29 03:30, 2027-03-28 03:30, '));
  });

  it('are one where no clock skips it', () => {
    for (const schedule of [
      { at: '06:50', timezone: 'Europe/Rome' },
      { at: '02:30', timezone: 'Asia/Kolkata' },
    ]) {
      const calendars = calendarsOf(schedule, NOW);
      assert.equal(calendars.length, 1);
      assert.deepEqual(timesInWords(calendars), { at: schedule.at });
    }
  });
});
