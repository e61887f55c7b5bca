// SPDX-License-Identifier: Apache-2.0
/**
 * The engine process: `node rank.js --job DIR/job.json`.
 *
 * stdout carries the protocol (protocol.ts), stderr the log. Exit codes: 0 done, 2 invalid input, 3 numerical failure,
 * 75 interrupted with a checkpoint on disk, anything else a crash. SIGTERM and SIGINT interrupt. stdin is a life line: when it ends
 * the parent is gone, and the process ends too; start it by hand with an open stdin (a terminal, or `sleep infinity |`).
 *
 * @module
 */
import { parseArgs } from 'node:util';

import { messageOf, TramontanaError } from '../../../common/errors.js';
import { createLogger } from '../../../common/log.js';
import { failureOf } from './engine-failure.js';
import { runFit } from './fit-runner.js';
import { runIntegrate } from './integrate-runner.js';
import { readJob, type JobContent } from '../job/job.js';
import { writeJobResult, type JobResult } from '../job/job-result.js';
import { assertLease } from '../job/lease.js';
import { loadNativeEngine } from '../addon/native.js';
import type { NativeEngine } from '../contract/native-engine.js';
import { encodeEvent, EXIT_CODE, type EngineEvent } from './protocol.js';

/** An orphan gets this long to notice its interrupt; its checkpoints are on disk already. */
const ORPHAN_GRACE_MS = 2000;

const logger = createLogger('engine');
const stop = new AbortController();

function emit(event: EngineEvent): void {
  process.stdout.write(encodeEvent(event));
  if (event.type === 'warning') logger.warn({ code: event.code, ...event.facts }, event.message);
}

/** Ends the work when the parent asks for it, and the process when the parent is gone. */
function watchParent(): void {
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.on(name, () => {
      logger.info({ signal: name }, 'interrupt requested');
      stop.abort(new TramontanaError('Engine.Interrupted', `interrupted by ${name}`, { retryable: true }));
    });
  }
  let isOrphan = false;
  const orphaned = (reason: string): void => {
    if (isOrphan) return;
    isOrphan = true;
    stop.abort(
      new TramontanaError('Engine.Interrupted', `the parent process is gone (${reason})`, { retryable: true }),
    );
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), ORPHAN_GRACE_MS).unref();
  };
  process.stdin.on('end', () => orphaned('stdin ended'));
  process.stdin.on('error', (error: Error) => orphaned(`stdin: ${error.message}`));
  process.stdout.on('error', (error: Error) => orphaned(`stdout: ${error.message}`));
  process.stdin.resume();
  // nothing may end this process but its work: a dead log pipe is no reason to lose an iteration
  process.stderr.on('error', () => undefined);
}

async function compute(job: JobContent, engine: NativeEngine): Promise<JobResult> {
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
      resumedFromIteration,
    });
    logger.info({ kind, jobKey, attemptToken, threads, resumedFromIteration }, startText(kind, resumedFromIteration));
  };
  if (job.kind === 'fit') {
    return { kind: 'fit', fit: await runFit(job, engine, { emit, onStart: hello, signal: stop.signal }) };
  }
  hello(0);
  return { kind: 'integrate', integration: await runIntegrate(job, engine, { emit, signal: stop.signal }) };
}

function startText(kind: JobContent['kind'], resumedFromIteration: number): string {
  if (kind === 'integrate') return 'integration starts';
  return resumedFromIteration > 0 ? `fit resumes from iteration ${resumedFromIteration}` : 'fit starts';
}

function jobArgument(): string {
  try {
    const { values } = parseArgs({ options: { job: { type: 'string' } }, strict: true });
    if (values.job !== undefined) return values.job;
  } catch (error) {
    throw new TramontanaError('Engine.InvalidInput', `engine process: ${messageOf(error)}`, { cause: error });
  }
  throw new TramontanaError('Engine.InvalidInput', 'engine process: expected --job DIR/job.json, got nothing');
}

async function main(): Promise<number> {
  watchParent();
  try {
    const job = await readJob(jobArgument());
    const engine = loadNativeEngine();
    engine.setNumThreads(job.options.threads);
    const result = await compute(job, engine);
    await assertLease(job.checkpointFolder, job.attemptToken);
    emit({ type: 'result', ...(await writeJobResult(job.folder, job, result)) });
    logger.info('done');
    return EXIT_CODE.done;
  } catch (error) {
    const { exitCode, event } = failureOf(error);
    const level = exitCode === EXIT_CODE.interrupted ? 'info' : 'error';
    logger[level]({ tag: event.tag, exitCode, err: error }, event.message);
    emit(event);
    return exitCode;
  }
}

const exitCode = await main();
process.stdout.write('', () => process.exit(exitCode));
