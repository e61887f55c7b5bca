// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { appendFile, chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';

import { isTramontanaError, TramontanaError } from '../../../common/errors.js';
import { temporaryFolder } from '../../../tests/golden/support.js';
import { FileTail } from './file-tail.js';
import { engineLauncher } from './launchers.js';
import { mpirunLauncher } from './mpirun-launcher.js';
import { RankGroup } from './rank-group.js';
import { isOver, parseJobState } from './slurm-job-state.js';
import { slurmLauncher } from './slurm-launcher.js';

const SETTINGS = { launcher: 'local', ranks: 1, mpirun: {}, slurm: {} } as const;

/** Puts programs on the PATH, alone, each of which prints a text. */
async function withPrograms(context: TestContext, programs: Readonly<Record<string, string>>): Promise<void> {
  const folder = await temporaryFolder(context);
  for (const [name, text] of Object.entries(programs)) {
    await writeFile(join(folder, name), `#!/bin/sh\necho '${text}'\n`);
    await chmod(join(folder, name), 0o755);
  }
  const path = process.env['PATH'];
  process.env['PATH'] = folder;
  context.after(() => (process.env['PATH'] = path));
}

describe('launchers', () => {
  it('are chosen by the configuration', async (context) => {
    await withPrograms(context, { mpirun: 'HYDRA build details:', srun: '', scancel: '' });
    for (const launcher of ['local', 'mpirun', 'slurm'] as const) {
      assert.equal((await engineLauncher({ ...SETTINGS, launcher })).name, launcher);
    }
  });

  it('say what is missing', async (context) => {
    await withPrograms(context, {});
    for (const launcher of ['mpirun', 'slurm'] as const) {
      await assert.rejects(
        engineLauncher({ ...SETTINGS, launcher }),
        (error) => isTramontanaError(error, 'Engine.LauncherUnavailable') && !error.retryable,
      );
    }
  });

  it('speak the dialect of the mpirun that is there', async (context) => {
    const options = { ranks: 3, hostFile: '/hosts', binding: 'core', arguments: ['--more'] } as const;
    await withPrograms(context, {
      mpirun: 'mpirun (Open MPI) 4.1.4',
      other: 'HYDRA build details:',
      unknown: 'SGI MPT',
    });
    const before = async (program: string): Promise<string> => {
      const { file, args } = (await mpirunLauncher({ ...options, program })).command('/job.json', 1);
      assert.match(file, new RegExp(`${program}$`, 'u'));
      assert.deepEqual(args.slice(-4), ['--ranks', '3', '--job', '/job.json']);
      const words = args.slice(0, args.indexOf(process.execPath));
      return words.filter((word) => word !== '--allow-run-as-root').join(' ');
    };
    assert.equal(await before('mpirun'), '-n 3 --bind-to core --hostfile /hosts --more');
    assert.equal(await before('other'), '-n 3 -bind-to core -f /hosts --more');
    await assert.rejects(before('unknown'), /expected mpirun of Open MPI or MPICH, found "SGI MPT"/u);
  });

  it('ask SLURM for what the configuration says, and cancel by a name of the attempt', async (context) => {
    await withPrograms(context, { srun: '', scancel: '', sbatch: '' });
    const options = { ranks: 2, partition: 'p', account: 'a', timeLimitMinutes: 5, mpi: 'pmix', arguments: ['--x'] };
    const { args, cancel } = slurmLauncher(options).command('/job.json', 4);
    for (const word of ['--ntasks=2', '--cpus-per-task=4', '--partition=p', '--account=a', '--time=5', '--mpi=pmix']) {
      assert.ok(args.includes(word), word);
    }
    const name = args.find((word) => word.startsWith('--job-name='))?.replace('--job-', '--');
    assert.ok(name !== undefined && cancel !== undefined);
    assert.ok(cancel('SIGTERM').args.includes(name));
    assert.ok(cancel('SIGKILL').args.includes('--signal=KILL'));
    const batch = slurmLauncher({ ...options, batch: true }).command('/job.json', 4).args;
    // sbatch has no --mpi
    assert.ok(!batch.slice(batch.indexOf('--')).includes('--mpi=pmix'));
    assert.ok(batch.slice(batch.indexOf('--')).includes('--ntasks=2'));
  });
});

describe('ranks that agree', () => {
  const gathering = (others: readonly object[]): RankGroup =>
    new RankGroup(
      { rank: 0, size: 1 + others.length, library: 'test' },
      {
        gatherTexts: (own) => Promise.resolve([own, ...others.map((other) => JSON.stringify(other))]),
        leaveRanks: () => Promise.resolve(),
      },
    );
  const failed = { error: { tag: 'Engine.InvalidInput', message: 'no file', retryable: false, facts: { path: 'x' } } };

  it('have the values of all, infinities too', async () => {
    assert.deepEqual(await gathering([{ value: 2 }]).onAll(() => Promise.resolve(-Infinity)), [-Infinity, 2]);
  });

  it('throw what the lowest of them throws', async () => {
    const own = new TramontanaError('Engine.Superseded', 'older');
    await assert.rejects(
      gathering([failed]).onAll(() => Promise.reject(own)),
      own,
    );
    const ofOther = gathering([{ value: 1 }, failed]).onAll(() => Promise.resolve(0));
    await assert.rejects(ofOther, (error) => {
      assert.ok(isTramontanaError(error, 'Engine.InvalidInput'));
      assert.equal(error.message, 'rank 2: no file');
      assert.deepEqual(error.facts, { path: 'x', rank: 2 });
      return true;
    });
  });
});

describe('a job of SLURM', () => {
  it('is over when it neither waits nor runs nor comes back', () => {
    const stateOf = (text: string) => parseJobState(`JobId=7 JobName=x UserId=root(0) ${text} DerivedExitCode=0:0`);
    const cases = [
      ['JobState=PENDING Reason=BeginTime Restarts=1 ExitCode=0:0', false, 0],
      ['JobState=COMPLETING Reason=None ExitCode=0:15', false, undefined],
      ['JobState=COMPLETED Reason=None ExitCode=0:0', true, 0],
      ['JobState=FAILED Reason=NonZeroExitCode ExitCode=75:0', true, 75],
      ['JobState=NODE_FAIL Reason=NodeDown ExitCode=0:1', true, undefined],
    ] as const;
    for (const [text, isEnd, exitCode] of cases) {
      const state = stateOf(text);
      assert.ok(state !== undefined);
      assert.deepEqual([isOver(state), state.exitCode], [isEnd, exitCode], text);
    }
    assert.equal(parseJobState('slurm_load_jobs error'), undefined);
  });

  it('is read line by line from a file that grows', async (context) => {
    const path = join(await temporaryFolder(context), 'events');
    const lines: string[] = [];
    const tail = new FileTail(path, (line) => lines.push(line));
    await tail.read();
    const bytes = Buffer.from('one\ntwo µ\n');
    // within a character
    await writeFile(path, bytes.subarray(0, 9));
    await tail.read();
    assert.deepEqual(lines, ['one']);
    await appendFile(path, bytes.subarray(9));
    await tail.read();
    await tail.read();
    assert.deepEqual(lines, ['one', 'two µ']);
  });
});
