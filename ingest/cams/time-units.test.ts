// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { instantMs, parseStamp, parseTimeScale } from './time-units.js';

const HOUR_MS = 3_600_000;

describe('time units', () => {
  const accepted: readonly (readonly [string, string | undefined, number, number])[] = [
    ['hours', 'FORECAST time from 20210212', Date.UTC(2021, 1, 12), HOUR_MS],
    ['hours', 'ANALYSIS time from 2025070106', Date.UTC(2025, 6, 1, 6), HOUR_MS],
    ['hours since 1900-01-01 00:00:00.0', 'time', Date.UTC(1900, 0, 1), HOUR_MS],
    ['hours since 2020-01-01 00:00:00', undefined, Date.UTC(2020, 0, 1), HOUR_MS],
    ['seconds since 1970-01-01', undefined, 0, 1000],
    ['days since 1970-1-1 0:0:0', undefined, 0, 24 * HOUR_MS],
    ['minutes since 2021-03-04T05:06:07Z', undefined, Date.UTC(2021, 2, 4, 5, 6, 7), 60_000],
    ['hours since 2021-03-04 01:00 +01:00', undefined, Date.UTC(2021, 2, 4), HOUR_MS],
  ];
  for (const [units, longName, referenceMs, unitMs] of accepted) {
    it(`"${units}"${longName === undefined ? '' : `, long_name "${longName}"`}`, () => {
      assert.deepEqual(parseTimeScale(units, longName, undefined), { referenceMs, unitMs });
    });
  }

  it('a duration has no reference', () => {
    assert.deepEqual(parseTimeScale('hours', 'time since forecast_reference_time', undefined), {
      referenceMs: undefined,
      unitMs: HOUR_MS,
    });
  });

  for (const [units, longName] of [
    ['fortnights since 2020-01-01', 'time'],
    ['hours since yesterday', 'time'],
    ['hours since 2021-02-30', 'time'],
    ['hours', 'FORECAST time from 20211345'],
    ['hours', 'FORECAST time from tomorrow'],
    ['hours since 0001-01-01', 'time'],
    [undefined, 'time'],
  ] as const) {
    it(`"${String(units)}", "${longName}" is told as found`, () => {
      const problem = parseTimeScale(units, longName, undefined);
      assert.ok('found' in problem);
      assert.ok(problem.found.includes(units === 'hours' ? longName : (units ?? 'no units')), problem.found);
    });
  }

  it('calendars without real dates are refused', () => {
    assert.ok('found' in parseTimeScale('days since 2020-01-01', undefined, '360_day'));
    assert.ok('referenceMs' in parseTimeScale('days since 2020-01-01', undefined, 'proleptic_gregorian'));
  });

  it('stamps that are no dates are undefined', () => {
    assert.equal(parseStamp('20210229'), undefined);
    assert.equal(parseStamp('20240229'), Date.UTC(2024, 1, 29));
  });

  it('days since 1900 stored as float mean full hours', () => {
    const scale = { referenceMs: Date.UTC(1900, 0, 1), unitMs: 24 * HOUR_MS };
    const target = Date.UTC(2023, 0, 6, 7);
    const days = Math.fround((target - scale.referenceMs) / scale.unitMs);
    assert.notEqual(
      scale.referenceMs + days * scale.unitMs,
      target,
      'the float must be inexact for this test to say anything',
    );
    assert.equal(instantMs(days, scale, 'float'), target);
  });
});
