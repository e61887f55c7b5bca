// SPDX-License-Identifier: Apache-2.0
/** Jobs on several ranks, and the processes that belong to them. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import {
  runEngine,
  type EngineEvent,
  type EngineLauncher,
  type EngineModel,
  type FitJob,
  type IntegrateJob,
} from '../../inference-core/host-ts/index.js';
import { failureOf, smallModel } from '../golden/support.js';

/** An iteration takes some tens of milliseconds: enough of them to be disturbed in, and a fit in seconds. */
const MODEL = smallModel({ side: 14, numTimeSteps: 6 });
/** Takes seconds: what is heard of it through files of a batch job comes late. */
export const LONG_MODEL = smallModel({ side: 18, numTimeSteps: 8 });
const OPTIONS = { threads: 1, gradientTolerance: 1e-3 };

/** An orphan has gone after 2.5 s (life-line.ts); a loaded machine adds to it. */
const GONE_WITHIN_MS = 8000;

export function fitIn(folder: string, model: EngineModel = MODEL): FitJob {
  // far from the mode, so that the search takes many iterations
  const initialTheta = [3, 3, -2, -1];
  return { kind: 'fit', folder, jobKey: 'ranks', model, initialTheta, options: OPTIONS };
}

export function integrationIn(folder: string): IntegrateJob {
  const theta = [1.7, 3.7, -0.8, 4.3];
  const thetaCovariance = theta.map((_, row) => theta.map((__, column) => (row === column ? 0.01 : 0)));
  const common = { folder, jobKey: 'ranks', model: MODEL, options: OPTIONS };
  return { kind: 'integrate', ...common, theta, thetaCovariance, strategy: 'central-composite', designs: [] };
}

/** Calls `act` once, when that many checkpoints are on disk. */
export function afterCheckpoints(count: number, act: () => void): (event: EngineEvent) => void {
  let seen = 0;
  return (event) => {
    if (event.type !== 'checkpoint') return;
    seen += 1;
    if (seen === count) act();
  };
}

/** Cancelling is to stop all ranks within this. */
const STOPPED_WITHIN_MS = 10_000;

/** Runs a fit, asks it to stop after some iterations, and expects it interrupted, all of it gone, in time. */
export async function assertStopsInTime(
  job: FitJob,
  launcher: EngineLauncher,
  { before, gone }: { readonly before?: () => void; readonly gone: () => Promise<void> },
): Promise<void> {
  const stop = new AbortController();
  let askedMs = 0;
  const ask = (): void => {
    before?.();
    askedMs = performance.now();
    stop.abort();
  };
  const options = { launcher, signal: stop.signal, onEvent: afterCheckpoints(3, ask) };
  const error = await failureOf(runEngine(job, options));
  assert.equal(error.tag, 'Engine.Interrupted', error.message);
  await gone();
  const tookMs = performance.now() - askedMs;
  assert.ok(tookMs < STOPPED_WITHIN_MS, `${tookMs} ms`);
}

export interface FoundProcess {
  readonly pid: number;
  readonly args: readonly string[];
}

/** What a file of /proc tells of a process, in parts; empty for one that has gone, or is not ours to look at. */
function partsOf(pid: number, file: 'cmdline' | 'environ'): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

/** Living processes of which a file of /proc has a part like this. */
function processesWith(file: 'cmdline' | 'environ', isWanted: (part: string) => boolean): FoundProcess[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && partsOf(pid, file).some(isWanted))
    .map((pid) => ({ pid, args: partsOf(pid, 'cmdline') }));
}

/** Living processes whose command line names this folder, whoever their parent is by now: launchers and ranks of its jobs. */
export function processesOf(folder: string): FoundProcess[] {
  return processesWith('cmdline', (arg) => arg.startsWith(`${folder}/`));
}

/** Living processes with this in their environment, whoever their parent is by now. */
export function processesMarked(name: string, value: string): FoundProcess[] {
  return processesWith('environ', (part) => part === `${name}=${value}`);
}

/** The processes that compute, and not those that start them. */
export function ranksOf(folder: string): number[] {
  const isRank = ({ args }: FoundProcess): boolean => /node/u.test(args[0] ?? '') && args.includes('--ranks');
  return processesOf(folder)
    .filter(isRank)
    .map(({ pid }) => pid);
}

/** Which rank a process is, as Open MPI, MPICH and SLURM tell it. */
export function rankNumberOf(pid: number): number {
  const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  const found = environment.find((one) => /^(OMPI_COMM_WORLD_RANK|PMI_RANK|SLURM_PROCID)=/u.test(one));
  return Number(found?.split('=')[1]);
}

/** The process that is a rank other than the one that speaks. */
export function silentRankOf(folder: string): number {
  const found = ranksOf(folder).find((pid) => rankNumberOf(pid) === 1);
  assert.ok(found !== undefined, 'rank 1 is not there');
  return found;
}

/** Waits until no process of a job is left, and fails when one stays. */
export async function assertAllGone(folder: string): Promise<void> {
  const endMs = performance.now() + GONE_WITHIN_MS;
  while (processesOf(folder).length > 0 && performance.now() < endMs) await sleep(50);
  assert.deepEqual(processesOf(folder), []);
}
