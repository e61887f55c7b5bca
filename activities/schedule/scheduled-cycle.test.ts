// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { isTramontanaError } from '../../common/errors.js';
import { parseDomainConfig } from '../../config/index.js';
import { UNRESTRICTED_ROOTS } from '../inputs/allowed-roots.js';
import { resolveBackfill } from './resolve-schedule.js';
import { cycleTimes, scheduleOf, timesOfCycle } from './scheduled-cycle.js';

const DOMAIN = {
  name: 'somewhere',
  boundingBox: { north: 46, west: 9, south: 45, east: 10 },
  pollutants: ['pm2_5'],
  source: { path: '/data' },
};
const scheduled = (schedule: object) => scheduleOf(parseDomainConfig({ ...DOMAIN, schedule }, 'test'));

describe('the times of a scheduled run', () => {
  it('are those of the calendar of the zone', () => {
    const rome = scheduled({ at: '00:30', timezone: 'Europe/Rome', deadline: '08:30' });
    // half past midnight in Rome is the evening before in UTC
    assert.deepEqual(cycleTimes(rome, Date.UTC(2026, 2, 15, 23, 30)), {
      cycle: '2026-03-16',
      deadline: '2026-03-16T07:30:00.000Z',
      expires: '2026-03-16T11:30:00.000Z',
    });
  });

  it('have a deadline on the day after where it is not after the start', () => {
    const evening = scheduled({ at: '20:00', deadline: '06:00', cycleOffsetDays: 1, expiresAfter: '24h' });
    assert.deepEqual(cycleTimes(evening, Date.UTC(2026, 2, 15, 20)), {
      cycle: '2026-03-16',
      deadline: '2026-03-16T06:00:00.000Z',
      expires: '2026-03-16T20:00:00.000Z',
    });
  });

  it('are found again from the cycle', () => {
    for (const schedule of [
      scheduled({ at: '00:30', timezone: 'Europe/Rome', deadline: '08:30' }),
      scheduled({ at: '20:00', deadline: '06:00', cycleOffsetDays: 1, expiresAfter: '24h' }),
    ]) {
      const times = timesOfCycle(schedule, '2026-03-16');
      assert.equal(times.cycle, '2026-03-16');
      assert.match(times.deadline, /^2026-03-16T0[67]:/u);
    }
  });

  it('have no deadline after their end: a run falls back before it is over', () => {
    const evening = scheduled({ at: '18:00', deadline: '07:30', cycleOffsetDays: 1 });
    const { deadline, expires } = cycleTimes(evening, Date.UTC(2026, 2, 15, 18));
    assert.equal(deadline, '2026-03-16T06:00:00.000Z');
    assert.equal(expires, deadline);
    const brief = cycleTimes(scheduled({ at: '06:50', expiresAfter: '1 hour' }), Date.UTC(2026, 2, 15, 6, 50));
    assert.equal(brief.deadline, '2026-03-15T07:50:00.000Z');
  });

  it('have a deadline two hours later where none is told', () => {
    const { deadline } = cycleTimes(scheduled({ at: '06:50' }), Date.UTC(2026, 2, 15, 6, 50));
    assert.equal(deadline, '2026-03-15T08:50:00.000Z');
  });
});

describe('a schedule in a configuration', () => {
  it('is refused with its key where it makes no sense', () => {
    for (const [schedule, key] of [
      [{ at: '25:00' }, /schedule\.at/],
      [{ at: 650 }, /schedule\.at/],
      [{ at: '06:50', timezone: 'Europe/Atlantis' }, /schedule\.timezone/],
      [{ at: '06:50', expiresAfter: 'soon' }, /schedule\.expiresAfter/],
      [{ at: '06:50', retryEvery: '0 s' }, /schedule\.retryEvery/],
      [{ at: '06:50', cycleOffsetDays: 9 }, /schedule\.cycleOffsetDays/],
      [{ at: '06:50', dedline: '08:30' }, /dedline/],
      [{}, /schedule\.at/],
    ] as const) {
      assert.throws(
        () => scheduled(schedule),
        (error) => isTramontanaError(error, 'Config.Invalid') && key.test(error.message),
        JSON.stringify(schedule),
      );
    }
  });

  it('is asked for where there is none', () => {
    assert.throws(
      () => scheduleOf(parseDomainConfig(DOMAIN, 'test')),
      (error) => isTramontanaError(error, 'Config.NoSchedule'),
    );
  });
});

describe('the input of a backfill', () => {
  const deps = { roots: UNRESTRICTED_ROOTS, searchAttributes: false };
  const asked = (more: object) =>
    resolveBackfill(deps, { schemaVersion: 1, domain: DOMAIN, from: '2026-02-27', to: '2026-03-02', ...more });

  it('becomes its days', async () => {
    const { cycles, concurrency } = await asked({});
    assert.deepEqual(cycles, ['2026-02-27', '2026-02-28', '2026-03-01', '2026-03-02']);
    assert.equal(concurrency, 1);
  });

  it('is refused where its days or their number make no sense', async () => {
    for (const more of [
      { from: '2026-03-03' },
      { from: 'x' },
      { to: '2026-02-30' },
      { to: '2046-01-01' },
      { concurrency: 0 },
      { concurrency: 2.5 },
      { concurrency: 1000 },
      { further: 1 },
    ]) {
      await assert.rejects(asked(more), (error) => isTramontanaError(error, 'Input.Invalid'), JSON.stringify(more));
    }
  });
});
