// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { DAY_MS, isoDay, startOfDayMs } from './days.js';

test('a day and its start belong together, across a leap day and a year', () => {
  for (const day of ['1969-12-31', '2024-02-29', '2026-01-01']) assert.equal(isoDay(startOfDayMs(day)), day);
  assert.equal(isoDay(startOfDayMs('2024-02-29') + DAY_MS), '2024-03-01');
});

test('a day lasts to its last millisecond', () => {
  assert.equal(isoDay(startOfDayMs('2026-01-01') - 1), '2025-12-31');
});

test('what is no day has no start', () => {
  for (const text of ['', 'today', '2026-13-01']) assert.ok(Number.isNaN(startOfDayMs(text)));
});
