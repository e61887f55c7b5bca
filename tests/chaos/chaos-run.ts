// SPDX-License-Identifier: Apache-2.0
/**
 * One forecast that is disturbed in the middle of its fit, and what is to be said of it afterwards.
 *
 * @module
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure, type TemporalFailure } from '@temporalio/common';

import { messageOf } from '../../common/errors.js';
import { delay } from '../../common/processes.js';
import type { ForecastResult } from '../../workflows/forecast.js';
import type { ChaosServer } from './chaos-server.js';
import { TooLate, type Aftermath, type Disturbance } from './disturbances.js';
import { GONE_WITHIN_MS, type Lane } from './lane.js';
import { differences, numbersOf, type Numbers } from './numbers.js';

/** A lost worker is noticed after half a minute, a stopped rank after a quarter; a rank that is stopped once more adds as much. */
const END_LIMIT_MS = 180_000;
const CHECKPOINT_LIMIT_MS = 60_000;
/** Iterations pass in tens of milliseconds. */
const LOOK_MS = 10;
const ASK_MS = 100;
/** The search takes some ten; those at the end leave no time to strike. */
const STRIKE_AFTER_AT_MOST = 6;
/** On a loaded machine a whole fit may pass between two looks. */
const MOST_TRIES = 4;

/** One run of a campaign. */
export interface ChaosRun {
  readonly number: number;
  readonly disturbance: Disturbance;
  readonly lane: Lane;
  readonly server: ChaosServer;
  readonly random: () => number;
}

export interface ChaosReport {
  readonly number: number;
  readonly name: string;
  /** What was done, and how it ended. */
  readonly story: string;
  readonly seconds: number;
  /** Empty: all is as it should be. */
  readonly violations: readonly string[];
}

interface Ended {
  readonly status: string;
  readonly result?: ForecastResult;
  readonly failure?: { readonly type: string; readonly message: string };
}

/** The server may be away for some seconds, and a call may fail with it. */
async function persistently<Value>(ask: () => Promise<Value>): Promise<Value> {
  const endMs = performance.now() + END_LIMIT_MS;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof WorkflowFailedError || performance.now() > endMs) throw error;
      await delay(ASK_MS);
    }
  }
}

function failureIn(error: WorkflowFailedError): Ended['failure'] {
  let cause: TemporalFailure | Error | undefined = error.cause;
  while (cause !== undefined && !(cause instanceof ApplicationFailure) && cause.cause instanceof Error)
    ({ cause } = cause);
  const type = cause instanceof ApplicationFailure ? (cause.type ?? '') : '';
  return { type, message: messageOf(cause ?? error) };
}

/** @returns undefined when it does not end in time */
async function endOf(run: WorkflowHandle): Promise<Ended | undefined> {
  const endMs = performance.now() + END_LIMIT_MS;
  while (performance.now() < endMs) {
    const { status } = await persistently(() => run.describe());
    if (status.name !== 'RUNNING') {
      try {
        return { status: status.name, result: (await persistently(() => run.result())) as ForecastResult };
      } catch (error) {
        if (!(error instanceof WorkflowFailedError)) throw error;
        const failure = failureIn(error);
        return { status: status.name, ...(failure === undefined ? {} : { failure }) };
      }
    }
    await delay(ASK_MS);
  }
  return undefined;
}

export function startForecast(
  { server, lane }: Pick<ChaosRun, 'server' | 'lane'>,
  id: string,
): Promise<WorkflowHandle> {
  const input = { schemaVersion: 1, configUri: lane.configUri, reuse: { from: 'fit' } };
  return persistently(() =>
    server.client.workflow.start('forecast', { workflowId: id, taskQueue: lane.taskQueue, args: [input] }),
  );
}

export async function undisturbed(scene: Pick<ChaosRun, 'server' | 'lane'>): Promise<Numbers> {
  const ended = await endOf(await startForecast(scene, `${scene.lane.name}-undisturbed`));
  if (ended?.result === undefined) {
    throw new Error(`the undisturbed run: ${ended?.status ?? 'no end'}: ${ended?.failure?.message ?? ''}`);
  }
  return readNumbers(ended.result);
}

async function readNumbers({ folder }: ForecastResult): Promise<Numbers> {
  return numbersOf(JSON.parse(await readFile(join(folder, 'summary.json'), 'utf8')));
}

/** Iterations from which the fit began since a place in the log; what is fitted anew once it was done does not count. */
function beginnings(lane: Lane, since: number): number[] {
  const said = lane.log().slice(since);
  const done = said.findIndex(({ msg }) => msg === 'engine process: done');
  return said.slice(0, done < 0 ? said.length : done).flatMap(({ msg }) => {
    if (msg === 'fit: started from the beginning') return [0];
    const found = /^fit: resumed from the checkpoint of iteration (\d+)$/u.exec(msg)?.[1];
    return found === undefined ? [] : [Number(found)];
  });
}

/** Waits until the fit has said that it began, and is that far. @returns iterations of the newest checkpoint */
async function reach({ lane }: ChaosRun, run: WorkflowHandle, wanted: number, since: number): Promise<number> {
  const endMs = performance.now() + CHECKPOINT_LIMIT_MS;
  let askedMs = performance.now();
  while (performance.now() < endMs) {
    const iteration = await lane.iteration();
    if (iteration !== undefined && iteration >= wanted && beginnings(lane, since).length > 0) return iteration;
    if (performance.now() - askedMs > 1000) {
      askedMs = performance.now();
      if ((await persistently(() => run.describe())).status.name !== 'RUNNING') break;
    }
    await delay(LOOK_MS);
  }
  throw new TooLate(`no checkpoint of iteration ${wanted} was seen`);
}

/** Disturbs one run, follows it to its end, and where it ended without a result starts it once more. */
export async function disturb(chaos: ChaosRun, expected: Numbers): Promise<ChaosReport> {
  const { number, disturbance, lane } = chaos;
  const startMs = performance.now();
  const told: Told = { violations: [], story: [] };
  try {
    for (let k = 1; !(await strikeOne(chaos, `${lane.name}-${number}-${k}`, expected, told));) {
      if (k === MOST_TRIES) throw new Error(`the fit was over too soon ${k} times`);
      k += 1;
    }
  } catch (error) {
    told.violations.push(messageOf(error));
  }
  const left = await lane.leftProcesses();
  if (left.length > 0) {
    told.violations.push(`processes are left: ${left.map(({ pid, args }) => `${pid} ${args[0] ?? ''}`).join(', ')}`);
  }
  const seconds = (performance.now() - startMs) / 1000;
  return { number, name: disturbance.name, story: told.story.join('; '), seconds, violations: told.violations };
}

/** What is said of a run, in the order of events. */
interface Told {
  readonly violations: string[];
  readonly story: string[];
}

/** @returns false when the fit was over before it was disturbed */
async function strikeOne(chaos: ChaosRun, id: string, expected: Numbers, told: Told): Promise<boolean> {
  const { disturbance, lane, server, random } = chaos;
  const before = lane.log().length;
  const run = await startForecast(chaos, id);
  let struck: Struck | undefined;
  let iteration = 0;
  let since = before;
  try {
    iteration = await reach(chaos, run, 1 + Math.floor(random() * STRIKE_AFTER_AT_MOST), before);
    since = lane.log().length;
    const struckMs = performance.now();
    // by its name alone: a reset goes on in another run
    const handle = server.client.workflow.getHandle(id);
    const aftermath = await disturbance.strike({ server, lane, run: handle, iteration, random });
    told.story.push(`at iteration ${iteration}: ${aftermath.did}`);
    struck = { id, aftermath, expected, struckMs };
  } catch (error) {
    if (!(error instanceof TooLate)) throw error;
  }
  await judgeEnd(chaos, struck ?? { id, aftermath: { did: 'nothing' }, expected, struckMs: performance.now() }, told);
  if (struck === undefined) return false;
  const least = iteration - (struck.aftermath.lostCheckpoints ?? 0);
  const began = beginnings(lane, since);
  if (began.length > 0) told.story.push(`went on from ${began.join(', ')}`);
  for (const from of began) {
    if (from < least) told.violations.push(`expected to go on from iteration ${least}, began at ${from}`);
  }
  return true;
}

interface Struck {
  readonly id: string;
  readonly aftermath: Aftermath;
  readonly expected: Numbers;
  readonly struckMs: number;
}

async function judgeEnd(chaos: ChaosRun, struck: Struck, { violations, story }: Told): Promise<void> {
  const { aftermath, expected } = struck;
  let ended = await endOf(chaos.server.client.workflow.getHandle(struck.id));
  if (ended === undefined) {
    violations.push(`no end within ${END_LIMIT_MS / 1000} s`);
    return;
  }
  if (aftermath.ends !== undefined) {
    if (ended.status !== aftermath.ends) violations.push(`expected ${aftermath.ends}, got ${ended.status}`);
    const left = await chaos.lane.leftProcesses();
    if (left.length > 0) violations.push(`the engine was there ${GONE_WITHIN_MS / 1000} s after it was to end`);
    story.push(`${ended.status}, engine gone ${((performance.now() - struck.struckMs) / 1000).toFixed(1)} s after`);
  } else if (ended.failure !== undefined) {
    const { type, message } = ended.failure;
    story.push(`failed: ${type}`);
    if (aftermath.mayFailWith?.test(type) !== true) violations.push(`${ended.status}: ${type}: ${message}`);
  }
  if (ended.result === undefined) {
    const again = await startForecast(chaos, `${struck.id}-again`);
    ended = await endOf(again);
    story.push('started again');
  }
  if (ended?.result === undefined) {
    violations.push(`the run started again: ${ended?.status ?? 'no end'}: ${ended?.failure?.message ?? ''}`);
    return;
  }
  violations.push(...differences(await readNumbers(ended.result), expected));
}
