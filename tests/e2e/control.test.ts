// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { isAlive, waitUntil } from '../../common/processes.js';
import { packageFolder } from '../../common/version.js';
import { newestCheckpoint, NOT_BUILT, scratchFolder, workerLog } from '../support/command-line.js';
import { startDevServer, type DevServer } from '../support/dev-server.js';
import { WebUi } from '../support/web-ui.js';

/** More than a minute of fitting on one thread: whatever is pressed meets it in the middle. */
const CONFIG = `
name: control
boundingBox: { north: 45.8, west: 9.0, south: 44.8, east: 10.4 }
pollutants: [pm2_5, pm10]
source: { path: cams }
model: { route: mesh }
mesh: { interiorEdgeKm: 6 }
engine: { threads: 1, gradientTolerance: 1.0e-7 }
products: { resolutionDegrees: 0.1 }
`;

const LIMIT_MS = 3 * 60_000;
/** What an operator may be made to wait for. */
const ENGINE_GONE_MS = 10_000;

describe('a fit in the hands of the Web UI', { skip: NOT_BUILT, timeout: 5 * LIMIT_MS }, () => {
  let scratch: Awaited<ReturnType<typeof scratchFolder>>;
  let dev: DevServer;
  let ui: WebUi;
  let state: string;

  before(async () => {
    scratch = await scratchFolder();
    state = join(scratch.path, '.tramontana');
    await writeFile(join(scratch.path, 'config.yaml'), CONFIG);
    await cp(join(packageFolder(), 'samples', 'po-valley', 'cams'), join(scratch.path, 'cams'), { recursive: true });
    dev = await startDevServer(scratch.path);
    ui = await WebUi.open(dev.uiUrl);
  });
  after(async () => {
    await dev.end();
    await scratch.remove();
  });

  const start = (workflowId: string): Promise<void> =>
    ui.start(workflowId, 'forecast', { schemaVersion: 1, configUri: join(scratch.path, 'config.yaml') });

  /** Engine processes so far, oldest first, with what they said of their beginning. */
  const engines = async (): Promise<readonly { pid: number; beginning: string }[]> =>
    (await workerLog(state)).flatMap(({ enginePid, msg }) =>
      enginePid !== undefined && /^fit: (started|resumed)/u.test(msg) ? [{ pid: enginePid, beginning: msg }] : [],
    );

  /** The engine that is begun after so many. */
  async function nextEngine(after: number): Promise<{ pid: number; beginning: string }> {
    assert.ok(await waitUntil(async () => (await engines()).length > after, LIMIT_MS), `engine ${after + 1} came`);
    const engine = (await engines())[after];
    assert.ok(engine !== undefined);
    return engine;
  }

  async function assertGone(pid: number, why: string): Promise<void> {
    assert.ok(await waitUntil(() => !isAlive(pid), ENGINE_GONE_MS), `the engine was there 10 s after ${why}`);
  }

  const resumed = /^fit: resumed from the checkpoint of iteration [1-9]\d*$/u;

  it('is paused and goes on from its checkpoint, is reset, is cancelled, and leaves no process behind', async () => {
    await start('held');
    const first = await nextEngine(0);
    assert.match(first.beginning, /^fit: started from the beginning$/u);
    assert.ok(await waitUntil(async () => (await newestCheckpoint(state)) >= 2, LIMIT_MS), 'a checkpoint came');

    const fit = await ui.pendingActivity('held');
    assert.equal(fit?.activityType.name, 'fit');
    await ui.pauseActivity('held', fit.activityId);
    await assertGone(first.pid, 'pause');
    await waitUntil(
      async () => (await ui.pendingActivity('held'))?.state === 'PENDING_ACTIVITY_STATE_PAUSED',
      LIMIT_MS,
    );
    assert.equal((await ui.pendingActivity('held'))?.paused, true);
    assert.equal((await engines()).length, 1, 'nothing runs while it is held');

    await ui.unpauseActivity('held', fit.activityId);
    const second = await nextEngine(1);
    assert.match(second.beginning, resumed);

    await ui.resetToLastTask('held');
    await assertGone(second.pid, 'reset');
    const third = await nextEngine(2);
    assert.match(third.beginning, resumed);

    await ui.cancel('held');
    await assertGone(third.pid, 'cancel');
    assert.ok(await waitUntil(async () => (await ui.statusOf('held')) === 'canceled', LIMIT_MS));
  });

  it('is terminated, leaves no process behind, and the next run goes on from its checkpoint', async () => {
    const before = (await engines()).length;
    await start('ended');
    const engine = await nextEngine(before);
    assert.match(engine.beginning, resumed, 'the checkpoint of the cancelled run serves');
    await ui.terminate('ended');
    assert.equal(await ui.statusOf('ended'), 'terminated');
    await assertGone(engine.pid, 'terminate');

    await start('again');
    const next = await nextEngine(before + 1);
    assert.match(next.beginning, resumed);
    await ui.cancel('again');
    await assertGone(next.pid, 'cancel');
    assert.equal((await engines()).length, before + 2, 'one engine a run');
  });
});
