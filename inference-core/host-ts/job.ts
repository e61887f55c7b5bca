// SPDX-License-Identifier: Apache-2.0
/**
 * Job files: what the engine process is asked to do. A job folder holds `job.json`, `model.arrow` and, where
 * predictors are to be summarised, `designs.arrow`.
 * `job.json` names the other files with their SHA-256 and is written last: a folder with a job.json is complete.
 *
 * @module
 */
import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { z } from 'zod';

import type { IntegrationStrategy } from '../../artifacts/schemas/inference-summary.js';
import { writeFileAtomic } from '../../common/atomic-file.js';
import { messageOf, TramontanaError } from '../../common/errors.js';
import { sha256Hex } from '../../common/hash.js';
import type { EngineModel, PredictionDesign } from './engine-model.js';
import { decodeDesigns, decodeModel, encodeDesigns, encodeModel } from './model-codec.js';

export const JOB_SCHEMA_VERSION = 1;
export const JOB_FILE = 'job.json';
const MODEL_FILE = 'model.arrow';
const DESIGNS_FILE = 'designs.arrow';

const fileSchema = z.strictObject({ name: z.string(), sha256: z.string(), bytes: z.int().nonnegative() });

const optionsSchema = z.strictObject({
  /** BLAS threads of the engine process. */
  threads: z.int().positive(),
  /** The search ends when no component of the gradient is larger. */
  gradientTolerance: z.number().positive(),
  maximumIterations: z.int().positive(),
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
  model: fileSchema,
};

const jobFileSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('fit'),
    ...commonFields,
    initialTheta: z.array(z.number()),
    thetaBounds: z.strictObject({ lower: z.array(z.number()), upper: z.array(z.number()) }).optional(),
    thetaNames: z.array(z.string()),
  }),
  z.strictObject({
    kind: z.literal('integrate'),
    ...commonFields,
    theta: z.array(z.number()),
    thetaCovariance: z.array(z.array(z.number())),
    strategy: z.enum(['automatic', 'lattice', 'central-composite', 'cubature', 'empirical-bayes']),
    mostEvaluations: z.number().nonnegative().optional(),
    designs: fileSchema.optional(),
  }),
]);

export type EngineOptions = z.infer<typeof optionsSchema>;

interface JobCommon {
  readonly jobKey: string;
  readonly attemptToken: number;
  readonly checkpointFolder: string;
  readonly options: EngineOptions;
  readonly model: EngineModel;
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
  /** For the result; one a component of theta. */
  readonly thetaNames: readonly string[];
}

/** What to integrate: criteria and marginals of theta and fixed effects always, and the predictors of the designs. */
export interface IntegrationTask {
  /** The mode. */
  readonly theta: readonly number[];
  /** Of theta at the mode; a component with zero variance is fixed. */
  readonly thetaCovariance: readonly (readonly number[])[];
  readonly strategy: 'automatic' | IntegrationStrategy;
  /** What `automatic` may take; absent: what the engine has as its own. */
  readonly mostEvaluations?: number;
  readonly designs: readonly PredictionDesign[];
}

/** Integrate theta out. */
export interface IntegrateJobContent extends JobCommon, IntegrationTask {
  readonly kind: 'integrate';
}

export type JobContent = FitJobContent | IntegrateJobContent;

function invalidJob(message: string, facts: Record<string, unknown>, cause?: unknown): TramontanaError {
  return new TramontanaError('Engine.InvalidInput', message, { facts, cause });
}

async function writeArrays(folder: string, name: string, bytes: Uint8Array): Promise<z.infer<typeof fileSchema>> {
  await writeFileAtomic(join(folder, name), bytes);
  return { name, sha256: sha256Hex(bytes), bytes: bytes.byteLength };
}

/**
 * Writes the files of a job, each atomically, job.json last.
 *
 * @returns path of job.json
 * @throws TramontanaError `Engine.InvalidInput` for numbers that are not finite, options out of range
 */
export async function writeJob(folder: string, job: JobContent): Promise<string> {
  const model = await writeArrays(folder, MODEL_FILE, encodeModel(job.model));
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
          thetaNames: [...job.thetaNames],
        }
      : {
          kind: 'integrate',
          ...common,
          theta: [...job.theta],
          thetaCovariance: job.thetaCovariance.map((row) => [...row]),
          strategy: job.strategy,
          ...(job.mostEvaluations === undefined ? {} : { mostEvaluations: job.mostEvaluations }),
          ...(job.designs.length === 0
            ? {}
            : { designs: await writeArrays(folder, DESIGNS_FILE, encodeDesigns(job.designs)) }),
        };
  const checked = jobFileSchema.safeParse(description);
  if (!checked.success) {
    throw invalidJob(`engine job ${jobKey}: ${z.prettifyError(checked.error)}`, { jobKey });
  }
  const path = join(folder, JOB_FILE);
  await writeFileAtomic(path, `${JSON.stringify(description, null, 2)}\n`);
  return path;
}

async function readArrays(
  folder: string,
  file: z.infer<typeof fileSchema>,
): Promise<{ bytes: Uint8Array; path: string }> {
  const path = join(folder, file.name);
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw invalidJob(
      `${path}: expected a file of ${file.bytes} bytes, cannot read it: ${messageOf(error)}`,
      { path },
      error,
    );
  }
  const sha256 = sha256Hex(bytes);
  if (sha256 !== file.sha256) {
    throw invalidJob(`${path}: expected SHA-256 ${file.sha256}, got ${sha256}`, {
      path,
      expected: file.sha256,
      sha256,
    });
  }
  return { bytes, path };
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
  const model = await readArrays(directory, job.model);
  const common = {
    folder: directory,
    jobKey: job.jobKey,
    attemptToken: job.attemptToken,
    checkpointFolder: resolve(directory, job.checkpointFolder),
    options: job.options,
    model: decodeModel(model.bytes, model.path),
  };
  if (job.kind === 'fit') {
    const { initialTheta, thetaBounds, thetaNames } = job;
    return { kind: 'fit', ...common, initialTheta, ...(thetaBounds === undefined ? {} : { thetaBounds }), thetaNames };
  }
  const { theta, thetaCovariance, strategy, mostEvaluations } = job;
  const designs = job.designs === undefined ? undefined : await readArrays(directory, job.designs);
  return {
    kind: 'integrate',
    ...common,
    ...{ theta, thetaCovariance, strategy, ...(mostEvaluations === undefined ? {} : { mostEvaluations }) },
    designs: designs === undefined ? [] : decodeDesigns(designs.bytes, designs.path),
  };
}
