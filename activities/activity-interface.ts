// SPDX-License-Identifier: Apache-2.0
import type { FitInput } from './inputs/fit-input.js';
import type { ForecastInput } from './inputs/forecast-input.js';
import type { Published, PublishArgs, ResolvedCycle, RunContext, StageArgs, StageOutcome } from './stage-contracts.js';

/** Argument of the first stage. */
export interface ResolveCycleArgs {
  readonly input: ForecastInput;
  /** ISO 8601 time for which a schedule started the workflow. */
  readonly scheduledStartTime?: string;
}

/** The activities of Tramontana as workflows see them: one a stage. */
export interface TramontanaActivities {
  /** Validates the input, reads the configuration, lists and hashes the input files, finds the cycle. */
  resolveCycle(args: ResolveCycleArgs): Promise<ResolvedCycle>;
  /** Reads the files: one hourly and one daily labelled field. */
  ingest(args: StageArgs): Promise<StageOutcome>;
  /** Judges the field; a failed gate fails the run. */
  qualityGate(args: StageArgs): Promise<StageOutcome>;
  /** Chooses between the grid of the cells and a mesh; builds the mesh. */
  mesh(args: StageArgs): Promise<StageOutcome>;
  /** Finds the hyperparameters in the engine process, from its last checkpoint if there is one. */
  fit(args: StageArgs): Promise<StageOutcome>;
  /** Criteria, marginals and the moments on the fine grid, theta integrated out, in the engine process. */
  integrate(args: StageArgs): Promise<StageOutcome>;
  /** Posterior concentrations on the fine grid. */
  downscale(args: StageArgs): Promise<StageOutcome>;
  /** Writes the products; they appear all at once. */
  publish(args: PublishArgs): Promise<Published>;
  /** Validates the input of a fit on given artifacts. */
  resolveFit(input: FitInput): Promise<RunContext>;
}
