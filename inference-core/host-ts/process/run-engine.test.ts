// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { isTramontanaError } from '../../../common/errors.js';
import { smallModel, temporaryFolder } from '../../../tests/golden/support.js';
import type { EngineLauncher } from './launcher.js';
import { localLauncher } from './launcher.js';
import { checkpointFolder, jobFolder, runEngine, type FitJob, type IntegrateJob } from './run-engine.js';

/** Starts a process that reads its job and answers as `body` says; `job` is the parsed job.json, `folder` its folder. */
function fakeLauncher(body: string): EngineLauncher {
  const script = `
    const { readFileSync, writeFileSync, writeSync } = require('node:fs');
    const { dirname, join } = require('node:path');
    const { createHash } = require('node:crypto');
    const folder = dirname(process.argv[1]);
    const job = JSON.parse(readFileSync(process.argv[1], 'utf8'));
    const say = (event) => writeSync(1, JSON.stringify({ v: 1, ...event }) + '\\n');
    const finish = (result) => {
      const text = JSON.stringify({ schemaVersion: 1, jobKey: job.jobKey, attemptToken: job.attemptToken, ...result });
      const path = join(folder, 'result.json');
      writeFileSync(path, text);
      say({ type: 'result', path, sha256: createHash('sha256').update(text).digest('hex') });
    };
    const fit = {
      thetaNames: ['a'], theta: [1], thetaCovariance: [[1]], objective: 2, gradientNorm: 0, evaluations: 3, iterations: 4,
      resumedFromIteration: 0, seconds: 5, stopReason: 's', converged: true, activeBounds: [], recursion: 'r', fixedEffects: { mean: [], sd: [] }, trace: [],
    };
    ${body}
  `;
  return { name: 'fake', ranks: 1, command: (jobFile) => ({ file: process.execPath, args: ['-e', script, jobFile] }) };
}

async function fitJob(context: Parameters<typeof temporaryFolder>[0]): Promise<FitJob> {
  return {
    kind: 'fit',
    folder: await temporaryFolder(context),
    jobKey: 'job',
    model: smallModel(),
    initialTheta: [1, 1, 0, 2],
  };
}

describe('running the engine', () => {
  it('gives the fit, and leaves no attempt behind', async (context) => {
    const job = await fitJob(context);
    const result = await runEngine(job, { launcher: fakeLauncher(`finish({ kind: 'fit', fit });`) });
    assert.deepEqual([result.theta, result.objective], [[1], 2]);
    assert.deepEqual(await readdir(join(jobFolder(job), 'attempts')), []);
  });

  it('gives each attempt its own folder and token, and all the same checkpoints', async (context) => {
    const job = await fitJob(context);
    const tokens: string[] = [];
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const launcher = fakeLauncher(
        `say({ type: 'warning', code: String(job.attemptToken), message: job.checkpointFolder, facts: {} }); process.exit(1);`,
      );
      const onEvent = (event: { type: string; code?: string; message?: string }): void => {
        if (event.type === 'warning') tokens.push(`${event.code} ${event.message === checkpointFolder(job)}`);
      };
      await assert.rejects(runEngine(job, { launcher, onEvent }), (error) =>
        isTramontanaError(error, 'Engine.Crashed'),
      );
    }
    assert.deepEqual(tokens, ['1 true', '2 true', '3 true']);
    assert.deepEqual(
      (await readdir(join(jobFolder(job), 'attempts'))).sort(),
      ['2', '3'],
      'the last two are kept for who looks for the cause',
    );
    await runEngine(job, { launcher: fakeLauncher(`finish({ kind: 'fit', fit });`) });
    assert.deepEqual(await readdir(join(jobFolder(job), 'attempts')), []);
  });

  it('keeps jobs of another key and kind apart', async (context) => {
    const job = await fitJob(context);
    const folders = [job, { ...job, jobKey: 'other' }, { ...job, kind: 'integrate' as const }].map(checkpointFolder);
    assert.equal(new Set(folders).size, 3);
  });

  it('does not take a wrong result for one', async (context) => {
    const job = await fitJob(context);
    for (const body of [
      `finish({ kind: 'fit', fit, jobKey: 'another job' });`,
      `finish({ kind: 'fit', fit: { ...fit, theta: ['x'] } });`,
      `finish({ kind: 'fit', fit }); writeFileSync(join(folder, 'result.json'), '{}');`,
      `say({ type: 'result', path: join(folder, 'nowhere.json'), sha256: '' });`,
    ]) {
      await assert.rejects(
        runEngine(job, { launcher: fakeLauncher(body) }),
        (error) => isTramontanaError(error, 'Engine.BadResult') && error.retryable,
      );
    }
  });

  it('starts nothing when its signal is aborted already', async (context) => {
    const job = await fitJob(context);
    await assert.rejects(
      runEngine(job, { launcher: fakeLauncher(''), signal: AbortSignal.abort(new Error('changed my mind')) }),
      (error) => isTramontanaError(error, 'Engine.Interrupted') && error.retryable,
    );
    assert.equal(existsSync(jobFolder(job)), false);
  });

  it('refuses a covariance that is not a number before it starts a process', async (context) => {
    const { initialTheta, ...common } = await fitJob(context);
    const job: IntegrateJob = {
      ...common,
      kind: 'integrate',
      theta: initialTheta,
      thetaCovariance: [[NaN]],
      strategy: 'empirical-bayes',
      designs: [],
    };
    await assert.rejects(
      runEngine(job, { launcher: fakeLauncher('') }),
      (error) => isTramontanaError(error, 'Engine.InvalidInput') && /thetaCovariance/u.test(error.message),
    );
  });
});

describe('launchers', () => {
  it('start the program of a rank', () => {
    const { file, args } = localLauncher.command('/job.json', 1);
    assert.equal(file, process.execPath);
    assert.deepEqual(args.slice(-2), ['--job', '/job.json']);
    assert.ok(args.some((arg) => /host-ts.process.rank\.[jt]s$/u.test(arg)));
  });
});
