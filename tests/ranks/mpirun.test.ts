// SPDX-License-Identifier: Apache-2.0
/** The engine on several ranks of mpirun: the numbers of one, and no process left, whichever of them is killed. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';

import type { FitResult } from '../../artifacts/schemas/fit-result.js';
import {
  mpirunLauncher,
  rankAddonPath,
  runEngine,
  tryLauncher,
  type EngineLauncher,
  type IntegrationResult,
} from '../../inference-core/host-ts/index.js';
import { BEAT_INTERVAL_MS } from '../../inference-core/host-ts/process/heard-ranks.js';
import { programCommand } from '../../inference-core/host-ts/process/launcher.js';
import { assertSameFit, failureOf, temporaryFolder } from '../golden/support.js';
import {
  afterCheckpoints,
  assertAllGone,
  assertStopsInTime,
  fitIn,
  integrationIn,
  processesOf,
  ranksOf,
  silentRankOf,
} from './rank-runs.js';

const said = spawnSync('mpirun', ['--version'], { encoding: 'utf8' }).stdout;
const skip =
  existsSync(rankAddonPath()) && typeof said === 'string'
    ? false
    : 'the engine was built without MPI, or mpirun is absent';
/** More ranks than processors: Open MPI wants to be told, MPICH does not ask. */
const oversubscribed = /Open MPI/u.test(said) ? ['--oversubscribe'] : [];
const onRanks = (ranks: number): Promise<EngineLauncher> => mpirunLauncher({ ranks, arguments: oversubscribed });

describe('ranks of mpirun', { skip }, () => {
  let fit: FitResult;
  let integration: IntegrationResult;
  let clean = (): Promise<void> => Promise.resolve();
  after(() => clean());

  before(async () => {
    const folder = await temporaryFolder({ after: (remove) => (clean = remove) });
    [fit, integration] = [await runEngine(fitIn(folder)), await runEngine(integrationIn(folder))];
  });

  it('fit as one process does, and only one speaks', async (context) => {
    const folder = await temporaryFolder(context);
    const hellos: (number | undefined)[] = [];
    const found = await runEngine(fitIn(folder), {
      launcher: await onRanks(4),
      onEvent: (event) => event.type === 'hello' && hellos.push(event.ranks),
    });
    assert.deepEqual(hellos, [4]);
    assertSameFit(found, fit);
    await assertAllGone(folder);
  });

  it('are split as they are told, and tell it', async (context) => {
    const folder = await temporaryFolder(context);
    const job = fitIn(folder);
    const found = await runEngine(
      { ...job, options: { ...job.options, rankGroups: 1 } },
      { launcher: await onRanks(2) },
    );
    assert.match(found.recursion, /2 ranks: \d+ evaluations 1 at a time, each on 2 as set/u);
    assertSameFit(found, fit);
  });

  it('integrate as one process does', async (context) => {
    const folder = await temporaryFolder(context);
    const found = await runEngine(integrationIn(folder), { launcher: await onRanks(2) });
    assert.equal(found.points.length, integration.points.length);
    for (const [index, point] of found.points.entries()) {
      const expected = integration.points[index];
      assert.ok(Math.abs(point.weight - (expected?.weight ?? NaN)) <= 1e-10);
    }
    const relative = (found.criteria?.dic ?? NaN) / (integration.criteria?.dic ?? NaN) - 1;
    assert.ok(Math.abs(relative) <= 1e-10, String(relative));
  });

  it('end with a crash when one is killed; other numbers of ranks go on from its checkpoint', async (context) => {
    const folder = await temporaryFolder(context);
    const kill = (): boolean => process.kill(silentRankOf(folder), 'SIGKILL');
    const error = await failureOf(
      runEngine(fitIn(folder), { launcher: await onRanks(2), onEvent: afterCheckpoints(3, kill) }),
    );
    assert.equal(error.tag, 'Engine.Crashed');
    assert.ok(error.retryable);
    await assertAllGone(folder);
    const resumed = await runEngine(fitIn(folder), { launcher: await onRanks(3) });
    assert.ok(resumed.resumedFromIteration >= 2);
    assertSameFit(resumed, fit);
  });

  it('leave nothing behind when mpirun is killed', async (context) => {
    const folder = await temporaryFolder(context);
    const kill = (): void => {
      const ranks = ranksOf(folder);
      assert.equal(ranks.length, 2);
      for (const { pid } of processesOf(folder)) if (!ranks.includes(pid)) process.kill(pid, 'SIGKILL');
    };
    const error = await failureOf(
      runEngine(fitIn(folder), { launcher: await onRanks(2), onEvent: afterCheckpoints(3, kill) }),
    );
    assert.equal(error.tag, 'Engine.Crashed');
    await assertAllGone(folder);
  });

  it('are all interrupted by a signal to any of them, with a checkpoint; one process goes on', async (context) => {
    const folder = await temporaryFolder(context);
    const signal = (): boolean => process.kill(silentRankOf(folder), 'SIGTERM');
    const error = await failureOf(
      runEngine(fitIn(folder), { launcher: await onRanks(2), onEvent: afterCheckpoints(3, signal) }),
    );
    assert.equal(error.tag, 'Engine.Interrupted', error.message);
    assert.equal(error.facts['exitCode'], 75);
    await assertAllGone(folder);
    const resumed = await runEngine(fitIn(folder));
    assert.ok(resumed.resumedFromIteration >= 2);
    assertSameFit(resumed, fit);
  });

  it('are ended when one of them is stopped, and go on from the checkpoint', async (context) => {
    const folder = await temporaryFolder(context);
    const stop = (): boolean => process.kill(silentRankOf(folder), 'SIGSTOP');
    const error = await failureOf(
      runEngine(fitIn(folder), {
        ...{ launcher: await onRanks(2), silenceLimitMs: 2 * BEAT_INTERVAL_MS, onEvent: afterCheckpoints(3, stop) },
      }),
    );
    assert.equal(error.tag, 'Engine.Unresponsive', error.message);
    assert.deepEqual([error.facts['rank'], error.facts['ranks'], error.retryable], [1, 2, true]);
    await assertAllGone(folder);
    const resumed = await runEngine(fitIn(folder));
    assert.ok(resumed.resumedFromIteration >= 2);
    assertSameFit(resumed, fit);
  });

  it('stop when they are asked to', async (context) => {
    const folder = await temporaryFolder(context);
    await assertStopsInTime(fitIn(folder), await onRanks(2), { gone: () => assertAllGone(folder) });
  });

  it('give way to a newer attempt', async (context) => {
    const folder = await temporaryFolder(context);
    let newer: Promise<FitResult> | undefined;
    const overtake = (): void => void (newer = runEngine(fitIn(folder)));
    const error = await failureOf(
      runEngine(fitIn(folder), { launcher: await onRanks(2), onEvent: afterCheckpoints(3, overtake) }),
    );
    assert.equal(error.tag, 'Engine.Superseded');
    assert.ok(newer !== undefined);
    assertSameFit(await newer, fit);
    await assertAllGone(folder);
  });

  it('end at once where one cannot read the job', async (context) => {
    const folder = await temporaryFolder(context);
    const launcher = await onRanks(2);
    const elsewhere: EngineLauncher = {
      ...launcher,
      command: (jobFile, threads) => {
        const { file, args } = launcher.command(jobFile, threads);
        const start = args.indexOf(process.execPath);
        const [options, program] = [args.slice(0, start), args.slice(start)];
        const ofOne = options.map((arg, index) => (options[index - 1] === '-n' ? '1' : arg));
        const other = program.map((arg) => (arg === jobFile ? `${folder}/not-shared/job.json` : arg));
        return { file, args: [...ofOne, ...program, ':', '-n', '1', ...other] };
      },
    };
    const error = await failureOf(runEngine(fitIn(folder), { launcher: elsewhere }));
    assert.equal(error.tag, 'Engine.InvalidInput');
    assert.match(error.message, /^rank 1: .*not-shared.*expected an engine job/u);
    await assertAllGone(folder);
  });

  it('refuse to compute apart where they do not find each other', async (context) => {
    const folder = await temporaryFolder(context);
    const alone: EngineLauncher = {
      name: 'alone',
      ranks: 2,
      command: (jobFile) => programCommand('rank', ['--ranks', '2', '--job', jobFile]),
    };
    const error = await failureOf(runEngine(fitIn(folder), { launcher: alone }));
    assert.equal(error.tag, 'Engine.InvalidInput');
    assert.match(error.message, /expected 2 ranks, .* finds 1/u);
  });

  it('greet each other, or say why not', async () => {
    const settings = { launcher: 'mpirun', ranks: 2, slurm: {} } as const;
    const words = await tryLauncher({ ...settings, mpirun: { arguments: oversubscribed } }, 1);
    assert.match(words, /^mpirun: 2 ranks of .+ on \S+$/u);
    const refused = tryLauncher({ ...settings, mpirun: { hostFile: '/not/there' } }, 1);
    await assert.rejects(refused, (error: Error) => {
      assert.match(error.message, /mpirun` starts no ranks: it ended with \d+ and said:/u);
      assert.match(error.message, /not\/there/u);
      return true;
    });
  });
});
