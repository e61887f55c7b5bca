// SPDX-License-Identifier: Apache-2.0
/**
 * What may happen to a forecast while its model is fitted.
 *
 * @module
 */
import { readFile, truncate, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import type { WorkflowHandle } from '@temporalio/client';

import { messageOf } from '../../common/errors.js';
import { delay, signalQuietly } from '../../common/processes.js';
import { newestToken, takeLease } from '../../inference-core/host-ts/job/lease.js';
import type { ChaosServer } from './chaos-server.js';
import type { Lane } from './lane.js';

/** A run that is to be disturbed, at a moment of its search. */
export interface Victim {
  readonly server: ChaosServer;
  readonly lane: Lane;
  readonly run: WorkflowHandle;
  /** Of the newest checkpoint. */
  readonly iteration: number;
  /** Numbers in [0, 1) from the seed of this run. */
  readonly random: () => number;
}

/** What may follow. */
export interface Aftermath {
  /** In words, with what the seed has chosen. */
  readonly did: string;
  /** Iterations whose checkpoints were damaged too. Default 0. */
  readonly lostCheckpoints?: number;
  /** The run ends in this way, and is started again. */
  readonly ends?: 'CANCELLED' | 'TERMINATED';
  /** It may fail, with one of these types, and is started again. */
  readonly mayFailWith?: RegExp;
}

/** The fit was over before it could be disturbed: another run is tried. */
export class TooLate extends Error {}

export interface Disturbance {
  readonly name: string;
  /** Needs a disk of its own, or several ranks. */
  readonly needs?: 'disk' | 'ranks';
  strike(victim: Victim): Promise<Aftermath>;
}

/** An activity beats every five seconds, and hears with the answer. */
const BEAT_MS = 5500;

/** One of several, all as likely. */
function oneOf<Value>(values: readonly Value[], random: () => number): Value {
  const found = values[Math.floor(random() * values.length)];
  if (found === undefined) throw new Error('there is none to choose from');
  return found;
}

function someRank({ lane, random }: Victim): number {
  const ranks = lane.ranks();
  if (ranks.length === 0) throw new TooLate('the fit is over');
  return oneOf(ranks, random);
}

/** Ends the fit at once, as a machine that fails does. */
function crash(victim: Victim): void {
  signalQuietly(someRank(victim), 'SIGKILL');
}

/** The newest checkpoint, and what it is called where a fit wrote one so many iterations later. */
async function newest({ lane }: Victim): Promise<string> {
  const path = (await lane.checkpoints()).at(-1);
  if (path === undefined) throw new TooLate('the fit is over');
  return path;
}

/** Ends the fit, and reads its newest checkpoint: a fit that goes on writes others and removes the old ones. */
async function crashAndRead(victim: Victim): Promise<{ readonly path: string; readonly bytes: Buffer }> {
  crash(victim);
  const path = await newest(victim);
  try {
    return { path, bytes: await readFile(path) };
  } catch (error) {
    throw new TooLate('the fit is over', { cause: error });
  }
}

const later = (path: string, iterations: number): string =>
  join(
    dirname(path),
    basename(path).replace(/\d{8}(?=\.checkpoint)/u, (digits) =>
      String(Number(digits) + iterations).padStart(digits.length, '0'),
    ),
  );

const pendingFit = async ({ run }: Victim): Promise<string> => {
  const { raw } = await run.describe();
  const fit = raw.pendingActivities?.find(({ activityType }) => activityType?.name === 'fit');
  if (typeof fit?.activityId !== 'string') throw new TooLate('the fit is over');
  return fit.activityId;
};

/** What the server says of an activity that has ended. */
function tooLate(error: unknown): never {
  throw messageOf(error).includes('NOT_FOUND') ? new TooLate('the fit is over', { cause: error }) : error;
}

const milliseconds = (random: () => number, most: number): number => Math.round(random() * most);

export const DISTURBANCES: readonly Disturbance[] = [
  {
    name: 'kill -9 of a rank',
    strike: async (victim) => {
      crash(victim);
      return Promise.resolve({ did: 'killed' });
    },
  },
  {
    name: 'kill -9 of mpirun',
    needs: 'ranks',
    strike: async ({ lane }) => {
      const pid = lane.launcher();
      // never a number in its place: -1 is every process
      if (pid === undefined) throw new TooLate('the fit is over');
      signalQuietly(pid, 'SIGKILL');
      return Promise.resolve({ did: 'killed' });
    },
  },
  {
    name: 'kill -9 of the worker',
    strike: async ({ lane, random }) => {
      const downMs = milliseconds(random, 2000);
      await lane.replaceWorker('SIGKILL', downMs);
      return { did: `another one after ${downMs} ms` };
    },
  },
  {
    name: 'SIGTERM to the worker',
    strike: async ({ lane, random }) => {
      const downMs = milliseconds(random, 2000);
      await lane.replaceWorker('SIGTERM', downMs);
      return { did: `another one after ${downMs} ms` };
    },
  },
  {
    name: 'SIGTERM to a rank',
    strike: async (victim) => {
      signalQuietly(someRank(victim), 'SIGTERM');
      return Promise.resolve({ did: 'asked to end' });
    },
  },
  {
    name: 'SIGSTOP of a rank for a while',
    strike: async (victim) => {
      const pid = someRank(victim);
      const forMs = milliseconds(victim.random, 4000);
      signalQuietly(pid, 'SIGSTOP');
      await delay(forMs);
      signalQuietly(pid, 'SIGCONT');
      return { did: `for ${forMs} ms` };
    },
  },
  {
    name: 'SIGSTOP of a rank for ever',
    strike: async (victim) => {
      signalQuietly(someRank(victim), 'SIGSTOP');
      return Promise.resolve({ did: 'stopped' });
    },
  },
  {
    name: 'the server is ended and started again',
    strike: async ({ server, random }) => {
      const name = oneOf(['SIGTERM', 'SIGKILL'] as const, random);
      const downMs = milliseconds(random, 4000);
      await server.restart(name, downMs);
      return { did: `${name}, down for ${downMs} ms` };
    },
  },
  {
    name: 'a full disk',
    needs: 'disk',
    strike: async (victim) => {
      const { lane, random } = victim;
      const forMs = milliseconds(random, 4000);
      const release = await lane.fillDisk();
      if (random() < 0.5) crash(victim);
      await delay(forMs);
      await release();
      // what no checkpoint could be written of is lost
      return { did: `for ${forMs} ms`, mayFailWith: /^Storage\.DiskFull$/u };
    },
  },
  {
    name: 'a corrupted checkpoint',
    strike: async (victim) => {
      const { path, bytes } = await crashAndRead(victim);
      const place = Math.floor(victim.random() * bytes.length);
      bytes[place] = (bytes[place] ?? 0) ^ (1 << Math.floor(victim.random() * 8));
      await writeFile(path, bytes);
      return { did: `one bit of byte ${place} of ${bytes.length}`, lostCheckpoints: 1 };
    },
  },
  {
    name: 'a truncated checkpoint',
    strike: async (victim) => {
      const { path, bytes } = await crashAndRead(victim);
      const { length } = bytes;
      const kept = Math.floor(victim.random() * length);
      await truncate(path, kept);
      return { did: `to ${kept} of ${length} bytes`, lostCheckpoints: 1 };
    },
  },
  {
    name: 'a checkpoint of another job',
    strike: async (victim) => {
      const { path, bytes } = await crashAndRead(victim);
      const [head = '', ...rest] = bytes.toString('utf8').split('\n');
      const foreign = { ...(JSON.parse(head) as object), jobKey: 'another-job' };
      await writeFile(later(path, 5), [JSON.stringify(foreign), ...rest].join('\n'));
      return { did: 'named as that of five iterations later' };
    },
  },
  {
    name: 'another attempt takes the lease',
    strike: async (victim) => {
      const folder = dirname(await newest(victim));
      await takeLease(folder);
      return { did: `token ${await newestToken(folder)}` };
    },
  },
  {
    name: 'a second run of the same forecast',
    strike: async ({ server, lane, run }) => {
      const workflowId = `${run.workflowId}-twin`;
      const input = { schemaVersion: 1, configUri: lane.configUri };
      const second = await server.client.workflow.start('forecast', {
        ...{ workflowId, taskQueue: lane.taskQueue, args: [input] },
      });
      await second.result();
      return { did: 'which waited for the first' };
    },
  },
  {
    name: 'cancel',
    strike: async ({ run }) => {
      await run.cancel();
      return { did: 'cancelled', ends: 'CANCELLED' };
    },
  },
  {
    name: 'terminate',
    strike: async ({ run }) => {
      await run.terminate('ended by a campaign');
      return { did: 'terminated', ends: 'TERMINATED' };
    },
  },
  {
    name: 'pause and unpause',
    strike: async (victim) => {
      const { server, lane, run, random } = victim;
      const { workflowService } = server.client;
      const activity = {
        ...{ namespace: 'default', execution: { workflowId: run.workflowId } },
        id: await pendingFit(victim),
      };
      // held until the worker has beaten and heard of it: else so small a fit would be over
      const held = lane.engineProcesses().map(({ pid }) => pid);
      for (const pid of held) signalQuietly(pid, 'SIGSTOP');
      await workflowService.pauseActivity(activity).catch(tooLate);
      await delay(BEAT_MS);
      for (const pid of held) signalQuietly(pid, 'SIGCONT');
      const left = await lane.leftProcesses();
      if (left.length > 0) throw new Error('the engine was there ten seconds after its fit was paused');
      const forMs = milliseconds(random, 1000);
      await delay(forMs);
      await workflowService.unpauseActivity(activity).catch(tooLate);
      return { did: `for ${forMs} ms after the engine had gone` };
    },
  },
  {
    name: 'reset',
    strike: async ({ server, run }) => {
      const { events } = await run.fetchHistory();
      const ended = (events ?? []).filter((event) => Boolean(event.workflowTaskCompletedEventAttributes)).at(-1);
      if (!ended?.eventId) throw new Error('expected a workflow task that has ended');
      await server.client.workflowService.resetWorkflowExecution({
        namespace: 'default',
        workflowExecution: { workflowId: run.workflowId },
        reason: 'reset by a campaign',
        workflowTaskFinishEventId: ended.eventId,
        requestId: `${run.workflowId}-reset`,
      });
      return { did: `to the workflow task of event ${String(ended.eventId)}` };
    },
  },
];
