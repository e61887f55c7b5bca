// SPDX-License-Identifier: Apache-2.0
/**
 * Runs a job of the engine through sbatch: `node slurm-batch.js --job DIR/job.json --ranks N [--mpi NAME] -- ARGUMENTS OF SBATCH`.
 *
 * To its parent it is the engine process: what rank 0 writes comes out of stdout, the log out of stderr, stdin is a life line, and the
 * exit code is that of rank 0. Between this process and the nodes lie files in the folder of the job, which all share. SLURM may requeue
 * the job: then the same files go on.
 *
 * @module
 */
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { messageOf, TramontanaError } from '../../../common/errors.js';
import { createLogger } from '../../../common/log.js';
import { EXIT_UNEXPECTED, failureOf } from './engine-failure.js';
import { FileTail } from './file-tail.js';
import { rankCommand } from './launcher.js';
import { LifeLine } from './life-line.js';
import { outputOf } from './program-search.js';
import { encodeEvent, EXIT_CODE } from './protocol.js';
import { mpiArguments } from './slurm-launcher.js';
import { isOver, parseJobState, type SlurmJobState } from './slurm-job-state.js';

/** How often the files are read: progress comes every two seconds. */
const READ_INTERVAL_MS = 250;
/** How often SLURM is asked, whose controller serves everybody; more often when the job is about to end. */
const STATE_INTERVAL_MS = 5000;
const LAST_STATE_INTERVAL_MS = 500;
/** How often rank 0 is told that somebody listens (life-line.ts). */
const LIFE_LINE_INTERVAL_MS = 1000;

const logger = createLogger('slurm-batch');
const stop = new AbortController();

interface Arguments {
  readonly jobFile: string;
  readonly ranks: number;
  /** Of srun. */
  readonly mpi: string | undefined;
  readonly sbatch: readonly string[];
}

function readArguments(): Arguments {
  const options = { job: { type: 'string' }, ranks: { type: 'string' }, mpi: { type: 'string' } } as const;
  const { values, positionals } = parseArgs({ options, strict: true, allowPositionals: true });
  if (values.job === undefined) throw new TramontanaError('Engine.InvalidInput', 'slurm-batch: expected --job');
  return { jobFile: values.job, ranks: Number(values.ranks), mpi: values.mpi, sbatch: positionals };
}

/** A word of a shell, whatever it holds. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

class BatchJob {
  private readonly folder: string;
  private readonly events: FileTail;
  private readonly log: FileTail;
  private hasSaidLast = false;

  constructor(private readonly options: Arguments) {
    this.folder = dirname(options.jobFile);
    this.events = new FileTail(this.file('events'), (line) => this.pass(line));
    this.log = new FileTail(this.file('log'), (line) => void process.stderr.write(`${line}\n`));
  }

  private file(name: string): string {
    return join(this.folder, `slurm.${name}`);
  }

  /** @returns the exit code */
  async run(): Promise<number> {
    const id = await this.submit();
    logger.info({ slurmJob: id }, `SLURM job ${id}: submitted`);
    const cancel = (): void =>
      void outputOf('scancel', [id]).catch((error: unknown) => logger.warn({ err: error }, messageOf(error)));
    if (stop.signal.aborted) cancel();
    else stop.signal.addEventListener('abort', cancel, { once: true });
    const state = await this.follow(id);
    logger.info({ slurmJob: id, ...state }, `SLURM job ${id}: ${state.name}`);
    // what SLURM itself ended is an interrupt when rank 0 had the time to say so
    if (state.exitCode !== undefined) return state.exitCode;
    return stop.signal.aborted ? EXIT_CODE.interrupted : EXIT_UNEXPECTED;
  }

  private async submit(): Promise<string> {
    const { jobFile, ranks, mpi, sbatch } = this.options;
    const lifeLine = this.file('life-line');
    await writeFile(lifeLine, '0');
    const rank = rankCommand(jobFile, ranks);
    const step = ['srun', '--quiet', '--kill-on-bad-exit=1', ...mpiArguments(mpi)];
    const words = [...step, rank.file, ...rank.args, '--life-line', lifeLine];
    const script = this.file('sh');
    await writeFile(script, `#!/bin/sh\nexec ${words.map(quoted).join(' ')}\n`, { mode: 0o700 });
    const files = [`--output=${this.file('events')}`, `--error=${this.file('log')}`, '--open-mode=append'];
    const said = await outputOf('sbatch', ['--parsable', '--requeue', ...files, ...sbatch, script]);
    // ID, or ID;CLUSTER
    const id = /^\d+/u.exec(said.trim())?.[0];
    if (id !== undefined) return id;
    throw new TramontanaError('Engine.LaunchFailed', `sbatch: expected the number of a job, got ${said}`);
  }

  private async follow(id: string): Promise<SlurmJobState> {
    let beats = 0;
    let beatMs = 0;
    let askedMs = performance.now();
    for (;;) {
      await sleep(READ_INTERVAL_MS);
      const nowMs = performance.now();
      if (nowMs - beatMs >= LIFE_LINE_INTERVAL_MS) {
        beatMs = nowMs;
        beats += 1;
        // one that is not written in time is followed by others
        await writeFile(this.file('life-line'), String(beats)).catch(() => undefined);
      }
      await this.read();
      const isEnding = this.hasSaidLast || stop.signal.aborted;
      if (nowMs - askedMs < (isEnding ? LAST_STATE_INTERVAL_MS : STATE_INTERVAL_MS)) continue;
      askedMs = nowMs;
      const state = await stateOf(id);
      if (state === undefined || !isOver(state)) continue;
      await this.read();
      return state;
    }
  }

  private async read(): Promise<void> {
    await this.events.read();
    await this.log.read();
  }

  /** An attempt that SLURM killed may leave half a line before the next one's first. */
  private pass(line: string): void {
    let type: unknown;
    try {
      ({ type } = JSON.parse(line) as { type?: unknown });
    } catch {
      logger.warn({ lineStart: line.slice(0, 200) }, 'left out what is no event');
      return;
    }
    this.hasSaidLast = type === 'result' || type === 'error';
    process.stdout.write(`${line}\n`);
  }
}

/** @returns undefined where the controller does not answer now: it is asked again */
async function stateOf(id: string): Promise<SlurmJobState | undefined> {
  try {
    return parseJobState(await outputOf('scontrol', ['--oneliner', 'show', 'job', id]));
  } catch (error) {
    logger.debug({ err: error }, messageOf(error));
    return /Invalid job id/u.test(messageOf(error)) ? { name: 'UNKNOWN', exitCode: undefined } : undefined;
  }
}

async function main(): Promise<number> {
  const lifeLine = new LifeLine(stop, { isKilled: false });
  lifeLine.watchSignals(() => undefined);
  lifeLine.watchStdin();
  lifeLine.watchStdout();
  try {
    return await new BatchJob(readArguments()).run();
  } catch (error) {
    const { exitCode, event } = failureOf(error);
    logger.error({ err: error }, event.message);
    process.stdout.write(encodeEvent(event));
    return exitCode;
  }
}

const exitCode = await main();
process.stdout.write('', () => process.exit(exitCode));
