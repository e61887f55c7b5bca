// SPDX-License-Identifier: Apache-2.0
/** The engine as a job of SLURM, of one that this file starts: srun and sbatch, cancelled, requeued, killed. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, it } from 'node:test';

import type { FitResult } from '../../artifacts/schemas/fit-result.js';
import {
  rankAddonPath,
  runEngine,
  slurmLauncher,
  tryLauncher,
  type EngineLauncher,
} from '../../inference-core/host-ts/index.js';
import { assertSameFit, failureOf, temporaryFolder } from '../golden/support.js';
import { NO_SLURM, OneNodeSlurm } from './one-node-slurm.js';
import {
  afterCheckpoints,
  assertAllGone,
  assertStopsInTime,
  fitIn,
  LONG_MODEL,
  processesOf,
  ranksOf,
  silentRankOf,
} from './rank-runs.js';

const skip = existsSync(rankAddonPath()) ? NO_SLURM : 'the engine was built without MPI';

describe('ranks of SLURM', { skip }, () => {
  let fit: FitResult;
  let slurm: OneNodeSlurm;
  let clean = (): Promise<void> => Promise.resolve();
  const environment = { ...process.env };

  before(async () => {
    const folder = await temporaryFolder({ after: (remove) => (clean = remove) });
    slurm = await OneNodeSlurm.start();
    Object.assign(process.env, slurm.environment);
    fit = await runEngine(fitIn(folder, LONG_MODEL));
  });

  after(async () => {
    await slurm.stop();
    process.env = environment;
    await clean();
  });

  // Open MPI of Debian speaks PMIx with SLURM
  const onRanks = (ranks: number, batch = false): EngineLauncher =>
    slurmLauncher({ ranks, batch, mpi: 'pmix', timeLimitMinutes: 10 });
  const jobs = (): string => slurm.run('squeue', '--noheader');

  async function assertNothingLeft(folder: string): Promise<void> {
    await assertAllGone(folder);
    const endMs = performance.now() + 8000;
    while (jobs() !== '' && performance.now() < endMs) await sleep(100);
    assert.equal(jobs(), '');
  }

  it('fit as one process does', async (context) => {
    const folder = await temporaryFolder(context);
    const found = await runEngine(fitIn(folder, LONG_MODEL), { launcher: onRanks(2) });
    assertSameFit(found, fit);
    await assertNothingLeft(folder);
  });

  for (const batch of [false, true]) {
    it(`are cancelled within ten seconds, started by ${batch ? 'sbatch' : 'srun'}`, async (context) => {
      const folder = await temporaryFolder(context);
      await assertStopsInTime(fitIn(folder, LONG_MODEL), onRanks(2, batch), {
        gone: () => assertNothingLeft(folder),
      });
      const resumed = await runEngine(fitIn(folder, LONG_MODEL));
      assert.ok(resumed.resumedFromIteration >= 2);
      assertSameFit(resumed, fit);
    });
  }

  it('are gone in time although one of them hears nothing', async (context) => {
    const folder = await temporaryFolder(context);
    await assertStopsInTime(fitIn(folder, LONG_MODEL), onRanks(2), {
      before: () => process.kill(silentRankOf(folder), 'SIGSTOP'),
      gone: () => assertNothingLeft(folder),
    });
  });

  it('leave nothing behind when srun is killed', async (context) => {
    const folder = await temporaryFolder(context);
    const kill = (): void => {
      const ranks = ranksOf(folder);
      assert.equal(ranks.length, 2);
      const isSrun = ({ args }: { readonly args: readonly string[] }): boolean => /srun$/u.test(args[0] ?? '');
      for (const found of processesOf(folder)) if (isSrun(found)) process.kill(found.pid, 'SIGKILL');
    };
    const error = await failureOf(
      runEngine(fitIn(folder, LONG_MODEL), { launcher: onRanks(2), onEvent: afterCheckpoints(3, kill) }),
    );
    assert.equal(error.tag, 'Engine.Crashed');
    await assertNothingLeft(folder);
  });

  it('of a requeued job go on from its checkpoint, and one attempt gives one result', async (context) => {
    const folder = await temporaryFolder(context);
    const resumedFrom: number[] = [];
    const requeue = afterCheckpoints(3, () => {
      const [id = ''] = slurm.run('squeue', '--noheader', '--format=%i').split('\n');
      slurm.run('scontrol', 'requeue', id);
    });
    const found = await runEngine(fitIn(folder, LONG_MODEL), {
      launcher: onRanks(2, true),
      onEvent: (event) => {
        if (event.type === 'hello') resumedFrom.push(event.resumedFromIteration);
        requeue(event);
      },
    });
    assert.equal(resumedFrom.length, 2);
    assert.equal(resumedFrom[0], 0);
    assert.ok((resumedFrom[1] ?? 0) >= 2, String(resumedFrom[1]));
    assertSameFit(found, fit);
    await assertNothingLeft(folder);
  });

  it('greet each other', async () => {
    const settings = { launcher: 'slurm', ranks: 2, mpirun: {}, slurm: { mpi: 'pmix' } } as const;
    assert.match(await tryLauncher(settings, 1), /^slurm: 2 ranks of .+ on \S+$/u);
  });
});
