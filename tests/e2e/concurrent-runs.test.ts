// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { isAlive, waitUntil } from '../../common/processes.js';
import { packageFolder } from '../../common/version.js';
import {
  newestCheckpoint,
  NOT_BUILT,
  runCommand,
  scratchFolder,
  startCommand,
  workerLog,
} from '../support/command-line.js';

const LIMIT_MS = 5 * 60_000;

/** Two pollutants on a fine mesh take about twenty seconds to fit, one on a coarse mesh about one. */
const configOf = (name: string, pollutants: string, edgeKm: number): string => `
name: ${name}
boundingBox: { north: 45.8, west: 9.0, south: 44.8, east: 10.4 }
pollutants: [${pollutants}]
source: { path: ${join(packageFolder(), 'samples', 'po-valley', 'cams')} }
model: { route: mesh, allowCoarseMesh: true }
mesh: { interiorEdgeKm: ${edgeKm} }
engine: { threads: 1, gradientTolerance: 1.0e-5 }
products: { resolutionDegrees: 0.1 }
`;

describe('runs in the same folder', { skip: NOT_BUILT, timeout: 4 * LIMIT_MS }, () => {
  let scratch: Awaited<ReturnType<typeof scratchFolder>>;
  before(async () => {
    scratch = await scratchFolder();
    await writeFile(join(scratch.path, 'one.yaml'), configOf('one', 'pm2_5', 25));
    await writeFile(join(scratch.path, 'two.yaml'), configOf('two', 'pm2_5', 22));
    await writeFile(join(scratch.path, 'long.yaml'), configOf('long', 'pm2_5, pm10', 9));
  });
  after(() => scratch.remove());

  const state = (): string => join(scratch.path, '.tramontana');
  const run = (config: string) => startCommand(['run', config, '--json'], { cwd: scratch.path });

  /** Resolves once a fit has come to its third checkpoint; the first ones are of the start itself. */
  async function fitUnderWay(): Promise<void> {
    assert.ok(await waitUntil(async () => (await newestCheckpoint(state())) >= 3, LIMIT_MS), 'no checkpoint came');
  }

  it('two at the same time share the server and both end well; the last one ends the server', async () => {
    const finished = await Promise.all([run('one.yaml').finished, run('two.yaml').finished, run('one.yaml').finished]);
    for (const { code, stderr } of finished) assert.equal(code, 0, stderr);
    const folders = finished.map(({ stdout }) => (JSON.parse(stdout) as { folder: string }).folder);
    for (const folder of folders) assert.ok(existsSync(join(folder, 'COMPLETE')));
    assert.ok(!existsSync(join(state(), 'server.json')), 'nobody uses the server any more');
  });

  it('Ctrl-C stops a fit at its checkpoint with exit code 130, and the next run goes on from there', async () => {
    const command = run('long.yaml');
    await fitUnderWay();
    process.kill(command.pid, 'SIGINT');
    const stopped = await command.finished;
    assert.equal(stopped.code, 130, stopped.stderr);
    assert.match(stopped.stderr, /writes its checkpoint first/);
    assert.ok(!existsSync(join(scratch.path, 'runs', 'long')), 'nothing half-written');
    const { code, stdout, stderr } = await runCommand(['run', 'long.yaml', '--json'], { cwd: scratch.path });
    assert.equal(code, 0, stderr);
    const { summary } = JSON.parse(stdout) as { summary: string };
    const { fit } = JSON.parse(await readFile(summary, 'utf8')) as { fit: { resumedFromIteration: number } };
    assert.ok(fit.resumedFromIteration > 0, 'the second run started afresh');
  });

  it('kill -9 of the command itself ends its worker and engine; the next run cleans up after it', async () => {
    const command = startCommand(['run', 'long.yaml', '--from', 'fit', '--json'], { cwd: scratch.path });
    await fitUnderWay();
    const before = await workerLog(state());
    const worker = before.filter(({ msg }) => msg === 'serving').at(-1)?.pid ?? NaN;
    const engine = before.filter(({ msg }) => msg.startsWith('fit: started')).at(-1)?.enginePid ?? NaN;
    process.kill(command.pid, 'SIGKILL');
    await command.finished;
    assert.ok(
      await waitUntil(() => !isAlive(worker) && !isAlive(engine), 60_000),
      'worker or engine outlived the command',
    );
    assert.ok(existsSync(join(state(), 'server.json')), 'the server is left behind');
    const { code, stderr } = await runCommand(['run', 'one.yaml', '--json'], { cwd: scratch.path });
    assert.equal(code, 0, stderr);
    assert.match(stderr, /ended forecast-long-[0-9a-f]+, whose command is gone/);
    assert.ok(!existsSync(join(state(), 'server.json')), 'the server was taken over and ended');
  });
});
