// SPDX-License-Identifier: Apache-2.0
import type { ActivityName, MiddleStage } from '../pipeline/index.js';
import type { FitInput } from './inputs/fit-input.js';
import type { ForecastInput } from './inputs/forecast-input.js';
import type { ForecastPlan } from './plan.js';
import type { ScheduleActivities } from './schedule/schedule-contracts.js';
import type { ModelFitInput } from './inputs/model-fit-input.js';
import type { Published, PublishArgs, ResolvedCycle, RunContext, StageArgs, StageOutcome } from './stage-contracts.js';

/** Argument of the first stage. */
export interface ResolveCycleArgs {
  readonly input: ForecastInput;
  /** ISO 8601 time for which a schedule started the workflow. */
  readonly scheduledStartTime?: string;
}

/** One activity for each stage between the first and the last, by its name in camel case; what they do stands in `pipeline/`. */
export type MiddleActivities = {
  readonly [Name in MiddleStage as ActivityName<Name>]: (args: StageArgs<Name>) => Promise<StageOutcome>;
};

/** The activities of Tramontana as workflows see them: one a stage, those of fits on what is given, and of schedules. */
export interface TramontanaActivities extends MiddleActivities, ScheduleActivities {
  /** Validates the input, reads the configuration, lists and hashes the input files, finds the cycle. */
  readonly resolveCycle: (args: ResolveCycleArgs) => Promise<ResolvedCycle>;
  /** Writes the products; they appear all at once. */
  readonly publish: (args: PublishArgs) => Promise<Published>;
  /** Says which stages a run would compute, and why. */
  readonly planForecast: (input: ForecastInput) => Promise<ForecastPlan>;
  /** Validates the input of a fit on given artifacts. */
  readonly resolveFit: (input: FitInput) => Promise<RunContext>;
  /** Validates its input and computes the posterior of a given model. */
  readonly fitModel: (input: ModelFitInput) => Promise<StageOutcome>;
}
