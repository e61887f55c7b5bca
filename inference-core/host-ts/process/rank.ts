// SPDX-License-Identifier: Apache-2.0
/**
 * The engine process: `node rank.js [--ranks N [--life-line FILE]] --job DIR/job.json`.
 *
 * stdout carries the protocol (protocol.ts), stderr the log. Exit codes: 0 done, 2 invalid input, 3 numerical failure,
 * 75 interrupted with a checkpoint on disk, anything else a crash. SIGTERM and SIGINT interrupt. stdin is a life line: when it ends
 * the parent is gone, and the process ends too; start it by hand with an open stdin (a terminal, or `sleep infinity |`).
 *
 * With `--ranks` it is one of N that mpirun or srun has started with the same arguments. Rank 0 speaks and writes, and its exit
 * code tells the outcome; the others compute with it, log, and end with 0 when the outcome is known. A signal to any interrupts all. Each
 * says every few seconds that it is there (heard-ranks.ts).
 *
 * @module
 */
import { parseArgs } from 'node:util';

import { isTramontanaError, messageOf, TramontanaError } from '../../../common/errors.js';
import { createLogger, type Logger } from '../../../common/log.js';
import { failureOf } from './engine-failure.js';
import { runFit } from './fit-runner.js';
import { runIntegrate } from './integrate-runner.js';
import { readJob, type JobContent } from '../job/job.js';
import { writeJobResult, type JobResult } from '../job/job-result.js';
import { assertLease, takeOver } from '../job/lease.js';
import { BEAT_INTERVAL_MS, beatLine } from './heard-ranks.js';
import { LifeLine } from './life-line.js';
import { loadNativeEngine } from '../addon/native.js';
import type { NativeEngine } from '../contract/native-engine.js';
import { encodeEvent, EXIT_CODE, type EngineEvent } from './protocol.js';
import { joinRankGroup, requireAll, singleRank, type RankGroup } from './rank-group.js';

type FoundJob = JobContent & { readonly folder: string };

let logger: Logger = createLogger('engine');
const stop = new AbortController();
/** Nobody listens to the others; what is wrong with the job rank 0 says. */
let isSpeaker = true;

function emit(event: EngineEvent): void {
  if (!isSpeaker) return;
  process.stdout.write(encodeEvent(event));
  if (event.type === 'warning') logger.warn({ code: event.code, ...event.facts }, event.message);
}

async function compute(job: FoundJob, engine: NativeEngine, group: RankGroup): Promise<JobResult> {
  const hello = (resumedFromIteration: number): void => {
    const { kind, jobKey, attemptToken } = job;
    const { threads } = job.options;
    emit({
      type: 'hello',
      pid: process.pid,
      kind,
      jobKey,
      attemptToken,
      engineVersion: engine.version(),
      threads,
      ranks: group.place.size,
      resumedFromIteration,
    });
    const facts = { kind, jobKey, attemptToken, threads, ranks: group.place.size, resumedFromIteration };
    logger.info(facts, startText(kind, resumedFromIteration));
  };
  if (job.kind === 'fit') {
    return {
      kind: 'fit',
      fit: await runFit(job, engine, { emit, onStart: hello, signal: stop.signal, group, restart: restartNumber() }),
    };
  }
  hello(0);
  return { kind: 'integrate', integration: await runIntegrate(job, engine, { emit, signal: stop.signal }) };
}

function startText(kind: JobContent['kind'], resumedFromIteration: number): string {
  if (kind === 'integrate') return 'integration starts';
  return resumedFromIteration > 0 ? `fit resumes from iteration ${resumedFromIteration}` : 'fit starts';
}

interface Arguments {
  readonly job: string;
  /** Absent: one process that knows of no others. */
  readonly ranks: number | undefined;
  /** A file that tells rank 0 of a living parent, in the place of stdin. */
  readonly lifeLineFile: string | undefined;
}

function readArguments(): Arguments {
  const options = { job: { type: 'string' }, ranks: { type: 'string' }, 'life-line': { type: 'string' } } as const;
  try {
    const { job, ranks, 'life-line': lifeLineFile } = parseArgs({ options, strict: true }).values;
    if (job !== undefined) return { job, ranks: ranks === undefined ? undefined : Number(ranks), lifeLineFile };
  } catch (error) {
    throw new TramontanaError('Engine.InvalidInput', `engine process: ${messageOf(error)}`, { cause: error });
  }
  throw new TramontanaError('Engine.InvalidInput', 'engine process: expected --job DIR/job.json, got nothing');
}

/** All ranks have the same job before they compute: a folder that they do not share must not become a wait without end. */
async function readJobOnAll(path: string, group: RankGroup): Promise<FoundJob> {
  let job: FoundJob | undefined;
  const found = await group.onAll(async () => {
    job = await readJob(path);
    return `job ${job.jobKey}, attempt ${job.attemptToken}`;
  });
  const other = found.find((name) => name !== found[0]);
  if (job === undefined || other !== undefined) {
    throw new TramontanaError('Engine.InvalidInput', `${path}: expected ${found[0]} on all ranks, one has ${other}`);
  }
  return job;
}

/** How often SLURM has started this job again, with the same files. */
function restartNumber(): number {
  return Number(process.env['SLURM_RESTART_COUNT'] ?? 0);
}

async function runJob(path: string, engine: NativeEngine, group: RankGroup): Promise<void> {
  const job = await readJobOnAll(path, group);
  engine.setNumThreads(job.options.threads);
  engine.setRankGroups(Math.min(job.options.rankGroups ?? 0, group.place.size));
  const lease = { token: job.attemptToken, restart: restartNumber() };
  if (lease.restart > 0) await group.fromRoot(() => takeOver(job.checkpointFolder, lease));
  const result = await compute(job, engine, group);
  if (!group.isRoot) return;
  await assertLease(job.checkpointFolder, lease);
  emit({ type: 'result', ...(await writeJobResult(job.folder, job, result)) });
  logger.info('done');
}

/** Says how the work ended. @returns the exit code */
function report(error: unknown): number {
  const { exitCode, event } = failureOf(error);
  const level = exitCode === EXIT_CODE.interrupted ? 'info' : 'error';
  logger[level]({ tag: event.tag, exitCode, err: error }, event.message);
  emit(event);
  return exitCode;
}

/** Now and every few seconds, whatever else it does: from its first line on a rank is listened for. */
function sayThatItIsThere(rank: number): void {
  const say = (): void => void process.stderr.write(beatLine(rank));
  say();
  setInterval(say, BEAT_INTERVAL_MS).unref();
}

/** As Open MPI, MPICH and SLURM tell it; undefined where none does. */
function rankOfEnvironment(): number | undefined {
  const { OMPI_COMM_WORLD_RANK, PMI_RANK, SLURM_PROCID } = process.env;
  const told = OMPI_COMM_WORLD_RANK ?? PMI_RANK ?? SLURM_PROCID;
  return told !== undefined && /^\d{1,6}$/u.test(told) ? Number(told) : undefined;
}

/** @returns the exit code of one rank of several */
async function runAsRank({ job, lifeLineFile }: Arguments, ranks: number, lifeLine: LifeLine): Promise<number> {
  const engine = loadNativeEngine({ ranks: true });
  // before it joins: one that is stopped then holds up all
  const expected = rankOfEnvironment();
  if (expected !== undefined) sayThatItIsThere(expected);
  const group = await joinRankGroup(engine);
  if (expected === undefined) sayThatItIsThere(group.place.rank);
  const { rank, size, library } = group.place;
  isSpeaker = group.isRoot;
  logger = logger.child({ rank });
  logger.debug({ size, library }, 'joined');
  if (group.isRoot && lifeLineFile === undefined) lifeLine.watchStdin();
  if (group.isRoot && lifeLineFile !== undefined) lifeLine.watchFile(lifeLineFile);
  let exitCode: number = EXIT_CODE.done;
  try {
    requireAll(group.place, ranks);
    await runJob(job, engine, group);
  } catch (error) {
    exitCode = report(error);
    // what the ranks have not agreed on: those that wait for this one are ended by the launcher
    if (!isTramontanaError(error)) return exitCode;
  }
  // a launcher takes the end of one rank with an error as that of all: not before rank 0 has written
  await group.onAll(() => Promise.resolve(null));
  await group.leave();
  return group.isRoot ? exitCode : EXIT_CODE.done;
}

async function main(): Promise<number> {
  const lifeLine = new LifeLine(stop);
  lifeLine.watchSignals((signal) => logger.info({ signal }, 'interrupt requested'));
  lifeLine.watchStdout();
  try {
    const given = readArguments();
    const { job, ranks } = given;
    if (ranks !== undefined) {
      lifeLine.watchParentId();
      return await runAsRank(given, ranks, lifeLine);
    }
    lifeLine.watchStdin();
    sayThatItIsThere(0);
    await runJob(job, loadNativeEngine(), singleRank());
    return EXIT_CODE.done;
  } catch (error) {
    return report(error);
  }
}

const exitCode = await main();
process.stdout.write('', () => process.exit(exitCode));
