// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { dayAfter, instantOf, isTimeZone, localDay, skippedTimes } from './time-zone.js';

describe('time zones', () => {
  it('know their names', () => {
    assert.ok(isTimeZone('Europe/Rome'));
    assert.ok(isTimeZone('UTC'));
    assert.ok(isTimeZone('Asia/Kathmandu') && isTimeZone('CET') && isTimeZone('Etc/GMT+5') && isTimeZone('US/Eastern'));
    assert.ok(!isTimeZone('Europe/Atlantis'));
    // Temporal's server tells capitals from small letters
    for (const name of ['europe/rome', 'EUROPE/ROME', 'utc', 'cet', 'asia/Kathmandu', 'ASIA/KATHMANDU']) {
      assert.ok(!isTimeZone(name), name);
    }
  });

  it('have days of their own', () => {
    const late = Date.UTC(2026, 2, 15, 23, 30);
    assert.equal(localDay(late, 'UTC'), '2026-03-15');
    assert.equal(localDay(late, 'Europe/Rome'), '2026-03-16');
    assert.equal(localDay(late, 'America/New_York'), '2026-03-15');
    assert.equal(localDay(Date.UTC(2026, 2, 15, 2), 'America/New_York'), '2026-03-14');
    assert.equal(dayAfter('2026-02-28'), '2026-03-01');
    assert.equal(dayAfter('2026-03-01', -1), '2026-02-28');
  });

  it('tell when their clocks show a time, in winter and in summer', () => {
    assert.equal(instantOf('2026-01-10', '06:50', 'Europe/Rome'), Date.UTC(2026, 0, 10, 5, 50));
    assert.equal(instantOf('2026-07-10', '06:50', 'Europe/Rome'), Date.UTC(2026, 6, 10, 4, 50));
    assert.equal(instantOf('2026-07-10', '06:50', 'Asia/Kolkata'), Date.UTC(2026, 6, 10, 1, 20));
    assert.equal(instantOf('2026-07-10', '06:50', 'Pacific/Auckland'), Date.UTC(2026, 6, 9, 18, 50));
  });

  it('serve on the nights when the clocks change', () => {
    // 29 March 2026: 02:00 to 03:00 does not exist; 25 October: it comes twice
    assert.equal(instantOf('2026-03-29', '02:30', 'Europe/Rome'), Date.UTC(2026, 2, 29, 1, 30));
    assert.equal(instantOf('2026-03-29', '06:50', 'Europe/Rome'), Date.UTC(2026, 2, 29, 4, 50));
    assert.equal(instantOf('2026-10-25', '02:30', 'Europe/Rome'), Date.UTC(2026, 9, 25, 0, 30));
    assert.equal(instantOf('2026-10-25', '06:50', 'Europe/Rome'), Date.UTC(2026, 9, 25, 5, 50));
    // 8 March 2026 in New York
    assert.equal(instantOf('2026-03-08', '02:30', 'America/New_York'), Date.UTC(2026, 2, 8, 7, 30));
  });

  it('name the days on which their clocks skip a time', () => {
    assert.deepEqual(skippedTimes('02:30', 'Europe/Rome', '2026-01-01', '2027-12-31'), [
      { day: '2026-03-29', shown: '03:30' },
      { day: '2027-03-28', shown: '03:30' },
    ]);
    assert.deepEqual(skippedTimes('00:15', 'Africa/Cairo', '2026-01-01', '2026-12-31'), [
      { day: '2026-04-24', shown: '01:15' },
    ]);
    assert.deepEqual(skippedTimes('02:15', 'Australia/Lord_Howe', '2026-01-01', '2026-12-31'), [
      { day: '2026-10-04', shown: '02:45' },
    ]);
    assert.deepEqual(skippedTimes('03:00', 'Europe/Rome', '2026-01-01', '2026-12-31'), []);
    assert.deepEqual(skippedTimes('02:30', 'Asia/Kolkata', '2026-01-01', '2026-12-31'), []);
  });
});
