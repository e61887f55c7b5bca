// SPDX-License-Identifier: Apache-2.0
export type { ResolveCycleArgs, TramontanaActivities } from './activity-interface.js';
export { grantPaths, UNRESTRICTED_ROOTS, type AllowedRoots, type RootOptions } from './inputs/allowed-roots.js';
export { compareRoutes, type RouteComparison } from './compare-routes.js';
export { logAttributesOf } from './frame/log-attributes.js';
export { HISTOGRAM_BUCKETS, METRICS, recordMetric, type MetricDeclaration } from './frame/stage-metrics.js';
export { createActivities } from './create-activities.js';
export { defaultMemoryLimitBytes, requireAffordable } from './model/cost.js';
export { planInWords } from './model/fit-plan.js';
export { defaultDependencies, type ActivityDependencies, type StorageOptions } from './dependencies.js';
export { parseForecastInput, type ForecastInput } from './inputs/forecast-input.js';
export type { FitInput } from './inputs/fit-input.js';
export { parseModelFitOptions, type ModelFitInput, type ModelFitOptions } from './inputs/model-fit-input.js';
export { planForecast, type ForecastPlan, type PlannedStage } from './plan.js';
export { namedFiles } from './inputs/input-catalogue.js';
export { listSourceFiles, requireFile } from './inputs/source-files.js';
export type { Published, RunContext, StageOutcome, StageProgress } from './stage-contracts.js';
