// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { it } from 'node:test';

import { nextWaitMs } from '../../workflows/look-times.js';

const HOUR_MS = 3_600_000;

/** Looks from the start to the end of a day that waits so long between two of them. */
function looksOf(waitMs: number, hours: number): { readonly looks: number; readonly sawDeadline: boolean } {
  const [deadlineMs, expiresMs] = [2 * HOUR_MS, hours * HOUR_MS];
  let [nowMs, looks, sawDeadline] = [0, 0, false];
  while (nowMs < expiresMs) {
    looks += 1;
    nowMs += nextWaitMs({ nowMs, deadlineMs, expiresMs, waitMs, looks });
    sawDeadline ||= nowMs === deadlineMs;
  }
  return { looks, sawDeadline };
}

it('a day stays within what a history takes, however often it is told to look', () => {
  for (const waitMs of [1, 1000, 60_000, 600_000, HOUR_MS]) {
    for (const hours of [3, 12, 72]) {
      const { looks, sawDeadline } = looksOf(waitMs, hours);
      assert.ok(looks <= 160, `${looks} looks, one in ${waitMs} ms for ${hours} h`);
      assert.ok(looks * waitMs <= 2 * hours * HOUR_MS);
      // the deadline is kept to the millisecond
      assert.ok(sawDeadline, `${waitMs} ms, ${hours} h`);
    }
  }
});

it('waits as it is told to while it has looked a few times only', () => {
  const day = { nowMs: 0, deadlineMs: HOUR_MS, expiresMs: 12 * HOUR_MS };
  assert.equal(nextWaitMs({ ...day, waitMs: 30_000, looks: 1 }), 30_000);
  assert.equal(nextWaitMs({ ...day, nowMs: HOUR_MS - 1000, waitMs: 30_000, looks: 1 }), 1000);
});
