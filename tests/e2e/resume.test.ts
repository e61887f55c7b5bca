// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
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

/** About twenty seconds of fitting; one thread, so that two runs add up in the same order. What else may happen to a fit, tests/chaos tries. */
const CONFIG = `
name: resume
boundingBox: { north: 45.8, west: 9.0, south: 44.8, east: 10.4 }
pollutants: [pm2_5, pm10]
source: { path: ${join(packageFolder(), 'samples', 'po-valley', 'cams')} }
model: { route: mesh }
mesh: { interiorEdgeKm: 9 }
engine: { threads: 1, gradientTolerance: 1.0e-5 }
products: { resolutionDegrees: 0.1 }
`;

/** Server, worker, and up to half a minute until a lost heartbeat is noticed. */
const LIMIT_MS = 8 * 60_000;

interface Fit {
  readonly objective: number;
  readonly resumedFromIteration: number;
  readonly theta: Readonly<Record<string, number>>;
}

async function fitOf(stdout: string): Promise<Fit> {
  const { summary } = JSON.parse(stdout) as { summary: string };
  return (JSON.parse(await readFile(summary, 'utf8')) as { fit: Fit }).fit;
}

describe('a fit that is killed goes on from its checkpoint', { skip: NOT_BUILT, timeout: 3 * LIMIT_MS }, () => {
  let scratch: Awaited<ReturnType<typeof scratchFolder>>;
  let reference: Fit;

  before(async () => {
    scratch = await scratchFolder();
    await writeFile(join(scratch.path, 'config.yaml'), CONFIG);
    const { code, stdout, stderr } = await runCommand(['run', 'config.yaml', '--state', 'undisturbed', '--json'], {
      cwd: scratch.path,
    });
    assert.equal(code, 0, stderr);
    reference = await fitOf(stdout);
    assert.equal(reference.resumedFromIteration, 0);
  });
  after(() => scratch.remove());

  it('after kill -9 of the worker, which is started again', async () => {
    const state = 'killed';
    const stateFolder = join(scratch.path, state);
    const args = ['run', 'config.yaml', '--state', state, '--out', `${state}-runs`, '--json'];
    const command = startCommand(args, { cwd: scratch.path });
    assert.ok(await waitUntil(async () => (await newestCheckpoint(stateFolder)) >= 3, LIMIT_MS), 'no checkpoint came');
    const log = await workerLog(stateFolder);
    const enginePid = log.find(({ msg }) => msg.startsWith('fit: started'))?.enginePid ?? -1;
    const workerPid = log.find(({ msg }) => msg === 'serving')?.pid;
    assert.ok(workerPid !== undefined, 'no worker has said that it serves');
    process.kill(workerPid, 'SIGKILL');
    // with its worker gone the engine's stdin ends, and so does the engine
    assert.ok(await waitUntil(() => !isAlive(enginePid), 30_000), 'the engine outlived the kill');

    const { code, stdout, stderr } = await command.finished;
    assert.equal(code, 0, stderr);
    const fit = await fitOf(stdout);
    assert.ok(fit.resumedFromIteration > 0, 'the summary tells from which iteration the fit went on');
    for (const [name, value] of Object.entries(reference.theta)) {
      const found = fit.theta[name] ?? NaN;
      // the optimiser's whole state is in the checkpoint, so it walks the same path; 1e-10 is what we promise
      assert.ok(
        Math.abs(found - value) <= 1e-10 * Math.max(1, Math.abs(value)),
        `${name}: ${found} instead of ${value}`,
      );
    }
    assert.ok(Math.abs(fit.objective - reference.objective) <= 1e-10 * Math.abs(reference.objective));
    const logAfter = await workerLog(stateFolder);
    assert.equal(new Set(logAfter.filter(({ msg }) => msg === 'serving').map(({ pid }) => pid)).size, 2);
    assert.ok(logAfter.some(({ msg }) => /^fit: resumed from the checkpoint of iteration \d+$/u.test(msg)));
  });
});
