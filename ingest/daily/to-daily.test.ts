// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FieldOrigin } from '../../artifacts/schemas/gridded-field.js';
import { isTramontanaError } from '../../common/errors.js';
import { hoursTo, sampleField, START_MS } from '../testing/sample-fields.js';
import { toDaily } from './to-daily.js';

const DAY_MS = 86_400_000;
/** Sums of some dozen doubles of order 100. */
const TOLERANCE = 1e-12 * 100;

function close(found: number | undefined, expected: number): void {
  assert.ok(
    found !== undefined && Math.abs(found - expected) <= TOLERANCE,
    `expected ${expected}, got ${String(found)}`,
  );
}

/** A day with a plateau in the afternoon and something that no straight line follows. */
function wave(hour: number): number {
  return 40 + 30 * Math.sin(hour / 3.7) + (hour % 5);
}

/** The running means by their definition, written without regard to the implementation. */
function bruteForceMaximum(day: number, valueAt: (hour: number) => number | undefined): number {
  const means: number[] = [];
  for (let end = 24 * day; end < 24 * (day + 1); end += 1) {
    const window = [0, 1, 2, 3, 4, 5, 6, 7].map((back) => valueAt(end - back)).filter((value) => value !== undefined);
    if (window.length >= 6) means.push(window.reduce((a, b) => a + b, 0) / window.length);
  }
  return Math.max(...means);
}

describe('daily means', () => {
  it('of complete hourly days are the plain means', () => {
    const daily = toDaily(sampleField({ hours: hoursTo(48), valueAt: wave }));
    assert.equal(daily.cadence, 'daily');
    assert.deepEqual(daily.timesMs, Float64Array.of(START_MS, START_MS + DAY_MS));
    assert.equal(daily.variables[0]?.statistic, 'daily_mean');
    for (const day of [0, 1]) {
      close(daily.variables[0].values[day], hoursTo(24).reduce((sum, hour) => sum + wave(24 * day + hour), 0) / 24);
    }
  });

  it('of values stamped in the middle of their hours rest on the 24 stamps of the day', () => {
    const daily = toDaily(sampleField({ hours: hoursTo(72).map((hour) => hour + 0.5), valueAt: wave }));
    assert.equal(daily.timesMs.length, 3);
    for (const day of [0, 1, 2]) {
      const expected = hoursTo(24).reduce((sum, hour) => sum + wave(24 * day + hour + 0.5), 0) / 24;
      close(daily.variables[0]?.values[day], expected);
    }
  });

  it('of half-hourly values rest on the full hours, and on the half hours where those are missing', () => {
    const valueAt = (hour: number): number => (hour === 6 || hour === 9 ? NaN : wave(hour));
    const daily = toDaily(sampleField({ hours: hoursTo(24, 0.5), valueAt }));
    const expected =
      hoursTo(24).reduce((sum, hour) => sum + wave(hour === 6 || hour === 9 ? hour + 0.5 : hour), 0) / 24;
    close(daily.variables[0]?.values[0], expected);
  });

  it('of 3-hourly values are exact for what is linear between them', () => {
    const daily = toDaily(sampleField({ hours: hoursTo(49, 3), valueAt: (hour) => 2 * hour }));
    close(daily.variables[0]?.values[0], 23);
    close(daily.variables[0]?.values[1], 71);
    assert.equal(daily.timesMs.length, 2);
  });

  it('of the last 3-hourly day rest on the 22 hours up to its last value', () => {
    const daily = toDaily(sampleField({ hours: hoursTo(24, 3), valueAt: (hour) => hour }));
    close(daily.variables[0]?.values[0], 21 / 2);
  });

  it('need their hours: 18 of 24 are enough, 17 are not', () => {
    const options = { maximumGapHours: 1 };
    const withHours = (count: number): number =>
      toDaily(sampleField({ hours: [...hoursTo(count), ...hoursTo(48, 1, 24)], valueAt: () => 5 }), options).timesMs
        .length;
    assert.equal(withHours(18), 2);
    assert.equal(withHours(17), 1);
  });

  it('bridge gaps of six hours and not of seven', () => {
    const withGap = (gap: number): number | undefined =>
      toDaily(sampleField({ hours: [0, gap], valueAt: (hour) => hour }), { coverageThreshold: 0.25 }).variables[0]
        ?.values[0];
    close(withGap(6), 3);
    const bridged = toDaily(sampleField({ hours: [0, 7], valueAt: (hour) => hour }), { coverageThreshold: 1 / 24 });
    assert.equal(bridged.variables[0]?.values[0], 3.5);
  });

  it('treat each cell by its own missing values', () => {
    const field = sampleField({
      hours: hoursTo(24),
      longitudes: [9.05, 9.15],
      valueAt: (hour, cell) => (cell === 1 && hour < 12 ? NaN : hour),
    });
    const values = toDaily(field).variables[0]?.values;
    close(values?.[0], 11.5);
    assert.ok(Number.isNaN(values?.[1]));
  });
});

describe('ozone', () => {
  it('is the largest 8-hour mean that ends within the day, as its definition says', () => {
    const daily = toDaily(sampleField({ hours: hoursTo(72), species: ['o3'], valueAt: wave }));
    assert.equal(daily.variables[0]?.statistic, 'daily_max_8h_mean');
    for (const day of [0, 1, 2]) {
      close(
        daily.variables[0].values[day],
        bruteForceMaximum(day, (hour) => (hour < 0 ? undefined : wave(hour))),
      );
    }
  });

  it('of values stamped in the middle of their hours is that of the hours', () => {
    const stamps = { hours: hoursTo(48).map((hour) => hour + 0.5), species: ['o3'] };
    const daily = toDaily(sampleField({ ...stamps, valueAt: (stamp) => wave(stamp - 0.5) }));
    for (const day of [0, 1]) {
      close(
        daily.variables[0]?.values[day],
        bruteForceMaximum(day, (hour) => (hour < 0 ? undefined : wave(hour))),
      );
    }
  });

  it('takes the evening of the day before into the first windows', () => {
    // 100 from 17:00 to 24:00 of the first day, else 0: the window of the second day that ends with hour 0 holds seven of them.
    const daily = toDaily(
      sampleField({ hours: hoursTo(48), species: ['o3'], valueAt: (hour) => (hour >= 17 && hour < 24 ? 100 : 0) }),
    );
    close(daily.variables[0]?.values[0], (100 * 7) / 8);
    close(daily.variables[0]?.values[1], (100 * 7) / 8);
  });

  it('windows need six of eight hours', () => {
    const field = sampleField({
      hours: hoursTo(24),
      species: ['o3'],
      valueAt: (hour) => (hour < 3 ? 1000 : hour % 8 > 5 ? NaN : wave(hour)),
    });
    const valueAt = (hour: number): number | undefined =>
      hour < 0 || hour % 8 > 5 ? undefined : hour < 3 ? 1000 : wave(hour);
    close(toDaily(field, { maximumGapHours: 1 }).variables[0]?.values[0], bruteForceMaximum(0, valueAt));
  });
});

describe('short days', () => {
  it('are dropped when others are complete, and named', () => {
    const daily = toDaily(sampleField({ hours: hoursTo(25) }));
    assert.equal(daily.timesMs.length, 1);
    assert.deepEqual(
      daily.issues.map((item) => item.code),
      ['short-days-dropped', 'dropped-days'],
    );
    assert.match(daily.issues[1]?.message ?? '', /2025-07-02/);
  });

  it('make an error when they are all there is', () => {
    assert.throws(
      () => toDaily(sampleField({ hours: hoursTo(9), file: 'a.nc' })),
      (error) =>
        isTramontanaError(error, 'Ingest.NoDailyValues') &&
        /^a\.nc: expected at least one day with 75 % of its hours; the 9 times from 2025-07-01T00:00:00Z to 2025-07-01T08:00:00Z/.test(
          error.message,
        ),
    );
  });
});

it('the origin of a day is that of most of its hours, its run the latest of these', () => {
  const field = sampleField({ hours: hoursTo(48), origin: 'forecast', runHour: 0 });
  const origins = field.origins.map((_, hour): FieldOrigin => (hour < 30 ? 'analysis' : 'forecast'));
  const daily = toDaily({ ...field, origins });
  assert.deepEqual(daily.origins, ['analysis', 'forecast']);
  assert.deepEqual(daily.runTimesMs, Float64Array.of(START_MS, START_MS));
});
