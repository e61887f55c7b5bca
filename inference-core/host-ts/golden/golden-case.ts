// SPDX-License-Identifier: Apache-2.0
/**
 * case.json of a golden case in one of two layouts, brought to one form.
 *
 * The standard layout names its `kind` and lists one prior a component of theta. The INLA_DIST layout (arrays and printouts of another
 * program) has no kind, prior formulas as text, and theta under a key that tells its order (`theta_rs_rt_sigma_prec`).
 *
 * @module
 */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import { entry } from '../../../common/entry.js';
import { messageOf, TramontanaError } from '../../../common/errors.js';
import type { ThetaPrior } from '../contract/engine-model.js';

/** The peers truncate the variance series of the sphere at this many terms, and the golden values are theirs. */
const PEER_SPHERE_SERIES_TERMS = 50;
const DEFAULT_FIXED_EFFECTS_PRIOR_PRECISION = 0.001;

/** One theta with what the reference found there. */
export interface GoldenEvaluation {
  readonly theta: readonly number[];
  readonly objective: number;
  readonly gradient: readonly number[] | undefined;
  /** Of the objective by theta, at the optimum only. */
  readonly hessian: readonly (readonly number[])[] | undefined;
  /** Suffix of its arrays in outputs.npz, e.g. `0` for `x_0`. */
  readonly outputSuffix: string;
}

export interface GoldenCase {
  readonly name: string;
  /** `spatial`, `st`, `coregional_st_2`, ..., or `inladist`. */
  readonly kind: string;
  readonly model: 'spatio-temporal' | 'spatial';
  readonly manifold: 'plane' | 'sphere';
  readonly sphereSeriesTerms: number | undefined;
  readonly likelihood: 'gaussian' | 'poisson';
  readonly numNodes: number;
  readonly numTimeSteps: number;
  readonly numProcesses: number;
  readonly observationsPerProcess: readonly number[] | undefined;
  readonly fixedEffectsPriorPrecision: number;
  readonly priors: readonly ThetaPrior[];
  readonly evaluations: readonly GoldenEvaluation[];
  readonly optimum: GoldenEvaluation;
}

const numbers = z.array(z.number());
const count = z.int().positive();
const common = {
  case: z.string(),
  manifold: z.enum(['plane', 'sphere']),
  sphere_series_terms: count.nullish(),
  likelihood: z.enum(['gaussian', 'poisson']),
  n_s: count,
  n_t: count,
  fixed_effects_prior_precision: z.number().positive().optional(),
};

const standardSchema = z.object({
  ...common,
  kind: z.string(),
  n_models: count.optional(),
  obs_per_model: z.array(z.int().nonnegative()).optional(),
  priors: z.array(
    z.discriminatedUnion('type', [
      z.object({ type: z.literal('gaussian'), mean: z.number(), precision: z.number() }),
      z.object({
        type: z.literal('penalized_complexity'),
        kind: z.enum(['r_s', 'r_t', 'sigma', 'prec']),
        alpha: z.number().positive(),
        u: z.number().positive(),
      }),
    ]),
  ),
  evaluations: z.array(z.record(z.string(), z.unknown())),
  optimum: z.record(z.string(), z.unknown()),
});

const inlaDistSchema = z.object({
  ...common,
  priors: z.record(z.string(), z.string()),
  evaluations: z.array(z.record(z.string(), z.unknown())),
  optimum: z.record(z.string(), z.unknown()),
});

function notACase(folder: string, reason: string, cause?: unknown): TramontanaError {
  return new TramontanaError(
    'Golden.NotACase',
    `${folder}: expected a folder with case.json, inputs.npz and outputs.npz; ${reason}`,
    { facts: { folder }, cause },
  );
}

/** Objective with the fixed effects' prior log-determinant, under the names that the layouts use. */
const OBJECTIVE_KEYS = ['f_dense', 'f_independent_dense', 'f', 'f_dalia_dense'];

function evaluationOf(
  folder: string,
  entry: Readonly<Record<string, unknown>>,
  outputSuffix: string,
  theta: readonly number[] | undefined,
): GoldenEvaluation {
  const objective = OBJECTIVE_KEYS.map((key) => entry[key]).find((value) => typeof value === 'number');
  if (theta === undefined || objective === undefined) {
    throw notACase(folder, `evaluation "${outputSuffix}" lacks theta or one of ${OBJECTIVE_KEYS.join(', ')}`);
  }
  return {
    theta,
    objective,
    gradient: numbers.safeParse(entry['grad_exact']).data,
    hessian: z.array(numbers).safeParse(entry['hessian']).data,
    outputSuffix,
  };
}

type PenalizedComplexityKind = Extract<ThetaPrior, { type: 'penalized-complexity' }>['kind'];

/** Rate lambda of a penalised-complexity prior from P(quantity beyond u) = alpha [Fuglstad2019]. */
function penalizedComplexity(kind: 'r_s' | 'r_t' | 'sigma' | 'prec', alpha: number, u: number): ThetaPrior {
  const rate = -Math.log(alpha);
  const [engineKind, lambda]: [PenalizedComplexityKind, number] = {
    r_s: ['spatial-range', rate * u] as [PenalizedComplexityKind, number],
    r_t: ['temporal-range', rate * Math.sqrt(u)] as [PenalizedComplexityKind, number],
    sigma: ['sigma', rate / u] as [PenalizedComplexityKind, number],
    prec: ['noise-precision-compat', rate / u] as [PenalizedComplexityKind, number],
  }[kind];
  return { type: 'penalized-complexity', kind: engineKind, lambda };
}

function standardCase(folder: string, data: z.infer<typeof standardSchema>): GoldenCase {
  const coregional = /^coregional_(st|spatial)_([0-9]+)$/u.exec(data.kind);
  const isSpatial = data.kind === 'spatial' || coregional?.[1] === 'spatial';
  if (!isSpatial && data.kind !== 'st' && coregional === null) {
    throw new TramontanaError(
      'Golden.Unsupported',
      `${folder}: expected kind st, spatial or coregional_st_N, got ${data.kind}`,
      { facts: { folder, kind: data.kind } },
    );
  }
  const theta = (entry: Readonly<Record<string, unknown>>): number[] | undefined =>
    numbers.safeParse(entry['theta']).data;
  return {
    ...commonOf(data),
    kind: data.kind,
    model: isSpatial ? 'spatial' : 'spatio-temporal',
    numProcesses: data.n_models ?? Number(coregional?.[2] ?? 1),
    observationsPerProcess: data.obs_per_model,
    priors: data.priors.map((prior) =>
      prior.type === 'gaussian' ? prior : penalizedComplexity(prior.kind, prior.alpha, prior.u),
    ),
    evaluations: data.evaluations.map((entry, index) => evaluationOf(folder, entry, String(index), theta(entry))),
    optimum: evaluationOf(folder, data.optimum, 'opt', theta(data.optimum)),
  };
}

const INLA_DIST_NAMES = ['rs', 'rt', 'sigma', 'prec'] as const;
const INLA_DIST_PRIORS = {
  rs: ['range_s', 'spatial-range'],
  rt: ['range_t', 'temporal-range'],
  sigma: ['sigma', 'sigma'],
  prec: ['prec_obs', 'noise-precision-compat'],
} as const;

/** theta in the engine's order from the one key that starts with `theta_` and lists names. */
function inlaDistTheta(stored: Readonly<Record<string, unknown>>): number[] | undefined {
  const key = Object.keys(stored).find((name) => /^theta(_(rs|rt|sigma|prec))+$/u.test(name));
  if (key === undefined) return numbers.safeParse(stored['theta']).data;
  const order = key.split('_').slice(1);
  const values = numbers.safeParse(stored[key]).data;
  if (values?.length !== order.length) return undefined;
  return INLA_DIST_NAMES.flatMap((name) => {
    const position = order.indexOf(name);
    return position < 0 ? [] : [entry(values, position)];
  });
}

/** `l=0.7/3` in a formula text. */
function inlaDistRate(folder: string, name: string, formula: string | undefined): number {
  const match = /\bl\s*=\s*([0-9.eE+-]+)(?:\s*\/\s*([0-9.eE+-]+))?/u.exec(formula ?? '');
  const lambda = Number(match?.[1]) / Number(match?.[2] ?? 1);
  if (lambda > 0) return lambda;
  throw notACase(folder, `prior "${name}" must be a formula with "l=<rate>", got ${JSON.stringify(formula)}`);
}

function inlaDistCase(folder: string, data: z.infer<typeof inlaDistSchema>): GoldenCase {
  const names = INLA_DIST_NAMES.filter((name) => name !== 'rt' || INLA_DIST_PRIORS.rt[0] in data.priors);
  return {
    ...commonOf(data),
    kind: 'inladist',
    model: names.includes('rt') ? 'spatio-temporal' : 'spatial',
    numProcesses: 1,
    observationsPerProcess: undefined,
    priors: names.map((name) => {
      const [key, kind] = INLA_DIST_PRIORS[name];
      return { type: 'penalized-complexity', kind, lambda: inlaDistRate(folder, key, data.priors[key]) };
    }),
    evaluations: data.evaluations.map((entry, index) =>
      evaluationOf(folder, entry, String(index), inlaDistTheta(entry)),
    ),
    optimum: evaluationOf(folder, data.optimum, 'opt', inlaDistTheta(data.optimum)),
  };
}

function commonOf(
  data: z.infer<typeof inlaDistSchema> | z.infer<typeof standardSchema>,
): Pick<
  GoldenCase,
  'name' | 'manifold' | 'sphereSeriesTerms' | 'likelihood' | 'numNodes' | 'numTimeSteps' | 'fixedEffectsPriorPrecision'
> {
  const { manifold, sphere_series_terms: terms } = data;
  return {
    name: data.case,
    manifold,
    // null in case.json asks for the whole series, a missing key for what the peers do
    sphereSeriesTerms: manifold === 'plane' || terms === null ? undefined : (terms ?? PEER_SPHERE_SERIES_TERMS),
    likelihood: data.likelihood,
    numNodes: data.n_s,
    numTimeSteps: data.n_t,
    fixedEffectsPriorPrecision: data.fixed_effects_prior_precision ?? DEFAULT_FIXED_EFFECTS_PRIOR_PRECISION,
  };
}

/**
 * Reads case.json of a folder.
 *
 * @throws TramontanaError `Golden.NotACase` with what is missing, `Golden.Unsupported` for another kind of model
 */
export async function readGoldenCase(folder: string): Promise<GoldenCase> {
  const entry = await stat(folder).catch((error: unknown) => {
    throw notACase(folder, `there is no such folder (${messageOf(error)})`, error);
  });
  if (!entry.isDirectory()) throw notACase(folder, 'this is a file');
  let value: unknown;
  try {
    value = JSON.parse(await readFile(join(folder, 'case.json'), 'utf8'));
  } catch (error) {
    throw notACase(folder, `case.json: ${messageOf(error)}`, error);
  }
  const isStandard = typeof value === 'object' && value !== null && 'kind' in value;
  const parsed = isStandard ? standardSchema.safeParse(value) : inlaDistSchema.safeParse(value);
  if (!parsed.success) throw notACase(folder, `case.json: ${z.prettifyError(parsed.error)}`);
  return 'kind' in parsed.data ? standardCase(folder, parsed.data) : inlaDistCase(folder, parsed.data);
}
