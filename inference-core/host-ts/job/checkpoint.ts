// SPDX-License-Identifier: Apache-2.0
/**
 * Checkpoints of a fit: the optimiser's complete state after an iteration.
 *
 * A file has two lines: a header (schema version, job key, sequence, attempt, SHA-256 of the second line) and the state.
 * Files are written by temporary file, fsync and rename; the last two valid ones are kept. Reading takes the newest valid one; a
 * corrupt one, and one of another job, is ignored with a warning.
 *
 * @module
 */
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import { writeFileAtomic } from '../../../common/atomic-file.js';
import { messageOf } from '../../../common/errors.js';
import { sha256Hex } from '../../../common/hash.js';
import { makeFolder } from '../../../common/paths.js';
import { parseExact, stringifyExact } from '../codec/exact-json.js';
import { assertLease } from './lease.js';
import type { OptimizerState } from '../contract/fit.js';
import { startChoiceSchema, type StartChoice } from './job.js';

export const CHECKPOINT_SCHEMA_VERSION = 1;
const KEPT_CHECKPOINTS = 2;
const FILE_NAME = /^(?<job>[0-9a-f]{16})-(?<sequence>[0-9]{8})\.checkpoint\.json$/u;
const TEMPORARY_NAME = /^\..*\.checkpoint\.json\..*\.tmp$/u;

const count = z.int().nonnegative();
/** Any double: z.number() would refuse the infinities that an optimiser may legitimately hold. */
const double = z.custom<number>((value) => typeof value === 'number', 'expected a number');

const headerSchema = z.object({
  schemaVersion: z.literal(CHECKPOINT_SCHEMA_VERSION),
  jobKey: z.string(),
  sequence: count,
  attemptToken: count,
  sha256: z.string(),
});

const stateSchema = z.object({
  version: z.literal(2),
  phase: z.enum(['search', 'hessian', 'done']),
  iteration: count,
  evaluations: count,
  theta: z.array(double),
  objective: double,
  gradient: z.array(double),
  curvature: z.array(double),
  observedCurvature: z.array(double),
  curvatureCorrection: z.array(double),
  trustRadius: double,
  search: count,
  searchStart: count,
  saddlesLeft: count,
  atRounding: z.boolean(),
  optima: z.array(z.object({ theta: z.array(double), objective: double, converged: z.boolean(), count })),
  hessianColumns: z.array(z.array(double)),
  stopReason: z.string(),
  converged: z.boolean(),
  trace: z.array(
    z.looseObject({
      iteration: count,
      accepted: z.boolean(),
      objective: double,
      gradientNorm: double,
      trustRadius: double,
      evaluations: count,
      theta: z.array(double),
    }),
  ),
});

const contentSchema = z.object({
  // loose: a newer engine may add to its state, and what it adds must come back to it
  state: z.looseObject(stateSchema.shape),
  elapsedSeconds: double,
  iterationSeconds: z.array(z.tuple([count, double])),
  start: startChoiceSchema.optional(),
  evaluationsBefore: count.optional(),
});

/** What a checkpoint holds. */
export interface CheckpointContent {
  readonly state: OptimizerState;
  /** Wall-clock seconds over all attempts so far. */
  readonly elapsedSeconds: number;
  /** Pairs of iteration and seconds since the start of the attempt that did it. */
  readonly iterationSeconds: readonly (readonly [number, number])[];
  /** Where the search of `state` began; absent: at the defaults, and nothing is known of others. */
  readonly start?: StartChoice;
  /** Spent before that search began: on another one, whose start was of no use. Absent: none. */
  readonly evaluationsBefore?: number;
}

export interface StoredCheckpoint {
  readonly path: string;
  readonly sha256: string;
  readonly sequence: number;
}

export interface LoadedCheckpoint extends StoredCheckpoint {
  readonly content: CheckpointContent;
}

export interface CheckpointWarning {
  readonly code: 'checkpoint-corrupt' | 'checkpoint-foreign';
  readonly path: string;
  readonly reason: string;
}

interface CheckpointOptions {
  readonly folder: string;
  readonly jobKey: string;
  /** Token of the lease on the folder (lease.ts). */
  readonly attemptToken: number;
  /** Of the lease too. Default 0. */
  readonly restart?: number;
}

type ReadOutcome = { readonly loaded: LoadedCheckpoint } | { readonly warning: CheckpointWarning };

/** The checkpoints of one job in one folder. Calls must not overlap (the fit runner queues them). */
export class CheckpointStore {
  private nextSequence = 1;
  /** Paths known to be valid, oldest first. */
  private valid: string[] = [];

  constructor(private readonly options: CheckpointOptions) {}

  /** Finds the newest valid checkpoint of this job, and says what it had to ignore. Makes the folder if needed. */
  async loadNewest(): Promise<{ newest: LoadedCheckpoint | undefined; warnings: CheckpointWarning[] }> {
    const { folder } = this.options;
    await makeFolder(folder);
    const names = await readdir(folder);
    const files = names
      .flatMap((name) => {
        const groups = FILE_NAME.exec(name)?.groups;
        return groups?.['sequence'] === undefined ? [] : [{ name, sequence: Number(groups['sequence']) }];
      })
      .sort((a, b) => b.sequence - a.sequence);
    this.nextSequence = (files[0]?.sequence ?? 0) + 1;
    // left by a process that was killed between open and rename
    for (const name of names) if (TEMPORARY_NAME.test(name)) await rm(join(folder, name), { force: true });

    const warnings: CheckpointWarning[] = [];
    const found: LoadedCheckpoint[] = [];
    for (const { name } of files) {
      const outcome = await this.read(join(folder, name));
      if ('warning' in outcome) warnings.push(outcome.warning);
      else found.push(outcome.loaded);
      if (found.length === KEPT_CHECKPOINTS) break;
    }
    this.valid = found.map(({ path }) => path).reverse();
    return { newest: found[0], warnings };
  }

  /**
   * Writes the next checkpoint and drops those older than the last two.
   *
   * @throws TramontanaError `Engine.Superseded` when a newer attempt holds the folder
   */
  async save(content: CheckpointContent): Promise<StoredCheckpoint> {
    const { folder, jobKey, attemptToken, restart = 0 } = this.options;
    const sequence = this.nextSequence;
    this.nextSequence += 1;
    const body = stringifyExact(content);
    const sha256 = sha256Hex(body);
    const header = { schemaVersion: CHECKPOINT_SCHEMA_VERSION, jobKey, sequence, attemptToken, sha256 };
    const path = join(folder, this.nameOf(sequence));
    await assertLease(folder, { token: attemptToken, restart });
    await writeFileAtomic(path, `${JSON.stringify(header)}\n${body}\n`);
    this.valid = [...this.valid, path].slice(-KEPT_CHECKPOINTS);
    await this.dropOld(sequence);
    return { path, sha256, sequence };
  }

  private nameOf(sequence: number): string {
    return `${sha256Hex(this.options.jobKey).slice(0, 16)}-${String(sequence).padStart(8, '0')}.checkpoint.json`;
  }

  /** Removes this job's files up to `sequence` that are not among the last valid ones (corrupt ones too). */
  private async dropOld(sequence: number): Promise<void> {
    const { folder, jobKey } = this.options;
    const job = sha256Hex(jobKey).slice(0, 16);
    for (const name of await readdir(folder)) {
      const groups = FILE_NAME.exec(name)?.groups;
      const path = join(folder, name);
      if (groups?.['job'] !== job || Number(groups['sequence']) > sequence || this.valid.includes(path)) continue;
      await rm(path, { force: true });
    }
  }

  private async read(path: string): Promise<ReadOutcome> {
    const corrupt = (reason: string): ReadOutcome => ({ warning: { code: 'checkpoint-corrupt', path, reason } });
    try {
      const [headerText = '', body = ''] = (await readFile(path, 'utf8')).split('\n');
      const header = headerSchema.parse(JSON.parse(headerText));
      if (header.jobKey !== this.options.jobKey) {
        const reason = `belongs to job ${header.jobKey}, not to ${this.options.jobKey}`;
        return { warning: { code: 'checkpoint-foreign', path, reason } };
      }
      if (sha256Hex(body) !== header.sha256) return corrupt('its content does not match its SHA-256');
      const content = contentSchema.parse(parseExact(body));
      return { loaded: { path, sha256: header.sha256, sequence: header.sequence, content } };
    } catch (error) {
      return corrupt(error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error));
    }
  }
}
