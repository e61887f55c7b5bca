// SPDX-License-Identifier: Apache-2.0
/** The engine process on a real fit: killed, stopped, orphaned, overtaken; the result is that of a run that nothing disturbed. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { readdir, truncate, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';

import type { FitResult } from '../../artifacts/schemas/fit-result.js';
import {
  checkpointFolder,
  loadNativeEngine,
  mpirunLauncher,
  runEngine,
  type EngineEvent,
  type FitJob,
  type IntegrateJob,
  type IntegrationResult,
} from '../../inference-core/host-ts/index.js';
import { assertSameFit, failureOf, smallModel, temporaryFolder } from './support.js';

/** Large enough that an iteration takes longer than its checkpoint, small enough for a fit in seconds. */
const MODEL = smallModel({ side: 18, numTimeSteps: 8 });
/** Far from the mode, so that the search takes many iterations. */
const INITIAL_THETA = [3, 3, -2, -1];
/** One thread: sums are then always formed in the same order. */
const OPTIONS = { threads: 1, gradientTolerance: 1e-3 };

function jobIn(folder: string): FitJob {
  return { kind: 'fit', folder, jobKey: 'resume-test', model: MODEL, initialTheta: INITIAL_THETA, options: OPTIONS };
}

/** Calls `act` with the engine's process id when the given number of checkpoints is on disk; the first is of iteration 0. */
function afterCheckpoints(count: number, act: (pid: number) => void): (event: EngineEvent) => void {
  let pid = 0;
  let seen = 0;
  return (event) => {
    if (event.type === 'hello') pid = event.pid;
    if (event.type !== 'checkpoint') return;
    seen += 1;
    if (seen === count) act(pid);
  };
}

function isAlive(pid: number): boolean {
  try {
    // a process that has ended but that nobody has waited for (state Z) is not alive
    if (existsSync('/proc/self/stat')) return !/\) Z /u.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('a fit that is disturbed', () => {
  let undisturbed: FitResult;

  let clean = (): Promise<void> => Promise.resolve();
  after(() => clean());

  before(async () => {
    const folder = await temporaryFolder({ after: (remove) => (clean = remove) });
    undisturbed = await runEngine(jobIn(folder));
    assert.equal(undisturbed.resumedFromIteration, 0);
    assert.ok(
      undisturbed.iterations >= 6,
      `the search has only ${undisturbed.iterations} iterations to be disturbed in`,
    );
  });

  it('is resumed after kill -9 of the engine and ends at the same result', async (context) => {
    const job = jobIn(await temporaryFolder(context));
    const onEvent = afterCheckpoints(4, (pid) => process.kill(-pid, 'SIGKILL'));
    const error = await failureOf(runEngine(job, { onEvent }));
    assert.equal(error.tag, 'Engine.Crashed');
    assert.equal(error.facts['signal'], 'SIGKILL');
    const log: string[] = [];
    const resumed = await runEngine(job, { onLogLine: (line) => log.push(line) });
    context.diagnostic(`resumed from iteration ${resumed.resumedFromIteration} of ${resumed.iterations}`);
    assert.ok(resumed.resumedFromIteration >= 3);
    assert.ok(log.some((line) => line.includes(`fit resumes from iteration ${resumed.resumedFromIteration}`)));
    assertSameFit(resumed, undisturbed);
  });

  it('ends in good time with a checkpoint when it is asked to, and is resumed', async (context) => {
    const job = jobIn(await temporaryFolder(context));
    const stop = new AbortController();
    const error = await failureOf(
      runEngine(job, { signal: stop.signal, onEvent: afterCheckpoints(3, () => stop.abort()), graceTimeMs: 20_000 }),
    );
    assert.equal(error.tag, 'Engine.Interrupted');
    assert.equal(error.facts['exitCode'], 75);
    const resumed = await runEngine(job);
    assert.ok(resumed.resumedFromIteration >= 2);
    assertSameFit(resumed, undisturbed);
  });

  it('goes on from the checkpoint before when the newest is torn', async (context) => {
    const job = jobIn(await temporaryFolder(context));
    await failureOf(runEngine(job, { onEvent: afterCheckpoints(3, (pid) => process.kill(-pid, 'SIGKILL')) }));
    const names = (await readdir(checkpointFolder(job))).filter((name) => name.endsWith('.checkpoint.json')).sort();
    assert.ok(names.length >= 2);
    await truncate(join(checkpointFolder(job), names.at(-1) ?? ''), 100);
    const codes: string[] = [];
    const resumed = await runEngine(job, { onEvent: (event) => event.type === 'warning' && codes.push(event.code) });
    assert.deepEqual(codes, ['checkpoint-corrupt']);
    assert.ok(resumed.resumedFromIteration >= 1);
    assertSameFit(resumed, undisturbed);
  });

  it('does not outlive its parent, and is resumed by the next', async (context) => {
    const folder = await temporaryFolder(context);
    const script = join(folder, 'parent.mts');
    const door = new URL('../../inference-core/host-ts/index.ts', import.meta.url).href;
    const support = new URL('./support.ts', import.meta.url).href;
    await writeFile(
      script,
      `import { runEngine } from ${JSON.stringify(door)};
       import { smallModel } from ${JSON.stringify(support)};
       const options = ${JSON.stringify(OPTIONS)};
       await runEngine(
         { kind: 'fit', folder: ${JSON.stringify(folder)}, jobKey: 'resume-test', model: smallModel({ side: 18, numTimeSteps: 8 }),
           initialTheta: ${JSON.stringify(INITIAL_THETA)}, options },
         { onEvent: (event) => { if (event.type === 'hello' || event.type === 'checkpoint') console.log(JSON.stringify(event)); } },
       );`,
    );
    const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
    const parent = spawn(process.execPath, ['--import', tsx, script], { stdio: ['ignore', 'pipe', 'inherit'] });
    let engine = 0;
    let text = '';
    for await (const chunk of parent.stdout) {
      text += String(chunk);
      engine = Number(/"pid":([0-9]+)/u.exec(text)?.[1] ?? 0);
      if (text.split('"checkpoint"').length > 2) parent.kill('SIGKILL');
    }
    assert.ok(engine > 0);
    const deadlineMs = performance.now() + 10_000;
    while (isAlive(engine) && performance.now() < deadlineMs) await sleep(50);
    assert.equal(isAlive(engine), false, 'the engine is still there 10 s after its parent');
    const resumed = await runEngine(jobIn(folder));
    const told = Array.from(text.matchAll(/"iteration":([0-9]+)/gu), ([, iteration]) => Number(iteration));
    assert.ok(
      resumed.resumedFromIteration >= Math.max(1, ...told),
      `${resumed.resumedFromIteration} of ${told.join()}`,
    );
    assertSameFit(resumed, undisturbed);
  });

  it('stops when a second attempt takes over, and both agree on the result', async (context) => {
    const job = jobIn(await temporaryFolder(context));
    let second: Promise<FitResult> | undefined;
    const first = await failureOf(
      runEngine(job, {
        onEvent: afterCheckpoints(1, () => {
          second = runEngine(job);
        }),
      }),
    );
    assert.equal(first.tag, 'Engine.Superseded');
    assert.equal(first.retryable, true);
    assert.ok(second !== undefined);
    assertSameFit(await second, undisturbed);
    const again = await runEngine(job);
    assert.equal(again.resumedFromIteration, undisturbed.iterations, 'a finished fit is not computed again');
    assertSameFit(again, undisturbed);
  });
});

describe('the engine process', () => {
  const projector = MODEL.observations[0]?.projector;
  assert.ok(projector !== undefined);
  const covariates = new Float64Array(projector.numRows).fill(1);
  const designs = [{ process: 0, timeIndices: Int32Array.of(0, 7), projector, covariates }];
  const theta = [1.5, 1, 0, 2];
  const thetaCovariance = theta.map((_, row) => theta.map((__, column) => (row === column ? 0.01 : 0)));
  const integrationIn = (folder: string): IntegrateJob => {
    const common = { folder, jobKey: 'p', model: MODEL, options: { threads: 1 } };
    return { kind: 'integrate', ...common, theta, thetaCovariance, strategy: 'empirical-bayes', designs };
  };
  const expectedIntegration = (): Promise<IntegrationResult> => {
    const engine = loadNativeEngine();
    engine.setNumThreads(1);
    const options = { strategy: 'empirical-bayes', latent: false, predictions: designs } as const;
    return engine.integrate(MODEL, theta, thetaCovariance.flat(), options).promise;
  };
  const withoutClock = (result: IntegrationResult): IntegrationResult => ({ ...result, seconds: 0 });

  it('integrates as the engine does, bit for bit', async (context) => {
    const found = await runEngine(integrationIn(await temporaryFolder(context)));
    assert.deepEqual(withoutClock(found), withoutClock(await expectedIntegration()));
    assert.equal(found.predictions[0]?.mean.length, 2 * projector.numRows);
    assert.ok(found.predictions[0].sd.every((sd) => sd > 0));
  });

  const hasMpirun = (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, 'mpirun')));
  it('does so under mpirun too', { skip: hasMpirun ? false : 'mpirun is not on the PATH' }, async (context) => {
    const found = await runEngine(integrationIn(await temporaryFolder(context)), {
      launcher: await mpirunLauncher({ ranks: 1 }),
    });
    assert.deepEqual(withoutClock(found), withoutClock(await expectedIntegration()));
  });

  it('calls a model that cannot be used invalid input, at once and for good', async (context) => {
    const [group] = MODEL.observations;
    assert.ok(group !== undefined);
    const y = group.y.slice();
    y[5] = NaN;
    const model = { ...MODEL, observations: [{ ...group, y }] };
    const error = await failureOf(runEngine({ ...jobIn(await temporaryFolder(context)), model }));
    assert.equal(error.tag, 'Engine.InvalidInput');
    assert.equal(error.retryable, false);
    assert.match(error.message, /observation/iu);
  });
});
