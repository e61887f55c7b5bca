// SPDX-License-Identifier: Apache-2.0
/**
 * What the two stages that drive the engine process share: its events become news and log lines, and a fit that crashes at
 * one place again and again is given up.
 *
 * @module
 */
import { readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { z } from 'zod';

import { writeFileAtomic } from '../../common/atomic-file.js';
import { isTramontanaError, messageOf, TramontanaError } from '../../common/errors.js';
import type { DomainConfig } from '../../config/index.js';
import {
  checkpointFolder,
  engineLauncher,
  type EngineEvent,
  type EngineOptions,
  type RunEngineOptions,
} from '../../inference-core/host-ts/index.js';
import type { ActivityDependencies } from '../dependencies.js';
import { SharedCheckpoints } from './shared-checkpoints.js';
import type { StageTools } from './stage-frame.js';

/** Between SIGTERM and SIGKILL; below the worker's own grace time, so that the activity sees the engine's end. */
const ENGINE_GRACE_MS = 10_000;

/** Crashes without a newer checkpoint after which another attempt is pointless. */
const MAXIMUM_CRASHES_IN_PLACE = 4;

const PHASE_WORDS: Readonly<Record<string, string>> = {
  prepare: 'preparing the model',
  search: 'searching the mode',
  hessian: 'curvature at the mode',
  integrate: 'integrating over the hyperparameters',
  done: 'done',
};

/** Options of the engine from the domain's configuration. */
export function engineOptionsOf(config: DomainConfig): Partial<EngineOptions> {
  const { threads, rankGroups, gradientTolerance, maximumIterations } = config.engine;
  return {
    ...{ gradientTolerance, maximumIterations },
    ...(threads === undefined ? {} : { threads }),
    ...(rankGroups === undefined ? {} : { rankGroups }),
  };
}

/** How the configuration has the engine started and watched. */
export async function engineStartOf({
  engine,
}: DomainConfig): Promise<Pick<RunEngineOptions, 'launcher' | 'silenceLimitMs'>> {
  return { launcher: await engineLauncher(engine), silenceLimitMs: 1000 * engine.silenceLimitSeconds };
}

/** A line of the engine's log is JSON with `msg`; what a library writes to stderr may be plain text. */
function parseLogLine(line: string): { message: string; facts: Record<string, unknown> } {
  try {
    const { msg, time: _time, name: _name, ...facts } = JSON.parse(line) as Record<string, unknown>;
    return { message: String(msg), facts: { engine: facts } };
  } catch {
    return { message: line, facts: {} };
  }
}

/** Follows one engine process on behalf of a stage. */
class EngineFollower {
  private resumedFromIteration = 0;
  private checkpointIteration = 0;

  constructor(
    private readonly tools: StageTools,
    private readonly shared: SharedCheckpoints | undefined,
  ) {}

  /** To be given to `runEngine`. */
  options(): RunEngineOptions {
    const { log } = this.tools;
    return {
      signal: this.tools.signal,
      graceTimeMs: ENGINE_GRACE_MS,
      onEvent: (event) => this.hear(event),
      onLogLine: (line) => {
        const { message, facts } = parseLogLine(line);
        log.info(`engine process: ${message}`, facts);
      },
    };
  }

  /** Iteration of the newest checkpoint that this attempt knows. */
  get newestCheckpoint(): number {
    return Math.max(this.resumedFromIteration, this.checkpointIteration);
  }

  private hear(event: EngineEvent): void {
    const { log } = this.tools;
    switch (event.type) {
      case 'hello':
        this.resumedFromIteration = event.resumedFromIteration;
        log.info(
          event.resumedFromIteration > 0
            ? `${event.kind}: resumed from the checkpoint of iteration ${event.resumedFromIteration}`
            : `${event.kind}: started from the beginning`,
          {
            enginePid: event.pid,
            attempt: this.tools.attempt,
            threads: event.threads,
            ranks: event.ranks ?? 1,
            engineVersion: event.engineVersion,
          },
        );
        break;
      case 'progress':
        this.tools.report({
          fraction: event.fraction,
          phase: PHASE_WORDS[event.phase] ?? event.phase,
          ...(event.iteration === 0 ? {} : { iteration: event.iteration, evaluations: event.evaluations }),
          ...(event.objective === null ? {} : { objective: event.objective }),
          ...(event.gradientNorm === null ? {} : { gradientNorm: event.gradientNorm }),
          ...(event.etaSeconds === null ? {} : { etaSeconds: event.etaSeconds }),
          ...(this.resumedFromIteration === 0 ? {} : { resumedFromIteration: this.resumedFromIteration }),
        });
        break;
      case 'checkpoint':
        this.checkpointIteration = event.iteration;
        this.shared?.share(event.path);
        this.tools.pointToCheckpoint({ path: event.path, sha256: event.sha256, iteration: event.iteration });
        break;
      case 'warning':
        log.warn(`engine: ${event.message}`, { code: event.code, ...event.facts });
        break;
      case 'result':
      case 'error':
        break;
    }
  }
}

/** Runs one engine process on behalf of a stage: its events become news, its crashes are counted. */
export async function driveEngine<Result>(
  files: EngineJobFiles,
  tools: StageTools,
  start: (options: RunEngineOptions) => Promise<Result>,
): Promise<Result> {
  const shared = files.sharedCheckpoints(tools);
  const follower = new EngineFollower(tools, shared);
  try {
    await shared?.fetch();
    return await start(follower.options());
  } catch (error) {
    throw await files.judge(error, follower.newestCheckpoint);
  } finally {
    // the last one before an interruption is where the next worker goes on
    await shared?.settle();
  }
}

const crashRecordSchema = z.object({ checkpointIteration: z.int().nonnegative(), crashes: z.int().positive() });

type CrashRecord = Readonly<z.infer<typeof crashRecordSchema>>;

/** Files of one engine job in the state folder. */
export class EngineJobFiles {
  private readonly crashFile: string;

  constructor(
    private readonly deps: Pick<ActivityDependencies, 'jobsFolder' | 'checkpoints'>,
    private readonly kind: 'fit' | 'integrate',
    private readonly key: string,
  ) {
    this.crashFile = join(deps.jobsFolder, `${kind}-${key}.crashes.json`);
  }

  /**
   * Called with every error of the engine. Crashes are counted by the checkpoint at which they happen: a machine that was
   * restarted gets on from checkpoint to checkpoint, a defect does not.
   *
   * @returns the error to report: the same one, or `Engine.CrashedRepeatedly`, which is final
   */
  async judge(error: unknown, checkpointIteration: number): Promise<unknown> {
    if (!isTramontanaError(error, 'Engine.Crashed') && !isTramontanaError(error, 'Engine.Unresponsive')) return error;
    const before = await this.readCrashes();
    const crashes = before?.checkpointIteration === checkpointIteration ? before.crashes + 1 : 1;
    const record: CrashRecord = { checkpointIteration, crashes };
    await writeFileAtomic(this.crashFile, JSON.stringify(record));
    if (crashes < MAXIMUM_CRASHES_IN_PLACE) return error;
    await rm(this.crashFile, { force: true });
    return new TramontanaError(
      'Engine.CrashedRepeatedly',
      `the engine crashed ${crashes} times after iteration ${checkpointIteration}; expected it to get further with each attempt. Last: ${messageOf(error)}`,
      { facts: { ...error.facts, crashes, checkpointIteration }, cause: error },
    );
  }

  /** Removes job files and checkpoints, once the result is stored. */
  async remove(): Promise<void> {
    await rm(dirname(this.checkpointFolder), { recursive: true, force: true });
    await rm(this.crashFile, { force: true });
    const { checkpoints } = this.deps;
    if (checkpoints !== undefined) await SharedCheckpoints.remove(checkpoints, `${this.kind}-${this.key}`);
  }

  /** Those of workers with other state folders, for who holds the lease on the computation. */
  sharedCheckpoints({ leaseToken, log }: StageTools): SharedCheckpoints | undefined {
    const { checkpoints } = this.deps;
    if (checkpoints === undefined || leaseToken === undefined) return undefined;
    const job = { name: `${this.kind}-${this.key}`, token: leaseToken, folder: this.checkpointFolder };
    return new SharedCheckpoints(checkpoints, job, (message) => log.warn(message));
  }

  private get checkpointFolder(): string {
    return checkpointFolder({ folder: this.deps.jobsFolder, kind: this.kind, jobKey: this.key });
  }

  /** A record that is damaged counts as absent: the count starts anew. */
  private async readCrashes(): Promise<CrashRecord | undefined> {
    try {
      return crashRecordSchema.parse(JSON.parse(await readFile(this.crashFile, 'utf8')));
    } catch {
      return undefined;
    }
  }
}
