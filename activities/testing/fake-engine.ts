// SPDX-License-Identifier: Apache-2.0
/** An engine that computes nothing: it writes down its jobs and answers in their shapes. */
import type { FitResult } from '../../artifacts/schemas/fit-result.js';
import type {
  EngineModel,
  FitJob,
  GridModel,
  IntegrateJob,
  IntegrationResult,
  MarginalDensity,
  RunEngineOptions,
} from '../../inference-core/host-ts/index.js';
import type { ActivityDependencies } from '../dependencies.js';

/** What the engine was asked. */
export interface FakeEngine {
  readonly jobs: readonly (FitJob | IntegrateJob)[];
  /** How each job was to be started: launcher and number of ranks. */
  readonly starts: readonly string[];
  readonly runEngine: ActivityDependencies['runEngine'];
}

const SD = 0.1;
/** Standard deviation of every predictor, standardised units. */
export const PREDICTOR_SD = 0.5;

const marginal = (mean: number, sd: number): MarginalDensity => ({
  ...{ mean, sd, quantiles: [mean - 2 * sd, mean, mean + 2 * sd] },
  grid: sd > 0 ? Float64Array.of(mean - sd, mean, mean + sd) : new Float64Array(),
  density: sd > 0 ? Float64Array.of(0.24, 0.4, 0.24) : new Float64Array(),
});

function groupsOf(model: EngineModel | GridModel): readonly { readonly y: Float64Array }[] {
  return 'grid' in model ? model.groups : model.observations;
}

function numFixedEffects(model: EngineModel | GridModel): number {
  const covariates = new Map<number, number>();
  const groups = 'grid' in model ? model.groups : model.observations;
  groups.forEach(({ process, numCovariates }, g) => covariates.set(process ?? g, numCovariates));
  return [...covariates.values()].reduce((sum, count) => sum + count, 0);
}

function fitOf({ model, initialTheta }: FitJob): FitResult {
  const fixed = Array.from({ length: numFixedEffects(model) }, () => 0);
  const isFree = (i: number): boolean => model.priors[i]?.type !== 'fixed';
  return {
    thetaNames: initialTheta.map((_, i) => `theta_${i}`),
    theta: initialTheta,
    thetaCovariance: initialTheta.map((_, i) => initialTheta.map((__, j) => (i === j && isFree(i) ? SD ** 2 : 0))),
    ...{ objective: 1, gradientNorm: 1e-4, evaluations: 10, iterations: 5, resumedFromIteration: 0, seconds: 1 },
    ...{ stopReason: 'nothing was asked', converged: true, activeBounds: [], recursion: 'none', trace: [] },
    fixedEffects: { mean: fixed, sd: fixed.map(() => SD) },
  };
}

function integrationOf({ model, theta, strategy, designs, maps }: IntegrateJob): IntegrationResult {
  const isGrid = 'grid' in model;
  const rows = [
    ...designs.map(({ timeIndices, projector }) => timeIndices.length * projector.numRows),
    ...(maps?.designs ?? []).map(
      (design) => design.timeIndices.length * design.rows.centres.length * design.columns.centres.length,
    ),
  ];
  const one = (y: Float64Array): Float64Array => y.map(() => 0.5);
  return {
    strategy: strategy === 'automatic' ? (isGrid ? 'cubature' : 'central-composite') : strategy,
    expectedEvaluations: { lattice: Infinity, centralComposite: 8 },
    points: [{ theta: Float64Array.from(theta), z: new Float64Array(), logPosterior: -1, weight: 1 }],
    ...{ logMarginalLikelihood: -1, logMarginalLikelihoodGaussian: -1, axisStretch: [] },
    theta: theta.map((mean, i) => {
      const internal = marginal(mean, model.priors[i]?.type === 'fixed' ? 0 : SD);
      return { name: `theta_${i}`, naturalName: `theta_${i}`, internal, natural: internal };
    }),
    fixedEffects: Array.from({ length: numFixedEffects(model) }, () => marginal(0, SD)),
    predictions: rows.map((length) => ({
      mean: new Float64Array(length),
      sd: new Float64Array(length).fill(PREDICTOR_SD),
    })),
    criteria: {
      ...{ meanDeviance: 1, devianceAtMean: 1, dic: 1, dicEffectiveParameters: 0 },
      ...{ waic: 1, waicEffectiveParameters: 0, logScore: 1 },
      groups: groupsOf(model).map(({ y }) => ({ logCpo: one(y), pit: one(y) })),
    },
    ...{ evaluations: 1, failedPoints: 0, seconds: 1 },
  };
}

/** A new one, with no jobs. */
export function fakeEngine(): FakeEngine {
  const jobs: (FitJob | IntegrateJob)[] = [];
  const starts: string[] = [];
  function runEngine(job: FitJob, options?: RunEngineOptions): Promise<FitResult>;
  function runEngine(job: IntegrateJob, options?: RunEngineOptions): Promise<IntegrationResult>;
  function runEngine(
    job: FitJob | IntegrateJob,
    { launcher }: RunEngineOptions = {},
  ): Promise<FitResult | IntegrationResult> {
    jobs.push(job);
    starts.push(`${launcher?.name} ${launcher?.ranks}`);
    return Promise.resolve(job.kind === 'fit' ? fitOf(job) : integrationOf(job));
  }
  return { jobs, starts, runEngine };
}
