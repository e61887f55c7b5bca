// SPDX-License-Identifier: Apache-2.0
import { sha256Hex } from '../../../common/hash.js';
import { helloCommand, programCommand, rankCommand, type EngineCommand, type EngineLauncher } from './launcher.js';
import { launcherProgram } from './program-search.js';

export interface SlurmOptions {
  /** Processes that compute together: tasks of SLURM. */
  readonly ranks: number;
  readonly partition?: string | undefined;
  readonly account?: string | undefined;
  /** How ranks find each other (`srun --mpi=list`): `pmix` for Open MPI, `pmi2` for MPICH. Default: that of the cluster. */
  readonly mpi?: string | undefined;
  readonly timeLimitMinutes?: number | undefined;
  /** Through sbatch: SLURM may requeue the job, which goes on from its checkpoint. Default: srun. */
  readonly batch?: boolean | undefined;
  /** Further arguments of srun or sbatch. */
  readonly arguments?: readonly string[] | undefined;
}

/** Of srun alone; sbatch has no such option. */
export function mpiArguments(mpi: string | undefined): string[] {
  return mpi === undefined ? [] : [`--mpi=${mpi}`];
}

const REMEDY = 'the worker must run where the clients of SLURM are installed';

/** A name that no other job has: attempts have files of their own. */
function jobNameOf(jobFile: string): string {
  return `tramontana-${sha256Hex(jobFile).slice(0, 16)}`;
}

function requestOf(options: SlurmOptions, threads: number): string[] {
  const { ranks, partition, account, timeLimitMinutes } = options;
  return [
    `--ntasks=${ranks}`,
    `--cpus-per-task=${threads}`,
    ...(partition === undefined ? [] : [`--partition=${partition}`]),
    ...(account === undefined ? [] : [`--account=${account}`]),
    ...(timeLimitMinutes === undefined ? [] : [`--time=${timeLimitMinutes}`]),
    ...(options.arguments ?? []),
  ];
}

/**
 * Starts ranks as tasks of SLURM.
 *
 * By default with `srun`: outside of an allocation it makes one for the job and frees it at its end; inside of one (the worker runs as a
 * job) the ranks are a step of it. It passes stdin, stdout, stderr and signals on, so the processes are supervised like local ones, and
 * they end with it. SLURM never requeues what srun has allocated; `batch` is for clusters where that is wanted, or where only batch jobs
 * are allowed: a process follows the job through files in the job's folder, which the worker and the nodes share anyway.
 *
 * @throws TramontanaError `Engine.LauncherUnavailable` when the clients of SLURM are not on the PATH
 */
export function slurmLauncher(options: SlurmOptions): EngineLauncher {
  const { ranks, batch = false, mpi } = options;
  const scancel = launcherProgram('scancel', REMEDY);
  const srun = launcherProgram('srun', REMEDY);
  const cancelOf = (jobFile: string) => (signal: 'SIGTERM' | 'SIGKILL') => ({
    file: scancel,
    // by itself it sends SIGTERM, and SIGKILL only after the KillWait of the cluster
    args: ['--quiet', `--name=${jobNameOf(jobFile)}`, ...(signal === 'SIGKILL' ? ['--signal=KILL'] : [])],
  });
  // stdin is the life line of rank 0; one rank that fails takes the others with it
  const step = (name: string, threads: number, rank: EngineCommand): EngineCommand => ({
    file: srun,
    args: [
      ...['--quiet', '--input=0', '--kill-on-bad-exit=1', `--job-name=${name}`],
      ...mpiArguments(mpi),
      ...requestOf(options, threads),
      ...[rank.file, ...rank.args],
    ],
    stopsBy: 'stdin',
  });
  const hello = (threads: number): EngineCommand => step('tramontana-hello', threads, helloCommand(ranks));
  if (batch) {
    launcherProgram('sbatch', REMEDY);
    return {
      name: 'slurm',
      ranks,
      command: (jobFile, threads) => {
        const request = [...requestOf(options, threads), `--job-name=${jobNameOf(jobFile)}`];
        const ofRanks = ['--ranks', String(ranks), ...mpiArguments(mpi)];
        const own = ['--job', jobFile, ...ofRanks, '--', ...request];
        return { ...programCommand('slurm-batch', own), stopsBy: 'stdin', cancel: cancelOf(jobFile) };
      },
      hello,
    };
  }
  // a step of somebody's allocation ends with srun; a name would cancel nothing, or all of it
  const isInAllocation = process.env['SLURM_JOB_ID'] !== undefined;
  return {
    name: 'slurm',
    ranks,
    command: (jobFile, threads) => ({
      ...step(jobNameOf(jobFile), threads, rankCommand(jobFile, ranks)),
      ...(isInAllocation ? {} : { cancel: cancelOf(jobFile) }),
    }),
    hello,
  };
}
