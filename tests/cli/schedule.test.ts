// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { TramontanaClient, type RunSummary } from '../../client/index.js';
import { readServerRecord } from '../../cli/runtime/dev-server.js';
import { locateStateFolder } from '../../cli/runtime/state-folder.js';
import { isTramontanaError } from '../../common/errors.js';
import { delay, waitUntil } from '../../common/processes.js';
import { dayAfter } from '../../common/time-zone.js';
import type { DailyResult } from '../../workflows/daily-forecast.js';
import {
  NOT_BUILT,
  runCommand,
  scratchFolder,
  startCommand,
  workerLog,
  type RunningCommand,
} from '../support/command-line.js';
import { noon } from '../support/noon-zone.js';
import { writeAnalyses, writeForecast, writeTinyConfig } from '../support/tiny-domain.js';

const LIMIT_MS = 4 * 60_000;
const { zone, today, clock } = noon();

interface Applied {
  readonly action: string;
  readonly changes: readonly { readonly setting: string; readonly from: string; readonly to: string }[];
}

describe('forecasts by themselves', { skip: NOT_BUILT, timeout: 5 * LIMIT_MS }, () => {
  let scratch: Awaited<ReturnType<typeof scratchFolder>>;
  let dev: RunningCommand;
  let client: TramontanaClient;
  let told: string;

  const serve = async (): Promise<void> => {
    dev = startCommand(['dev'], {
      cwd: scratch.path,
      environment: { TRAMONTANA_HOOK_COMMAND: join(scratch.path, 'hook') },
    });
    const state = locateStateFolder(join(scratch.path, '.tramontana'));
    await waitUntil(async () => (await readServerRecord(state)) !== undefined, LIMIT_MS);
    client = await TramontanaClient.connect({ address: (await readServerRecord(state))?.address ?? '' });
  };
  const end = async (): Promise<void> => {
    await client.close();
    process.kill(dev.pid, 'SIGINT');
    await dev.finished;
  };
  const tramontana = async (...args: string[]): Promise<unknown> => {
    const { code, stdout, stderr } = await runCommand([...args, '--json'], { cwd: scratch.path });
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout);
  };
  const configure = (schedule: string, name = 'tiny', timezone = zone): Promise<string> =>
    writeTinyConfig(scratch.path, name, `schedule: { ${schedule}, timezone: ${timezone} }`);
  const events = async (): Promise<string[]> => {
    const text = await readFile(told, 'utf8').catch(() => '');
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => (JSON.parse(line) as { event: string }).event);
  };

  before(async () => {
    scratch = await scratchFolder();
    told = join(scratch.path, 'told');
    await writeFile(join(scratch.path, 'hook'), `#!/bin/sh\ncat >> '${told}'; echo >> '${told}'\n`);
    await chmod(join(scratch.path, 'hook'), 0o755);
    await configure('at: "06:50", deadline: "23:59"', 'tiny', 'Europe/Rome');
    await serve();
  });
  after(async () => {
    await end();
    await scratch.remove();
  });

  it('are put in force, changed and listed', async () => {
    const created = (await tramontana('schedule', 'apply', 'config.yaml')) as Applied;
    assert.equal(created.action, 'created');
    assert.equal(((await tramontana('schedule', 'apply', 'config.yaml')) as Applied).action, 'unchanged');
    await configure('at: "07:10", expiresAfter: 6 hours', 'tiny', 'Europe/Rome');
    const updated = (await tramontana('schedule', 'apply', 'config.yaml')) as Applied;
    assert.equal(updated.action, 'updated');
    assert.deepEqual(updated.changes, [
      { setting: 'at', from: '06:50', to: '07:10' },
      { setting: 'catchupWindow', from: '43200 s', to: '21600 s' },
    ]);
    await tramontana('schedule', 'pause', 'tiny', '--note', 'works on the roof');
    const { schedules } = (await tramontana('schedule', 'list')) as {
      schedules: { name: string; paused: boolean; note: string; nextRuns: string[] }[];
    };
    assert.deepEqual(
      schedules.map(({ name, paused, note }) => [name, paused, note]),
      [['tiny', true, 'works on the roof']],
    );
    await tramontana('schedule', 'resume', 'tiny');
    const { paused, note } = await client.schedules.show('tiny');
    // the reason of the pause goes with it, and the words are ours
    assert.deepEqual([paused, note], [false, 'resumed']);
    const { code, stdout } = await runCommand(['schedule', 'show', 'tinny', '--json'], { cwd: scratch.path });
    assert.equal(code, 2);
    assert.match(stdout, /Schedule\.Unknown/);
  });

  it('fire three times, through a restart of the server', async () => {
    await Promise.all([writeAnalyses(scratch.path, today), writeForecast(scratch.path, today)]);
    await configure('at: "06:50"');
    await tramontana('schedule', 'apply', 'config.yaml');
    const schedule = client.temporal.schedule.getHandle('forecast-tiny');
    await schedule.update(({ action, policies, state }) => ({
      ...{ spec: { intervals: [{ every: '6s' }] }, policies, state },
      action: { ...action, type: 'startWorkflow', args: action.args ?? [] },
    }));
    const finished = async (): Promise<readonly RunSummary[]> =>
      (await client.listRuns({ domain: 'tiny', status: 'done' })).filter(({ type }) => type === 'dailyForecast');
    // beside it one whose missed runs are of no use after ten seconds, the least that the server takes
    const stale = await client.temporal.schedule.create({
      scheduleId: 'stale',
      ...{ spec: { intervals: [{ every: '7s' }] }, policies: { catchupWindow: '10s' } },
      action: {
        ...{ type: 'startWorkflow', workflowType: 'plan', workflowId: 'stale', taskQueue: 'tramontana' },
        args: [{ schemaVersion: 1, configUri: join(scratch.path, 'config.yaml') }],
      },
    });
    await waitUntil(async () => (await finished()).length >= 1, LIMIT_MS);
    const downMs = Date.now();
    await end();
    // past the window of the one, within that of the other
    await delay(Math.max(0, downMs + 18_000 - Date.now()));
    const upMs = Date.now();
    await serve();
    const numMissed = async (scheduleId: string): Promise<number> =>
      (await client.temporal.schedule.getHandle(scheduleId).describe()).info.numActionsMissedCatchupWindow;
    assert.ok(await waitUntil(async () => (await numMissed('stale')) >= 1, LIMIT_MS), 'what is too late is left out');
    await client.temporal.schedule.getHandle(stale.scheduleId).delete();
    const isCaughtUp = async (): Promise<boolean> =>
      (await client.temporal.schedule.getHandle('forecast-tiny').describe()).info.recentActions.some(
        ({ scheduledAt, takenAt }) => scheduledAt.getTime() < upMs && takenAt.getTime() >= upMs,
      );
    assert.ok(await waitUntil(isCaughtUp, LIMIT_MS), 'what was missed is caught up');
    assert.equal(await numMissed('forecast-tiny'), 0);
    const before = (await finished()).length;
    await waitUntil(async () => (await finished()).length >= Math.max(3, before + 1), LIMIT_MS);
    const pruned = (await tramontana('prune', '--older-than', '0', '--dry-run')) as { removed: { name: string }[] };
    assert.deepEqual(
      pruned.removed.filter((object) => object.name.startsWith('stages/')),
      [],
      'a schedule needs what was computed last',
    );
    await client.schedules.delete('tiny');
    assert.ok(
      (await finished()).every(({ cycle, degraded, late }) => cycle === today && degraded === false && late === false),
    );
    await assert.rejects(client.schedules.show('tiny'), (error) => isTramontanaError(error, 'Schedule.Unknown'));
    const { runs } = (await tramontana('status', '--domain', 'tiny', '--limit', '3')) as { runs: RunSummary[] };
    assert.equal(runs.length, 3);
  });

  it('fall back at the deadline, tell the operator, and are made good when the input comes', async () => {
    const name = 'late';
    await rm(join(scratch.path, 'cams', `forecast-${today}.nc`));
    await writeForecast(scratch.path, dayAfter(today, -1), 3);
    const nowMs = Date.now();
    // the deadline is a minute of the day: the next one but one may be this minute's end
    const deadline = clock(nowMs + (nowMs % 60_000 > 40_000 ? 120_000 : 60_000));
    await configure(`at: "${clock(nowMs)}", deadline: "${deadline}", retryEvery: 2 s`, name);
    await tramontana('schedule', 'apply', 'config.yaml');
    await tramontana('schedule', 'trigger', name);
    const daily = async (): Promise<RunSummary | undefined> =>
      (await client.listRuns({ domain: name })).find(({ type }) => type === 'dailyForecast');
    const folder = join(scratch.path, 'runs', name, today);
    const summary = async (): Promise<{ quality: { decision: string; reasons: string[] } }> =>
      JSON.parse(await readFile(join(folder, 'summary.json'), 'utf8')) as Awaited<ReturnType<typeof summary>>;
    await waitUntil(async () => (await daily())?.stage === 'waiting for input', LIMIT_MS);
    await waitUntil(async () => (await events()).includes('degraded'), LIMIT_MS);
    const fallback = await summary();
    assert.equal(fallback.quality.decision, 'degrade');
    assert.match(fallback.quality.reasons.join(), /run of/);
    assert.equal((await daily())?.late, true);
    assert.equal((await daily())?.degraded, true);

    await writeForecast(scratch.path, today);
    const { workflowId } = (await daily()) ?? { workflowId: '' };
    const result = (await client.temporal.workflow.getHandle(workflowId).result()) as DailyResult;
    assert.equal(result.state, 'published');
    assert.equal(result.late, true);
    assert.equal((await summary()).quality.decision, 'pass');
    assert.deepEqual(await events(), ['degraded', 'recovered']);
    await client.schedules.delete(name);
  });

  it('fill in past days, killed in between, and compute nothing twice', async () => {
    const name = 'past';
    const DAYS = 30;
    await configure('at: "06:50"', name);
    await writeAnalyses(scratch.path, today, DAYS + 5);
    const [from, to] = [dayAfter(today, -DAYS), dayAfter(today, -1)];
    const fits = async (): Promise<number> =>
      (await workerLog(join(scratch.path, '.tramontana'))).filter(({ msg }) => msg === 'fit: computing').length;
    const before = await fits();
    const args = ['backfill', 'config.yaml', from, to, '--concurrency', '2', '--json'];
    const first = startCommand(args, { cwd: scratch.path });
    await waitUntil(async () => (await fits()) >= before + 8, LIMIT_MS);
    // the worker, not the command that keeps it up
    const [{ pid } = { pid: -1 }] = (await workerLog(join(scratch.path, '.tramontana'))).slice(-1);
    process.kill(pid, 'SIGKILL');
    const { code, stdout, stderr } = await first.finished;
    assert.equal(code, 0, stderr);
    const result = JSON.parse(stdout) as { numDays: number; numDone: number; numFailed: number };
    assert.deepEqual([result.numDays, result.numDone, result.numFailed], [DAYS, DAYS, 0]);
    const computed = (await fits()) - before;
    // what ran when the worker was killed was begun twice, and finished once
    assert.ok(computed >= DAYS && computed <= DAYS + 2, `${computed} fits for ${DAYS} days`);
    await delay(100);
    const again = (await tramontana('backfill', 'config.yaml', from, to)) as { numDone: number };
    assert.equal(again.numDone, DAYS);
    assert.equal((await fits()) - before, computed);
  });
});
