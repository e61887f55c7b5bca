// SPDX-License-Identifier: Apache-2.0
import { readdir, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';

import type { FitResult } from '../../../artifacts/schemas/fit-result.js';
import { TramontanaError } from '../../../common/errors.js';
import { sha256Hex } from '../../../common/hash.js';
import { makeFolder } from '../../../common/paths.js';
import { superviseEngineProcess, type SuperviseOptions } from './engine-process.js';
import type { EngineModel } from '../contract/engine-model.js';
import type { GridModel } from '../contract/grid-model.js';
import type { IntegrationTask } from '../contract/integration-task.js';
import { writeJob, type EngineOptions, type JobContent, type StartChoice, type ThetaBounds } from '../job/job.js';
import type { CoarseMeshes } from '../job/job-arrays.js';
import { readJobResult, type JobResult } from '../job/job-result.js';
import { localLauncher, type EngineLauncher } from './launcher.js';
import { takeLease } from '../job/lease.js';
import type { IntegrationResult } from '../contract/posterior.js';

interface EngineJobCommon {
  /**
   * Where jobs keep their files. Attempts at the same job on any worker must share it, so that they find each other's checkpoints.
   * Each job has its own subfolder by kind and job key.
   */
  readonly folder: string;
  /** Identity of the problem, e.g. a stage key: the same key means the same model, options and start. */
  readonly jobKey: string;
  /** On a mesh or on a complete grid. */
  readonly model: EngineModel | GridModel;
  readonly options?: Partial<EngineOptions>;
}

/** Find the mode of theta and its covariance. */
export interface FitJob extends EngineJobCommon {
  readonly kind: 'fit';
  readonly initialTheta: readonly number[];
  readonly thetaBounds?: ThetaBounds;
  /** Names of the components of theta in the result, e.g. by pollutant. Default: the engine's own. */
  readonly thetaNames?: readonly string[];
  /** A start that is likely better than `initialTheta`; the search falls back where it is not. A checkpoint wins over both. */
  readonly start?: StartChoice;
  /** Searched for a start where `start` says defaults and no checkpoint is there. */
  readonly coarse?: CoarseMeshes;
}

/** The posterior with theta integrated out, after a fit. */
export interface IntegrateJob extends EngineJobCommon, IntegrationTask {
  readonly kind: 'integrate';
}

export type EngineJob = FitJob | IntegrateJob;

export interface RunEngineOptions extends Omit<SuperviseOptions, 'graceTimeMs' | 'ranks'> {
  /** Between SIGTERM and SIGKILL. Default 10 s: one iteration of a large model plus its checkpoint. */
  readonly graceTimeMs?: number;
  /** Default: a child of this process. */
  readonly launcher?: EngineLauncher;
}

const DEFAULT_OPTIONS = { gradientTolerance: 1e-3, maximumIterations: 100 } as const;
const DEFAULT_GRACE_MS = 10_000;

/** Folder that holds checkpoints and attempts of a job. */
export function jobFolder(job: Pick<EngineJob, 'folder' | 'kind' | 'jobKey'>): string {
  return join(resolve(job.folder), `${job.kind}-${sha256Hex(job.jobKey).slice(0, 16)}`);
}

/** Folder of the checkpoints of a job; the attempts share it. */
export function checkpointFolder(job: Pick<EngineJob, 'folder' | 'kind' | 'jobKey'>): string {
  return join(jobFolder(job), 'checkpoints');
}

/** The processors at hand, shared by the ranks. */
function defaultThreads(ranks: number): number {
  return Math.max(1, Math.floor(availableParallelism() / ranks));
}

function contentOf(job: EngineJob, attemptToken: number, ranks: number): JobContent {
  const common = {
    jobKey: job.jobKey,
    attemptToken,
    checkpointFolder: checkpointFolder(job),
    options: { threads: defaultThreads(ranks), ...DEFAULT_OPTIONS, ...job.options },
    model: job.model,
  };
  return job.kind === 'fit'
    ? {
        kind: 'fit',
        ...common,
        initialTheta: job.initialTheta,
        ...(job.thetaBounds === undefined ? {} : { thetaBounds: job.thetaBounds }),
        ...(job.thetaNames === undefined ? {} : { thetaNames: job.thetaNames }),
        ...(job.start === undefined ? {} : { start: job.start }),
        ...(job.coarse === undefined ? {} : { coarse: job.coarse }),
      }
    : {
        kind: 'integrate',
        ...common,
        theta: job.theta,
        thetaCovariance: job.thetaCovariance,
        strategy: job.strategy,
        ...(job.mostEvaluations === undefined ? {} : { mostEvaluations: job.mostEvaluations }),
        ...(job.latent === undefined ? {} : { latent: job.latent }),
        designs: job.designs,
        ...(job.maps === undefined ? {} : { maps: job.maps }),
        ...(job.draws === undefined ? {} : { draws: job.draws }),
      };
}

/** Removes the folders of attempts up to this token. */
async function dropAttempts(attempts: string, newest: number): Promise<void> {
  await makeFolder(attempts);
  for (const name of await readdir(attempts)) {
    if (Number(name) <= newest) await rm(join(attempts, name), { recursive: true, force: true });
  }
}

/**
 * Runs the engine on a job in its own process and process group.
 *
 * Takes the lease on the job (an attempt that is still alive elsewhere may not write any more), writes the job files, starts the
 * process, follows its events and reads its result. A fit goes on from the newest valid checkpoint of the same job key.
 *
 * @returns for a fit the FitResult; for an integration the IntegrationResult
 * @throws TramontanaError `Engine.InvalidInput`, `Engine.NumericalFailure`, `Engine.ProtocolViolation`, `Engine.LaunchFailed` (final);
 *   `Engine.Interrupted` (after an abort; checkpoint on disk), `Engine.Superseded`, `Engine.Crashed`, `Engine.Unresponsive`,
 *   `Engine.BadResult` (retryable)
 */
export function runEngine(job: FitJob, options?: RunEngineOptions): Promise<FitResult>;
export function runEngine(job: IntegrateJob, options?: RunEngineOptions): Promise<IntegrationResult>;
export async function runEngine(
  job: EngineJob,
  options: RunEngineOptions = {},
): Promise<FitResult | IntegrationResult> {
  const { launcher = localLauncher, graceTimeMs = DEFAULT_GRACE_MS, signal } = options;
  if (signal?.aborted === true) {
    throw new TramontanaError('Engine.Interrupted', 'the engine process was not started: its signal is aborted', {
      retryable: true,
      cause: signal.reason,
    });
  }
  const token = await takeLease(checkpointFolder(job));
  const attempts = join(jobFolder(job), 'attempts');
  // the attempt before is kept for who looks for the cause of its end; a crash loop must not fill the disk
  await dropAttempts(attempts, token - 2);
  const content = contentOf(job, token, launcher.ranks);
  const jobFile = await writeJob(join(attempts, String(token)), content);
  const command = launcher.command(jobFile, content.options.threads);
  const event = await superviseEngineProcess(command, { ...options, graceTimeMs, ranks: launcher.ranks });
  const result: JobResult = await readJobResult(event, job.jobKey);
  if (result.kind !== job.kind) {
    throw new TramontanaError('Engine.BadResult', `${event.path}: expected a ${job.kind} result, got ${result.kind}`, {
      retryable: true,
    });
  }
  // what they held is in memory now
  await dropAttempts(attempts, token);
  return result.kind === 'fit' ? result.fit : result.integration;
}
