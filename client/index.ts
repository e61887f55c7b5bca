// SPDX-License-Identifier: Apache-2.0
/**
 * Tramontana for programs: a plugin for workers and a client that starts and follows forecasts.
 *
 * @module
 */
export { isTramontanaError, TramontanaError, type ErrorFacts } from '../common/errors.js';
export type { ForecastInput } from '../activities/inputs/forecast-input.js';
export type { FitInput } from '../activities/inputs/fit-input.js';
export type { ForecastPlan, PlannedStage } from '../activities/plan.js';
export type { StageOutcome, StageProgress } from '../activities/stage-contracts.js';
export type { StageName } from '../pipeline/index.js';
export type { ArtifactRef } from '../artifacts/index.js';
export type { ForecastResult } from '../workflows/forecast.js';
export type { RunProgress, StageStatus } from '../workflows/progress-state.js';
export { domainConfigJsonSchema } from '../config/index.js';
export { TramontanaPlugin, type TramontanaPluginOptions } from './plugin.js';
export { DEFAULT_TASK_QUEUE, TramontanaClient, type ForecastRun } from './tramontana-client.js';
export type { StartOptions } from './start-run.js';
export { payloadEncryption } from './encryption/index.js';
export { connectionSettings, type ConnectionSettings, type ConnectOptions } from './connection-settings.js';
export type { BackfillInput, DailyInput, OperatorEvent } from '../activities/schedule/schedule-contracts.js';
export type { RerunOptions } from './reruns.js';
export { RUN_STATES, type RunFilter, type RunState, type RunSummary } from './runs.js';
export type {
  AppliedSchedule,
  ScheduleChange,
  ScheduleRequest,
  ScheduleStatus,
  TramontanaSchedules,
} from './schedules.js';
export { checkSearchAttributes, registerSearchAttributes, type RegisteredAttributes } from './search-attributes.js';
export type { BackfillProgress } from '../workflows/backfill-progress.js';
export type { BackfillResult } from '../workflows/backfill.js';
export type { DailyResult } from '../workflows/daily-forecast.js';
export type { ModelFitInput, ModelFitOptions } from '../activities/inputs/model-fit-input.js';
export type { RunIds } from './run-end.js';
export type { ModelFitRun, ModelFitStart, ModelPosterior } from './fit-model.js';
export { forecastWorkflowId, modelFitWorkflowId } from './workflow-id.js';
export { workflowsPath } from './workflows-path.js';
