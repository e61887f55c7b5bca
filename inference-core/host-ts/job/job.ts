// SPDX-License-Identifier: Apache-2.0
/**
 * Job files: what the engine process is asked to do. A job folder holds `job.json`, `model.arrow` and, where predictors are to be
 * summarised, `designs.arrow`, or `maps-designs.arrow` with the grid of `maps-model.arrow` or the job's own, and `draws.arrow`.
 * `job.json` names the other files with their SHA-256 and is written last: a folder with a job.json is complete.
 *
 * @module
 */
import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { z } from 'zod';

import { writeFileAtomic } from '../../../common/atomic-file.js';
import { messageOf } from '../../../common/errors.js';
import type { EngineModel } from '../contract/engine-model.js';
import type { GridModel } from '../contract/grid-model.js';
import { checkIntegrationTask, type IntegrationTask } from '../contract/integration-task.js';
import {
  coarseFilesSchema,
  invalidJob,
  modelFileSchema,
  predictorFilesSchema,
  readCoarse,
  readModel,
  readPredictors,
  writeCoarse,
  writeModel,
  writePredictors,
  type CoarseMeshes,
} from './job-arrays.js';

export const JOB_SCHEMA_VERSION = 2;
export const JOB_FILE = 'job.json';

const optionsSchema = z.strictObject({
  /** BLAS threads of the engine process. */
  threads: z.int().positive(),
  /** The search ends when no component of the gradient is larger. */
  gradientTolerance: z.number().positive(),
  maximumIterations: z.int().positive(),
  /** Evaluations at a time, each on an equal part of the ranks. Absent: by counting what is quickest. */
  rankGroups: z.int().positive().optional(),
});

const commonFields = {
  schemaVersion: z.literal(JOB_SCHEMA_VERSION),
  /** Identity of the problem: checkpoints of another key are foreign. */
  jobKey: z.string().min(1),
  /** Grows with every attempt at this job; the largest one may write. */
  attemptToken: z.int().positive(),
  /** Shared by the attempts, relative to the job folder. */
  checkpointFolder: z.string().min(1),
  options: optionsSchema,
  model: modelFileSchema,
};

/** Where a search is to begin, and what is known of searches that begin at the defaults. */
export const startChoiceSchema = z.strictObject({
  from: z.enum(['earlier-run', 'coarse-mesh', 'defaults']),
  /** In words. */
  reason: z.string(),
  /** Absent: the job's `initialTheta`. */
  theta: z.array(z.number()).readonly().optional(),
  /** Row-major Hessian there. */
  curvature: z.array(z.number()).readonly().optional(),
  /** A whole fit that began at the defaults. */
  reference: z.strictObject({ evaluations: z.int().nonnegative(), of: z.string() }).optional(),
  /** A search alone that began at the defaults, on a coarser mesh. */
  coarseSearch: z.strictObject({ evaluations: z.int().nonnegative(), of: z.string() }).optional(),
  earlierKey: z.string().optional(),
});

export type StartChoice = Readonly<z.infer<typeof startChoiceSchema>>;

const jobFileSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('fit'),
    ...commonFields,
    initialTheta: z.array(z.number()),
    thetaBounds: z.strictObject({ lower: z.array(z.number()), upper: z.array(z.number()) }).optional(),
    thetaNames: z.array(z.string()).optional(),
    start: startChoiceSchema.optional(),
    coarse: coarseFilesSchema.optional(),
  }),
  z.strictObject({
    kind: z.literal('integrate'),
    ...commonFields,
    theta: z.array(z.number()),
    thetaCovariance: z.array(z.array(z.number())),
    strategy: z.enum(['automatic', 'lattice', 'central-composite', 'cubature', 'empirical-bayes']),
    mostEvaluations: z.number().nonnegative().optional(),
    latent: z.boolean().optional(),
    ...predictorFilesSchema,
  }),
]);

export type EngineOptions = z.infer<typeof optionsSchema>;

interface JobCommon {
  readonly jobKey: string;
  readonly attemptToken: number;
  readonly checkpointFolder: string;
  readonly options: EngineOptions;
  readonly model: EngineModel | GridModel;
}

/** A box for theta, one entry a component. */
export interface ThetaBounds {
  readonly lower: readonly number[];
  readonly upper: readonly number[];
}

/** Find the mode of theta. */
export interface FitJobContent extends JobCommon {
  readonly kind: 'fit';
  readonly initialTheta: readonly number[];
  /** Box that theta stays in; absent: the engine's own, far outside of what data can tell. */
  readonly thetaBounds?: ThetaBounds;
  /** For the result, one a component of theta; absent: the engine's own. */
  readonly thetaNames?: readonly string[];
  /** A start that may be better than `initialTheta`, where a search begins that this one does not serve. Absent: none. */
  readonly start?: StartChoice;
  /** Asked for a start where `start` says defaults. */
  readonly coarse?: CoarseMeshes;
}

/** Integrate theta out. */
export interface IntegrateJobContent extends JobCommon, IntegrationTask {
  readonly kind: 'integrate';
}

export type JobContent = FitJobContent | IntegrateJobContent;

/**
 * Writes the files of a job, each atomically, job.json last.
 *
 * @returns path of job.json
 * @throws TramontanaError `Engine.InvalidInput` for numbers that are not finite, options out of range, and what the model's solver
 *   cannot do
 */
export async function writeJob(folder: string, job: JobContent): Promise<string> {
  if (job.kind === 'integrate') checkIntegrationTask(job);
  const model = await writeModel(folder, job.model);
  const { jobKey, attemptToken, checkpointFolder, options } = job;
  const common = { schemaVersion: JOB_SCHEMA_VERSION, jobKey, attemptToken, checkpointFolder, options, model } as const;
  const description: z.infer<typeof jobFileSchema> =
    job.kind === 'fit'
      ? {
          kind: 'fit',
          ...common,
          initialTheta: [...job.initialTheta],
          ...(job.thetaBounds === undefined
            ? {}
            : { thetaBounds: { lower: [...job.thetaBounds.lower], upper: [...job.thetaBounds.upper] } }),
          ...(job.thetaNames === undefined ? {} : { thetaNames: [...job.thetaNames] }),
          ...(job.start === undefined ? {} : { start: job.start }),
          ...(job.coarse === undefined ? {} : { coarse: await writeCoarse(folder, job.coarse) }),
        }
      : {
          kind: 'integrate',
          ...common,
          theta: [...job.theta],
          thetaCovariance: job.thetaCovariance.map((row) => [...row]),
          strategy: job.strategy,
          ...(job.mostEvaluations === undefined ? {} : { mostEvaluations: job.mostEvaluations }),
          ...(job.latent === undefined ? {} : { latent: job.latent }),
          ...(await writePredictors(folder, job, model)),
        };
  const checked = jobFileSchema.safeParse(description);
  if (!checked.success) {
    throw invalidJob(`engine job ${jobKey}: ${z.prettifyError(checked.error)}`, { jobKey });
  }
  const path = join(folder, JOB_FILE);
  await writeFileAtomic(path, `${JSON.stringify(description, null, 2)}\n`);
  return path;
}

/**
 * Reads a job and checks the hashes of its files.
 *
 * @param folder - the job folder, or the path of its job.json
 * @returns the job; `checkpointFolder` is absolute
 * @throws TramontanaError `Engine.InvalidInput` naming file, expectation and value
 */
export async function readJob(folder: string): Promise<JobContent & { readonly folder: string }> {
  const isFolder = await stat(folder).then(
    (entry) => entry.isDirectory(),
    () => true,
  );
  const directory = resolve(isFolder ? folder : join(folder, '..'));
  const path = isFolder ? join(directory, JOB_FILE) : resolve(folder);
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw invalidJob(`${path}: expected an engine job (JSON), ${messageOf(error)}`, { path }, error);
  }
  const parsed = jobFileSchema.safeParse(value);
  if (!parsed.success) throw invalidJob(`${path}: ${z.prettifyError(parsed.error)}`, { path });
  const job = parsed.data;
  const model = await readModel(directory, job.model);
  const common = {
    folder: directory,
    jobKey: job.jobKey,
    attemptToken: job.attemptToken,
    checkpointFolder: resolve(directory, job.checkpointFolder),
    options: job.options,
    model,
  };
  if (job.kind === 'fit') {
    const { initialTheta, thetaBounds, thetaNames, start, coarse } = job;
    const optional = {
      ...(thetaBounds === undefined ? {} : { thetaBounds }),
      ...(thetaNames === undefined ? {} : { thetaNames }),
      ...(start === undefined ? {} : { start }),
      ...(coarse === undefined ? {} : { coarse: await readCoarse(directory, coarse) }),
    };
    return { kind: 'fit', ...common, initialTheta, ...optional };
  }
  const { theta, thetaCovariance, strategy, mostEvaluations, latent } = job;
  const limit = mostEvaluations === undefined ? {} : { mostEvaluations };
  const task = { theta, thetaCovariance, strategy, ...limit, ...(latent === undefined ? {} : { latent }) };
  const content = { kind: 'integrate', ...common, ...task, ...(await readPredictors(directory, job, model)) } as const;
  checkIntegrationTask(content);
  return content;
}
