// SPDX-License-Identifier: Apache-2.0
/**
 * How many evaluations a fit needs from scattered starts, and whether it always finds the same optimum.
 *
 * For each golden case and each spread, 20 starts are drawn N(optimum, sd) in every component of theta. An evaluation is one
 * objective with its gradient; a rejected trial counts like an accepted one.
 *
 * @module
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { isTramontanaError, messageOf } from '../../common/errors.js';
import { readGoldenCase } from '../../inference-core/host-ts/golden/golden-case.js';
import { buildGoldenModel } from '../../inference-core/host-ts/golden/golden-model.js';
import type { EngineModel } from '../../inference-core/host-ts/contract/engine-model.js';
import { loadNativeEngine } from '../../inference-core/host-ts/addon/native.js';
import type { NativeEngine } from '../../inference-core/host-ts/contract/native-engine.js';
import { NpzFile } from '../../inference-core/host-ts/codec/npz.js';
import { randomStart } from './random-starts.js';

/** The golden cases of the benchmark and the largest number of evaluations that each spread of starts may need. */
export const STARTS_CASES = [
  { model: 'univariate', folder: 'st_uni_plane_pc', limits: { 1: 16, 2: 25 } },
  { model: 'bivariate', folder: 'coreg2_st', limits: { 1: 16, 2: 25 } },
  { model: 'trivariate', folder: 'coreg3_st', limits: { 1: 25, 2: 40 } },
] as const;

export const STARTS_SPREADS = [1, 2] as const;

/** Optima whose objectives differ by less than this are the same: the search stops within about |g|^2 / (2 h), far below it. */
const SAME_OBJECTIVE = 1e-3;

export interface StartsOptions {
  /** Folder with the golden cases. */
  readonly goldenFolder: string;
  readonly numSeeds: number;
  /** Called with each finished fit. */
  readonly onFit?: (fit: StartFit) => void;
}

/** One fit. */
export interface StartFit {
  readonly model: string;
  readonly sd: number;
  readonly seed: number;
  /** Undefined when the fit failed. */
  readonly evaluations?: number;
  readonly objective?: number;
  readonly theta?: readonly number[];
  /** Why it stopped, or why it failed. */
  readonly reason: string;
  readonly converged: boolean;
}

/** An optimum, and in how many fits the search ended there. */
export interface DistinctOptimum {
  readonly objective: number;
  readonly count: number;
  readonly theta: readonly number[];
}

/** One line of the table: a model and a spread of the starts. */
export interface StartsRow {
  readonly model: string;
  readonly sd: number;
  readonly numStarts: number;
  readonly limit: number;
  readonly maximum: number;
  readonly mean: number;
  readonly evaluations: readonly number[];
  /** Fits that threw or did not converge. */
  readonly failures: number;
  /** Lowest first. */
  readonly optima: readonly DistinctOptimum[];
  /** Fits that ended at a higher optimum and did not say that there may be others. */
  readonly missedWithoutAWord: number;
  readonly passed: boolean;
}

async function loadCase(
  engine: NativeEngine,
  folder: string,
): Promise<{ model: EngineModel; optimum: readonly number[] }> {
  const golden = await readGoldenCase(folder);
  const model = buildGoldenModel(golden, await NpzFile.open(join(folder, 'inputs.npz')));
  return {
    model: { ...model, spectralBasis: await engine.spectralBasis(model.c0, model.g1) },
    optimum: golden.optimum.theta,
  };
}

async function fitFrom(
  engine: NativeEngine,
  model: EngineModel,
  initialTheta: readonly number[],
  labels: Pick<StartFit, 'model' | 'sd' | 'seed'>,
): Promise<StartFit> {
  try {
    const { promise } = engine.fit(model, { initialTheta, computeHessian: false }, undefined, () => undefined);
    const { evaluations, objective, theta, stopReason, converged } = await promise;
    return { ...labels, evaluations, objective, theta: Array.from(theta), reason: stopReason, converged };
  } catch (error) {
    if (!isTramontanaError(error)) throw error;
    return { ...labels, reason: `${error.tag}: ${messageOf(error)}`, converged: false };
  }
}

function distinctOptima(fits: readonly StartFit[]): DistinctOptimum[] {
  const optima: { objective: number; count: number; theta: readonly number[] }[] = [];
  for (const { converged, objective = NaN, theta = [] } of fits) {
    if (!converged) continue;
    const known = optima.find((optimum) => Math.abs(optimum.objective - objective) < SAME_OBJECTIVE);
    if (known === undefined) optima.push({ objective, count: 1, theta });
    else known.count += 1;
  }
  return optima.sort((a, b) => a.objective - b.objective);
}

function summarise(fits: readonly StartFit[], limit: number): StartsRow {
  const [first] = fits;
  const evaluations = fits.flatMap((fit) => (fit.evaluations === undefined ? [] : [fit.evaluations]));
  const failures = fits.filter((fit) => !fit.converged).length;
  const optima = distinctOptima(fits);
  const lowest = optima[0]?.objective ?? NaN;
  const missedWithoutAWord = fits.filter(
    ({ converged, objective = NaN, reason }) =>
      converged && objective > lowest + SAME_OBJECTIVE && !/optim(um|a)/u.test(reason),
  ).length;
  const maximum = Math.max(...evaluations);
  return {
    model: first?.model ?? '',
    sd: first?.sd ?? NaN,
    numStarts: fits.length,
    limit,
    maximum,
    mean: evaluations.reduce((sum, value) => sum + value, 0) / evaluations.length,
    evaluations,
    failures,
    optima,
    missedWithoutAWord,
    passed: maximum <= limit && failures === 0 && missedWithoutAWord === 0,
  };
}

/**
 * Runs the benchmark.
 *
 * @returns one row per model and spread; empty when the golden cases are absent
 */
export async function runStarts(
  options: StartsOptions,
  engine: NativeEngine = loadNativeEngine(),
): Promise<StartsRow[]> {
  const rows: StartsRow[] = [];
  for (const { model: name, folder, limits } of STARTS_CASES) {
    const path = join(options.goldenFolder, folder);
    if (!existsSync(path)) continue;
    const { model, optimum } = await loadCase(engine, path);
    for (const sd of STARTS_SPREADS) {
      const fits: StartFit[] = [];
      for (let seed = 1; seed <= options.numSeeds; seed += 1) {
        const fit = await fitFrom(engine, model, randomStart(optimum, sd, seed), { model: name, sd, seed });
        options.onFit?.(fit);
        fits.push(fit);
      }
      rows.push(summarise(fits, limits[sd]));
    }
  }
  return rows;
}

/** The rows as text, one line each, and what does not pass below them. */
export function formatStarts(rows: readonly StartsRow[]): string {
  const lines = [
    'Evaluations (objective with gradient) to |g| < 1e-3 from scattered starts',
    '',
    '| model | sd of the starts | starts | largest | limit | mean | failures | optima (fits) |',
    '|---|---|---|---|---|---|---|---|',
    ...rows.map(
      (row) =>
        `| ${row.model} | ${row.sd} | ${row.numStarts} | ${row.maximum} | ${row.limit} | ${row.mean.toFixed(1)} | ${row.failures} | ` +
        `${row.optima.map(({ objective, count }) => `${objective.toFixed(4)} (${count})`).join(', ')} |`,
    ),
  ];
  const missed = rows.filter((row) => row.missedWithoutAWord > 0);
  for (const { model, sd, missedWithoutAWord } of missed) {
    lines.push(
      '',
      `${model}, sd ${sd}: ${missedWithoutAWord} fits ended at a higher optimum without a word about others`,
    );
  }
  return lines.join('\n');
}
