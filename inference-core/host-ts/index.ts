// SPDX-License-Identifier: Apache-2.0
export type {
  EngineModel,
  Likelihood,
  NumberVector,
  ObservationGroup,
  PredictionDesign,
  PredictionMoments,
  RandomEffect,
  TemporalMatrices,
  ThetaPrior,
} from './engine-model.js';
export { localLauncher, mpirunLauncher, type EngineCommand, type EngineLauncher } from './launcher.js';
export { decodeIntegration, encodeIntegration, INTEGRATION_RESULT_SCHEMA } from './integration-codec.js';
export {
  decodeModel,
  decodeMoments,
  encodeModel,
  encodeMoments,
  ENGINE_MODEL_SCHEMA,
  PREDICTION_MOMENTS_SCHEMA,
} from './model-codec.js';
export { modelFromJson, modelToJson } from './model-json.js';
export type {
  FitOptions,
  FoundOptimum,
  IterationRecord,
  MultilevelStart,
  NativeFitResult,
  OptimizerState,
  RunningFit,
} from './fit.js';
export type { GridGroup, GridIntervals, GridModel, GridPredictionDesign, RegularGrid } from './grid-model.js';
export type { AreaMeans, ExceedanceRuns, GridSampleRequest, GridSampleSummary } from './grid-samples.js';
export { addonPath, loadNativeEngine } from './native.js';
export type {
  Evaluation,
  EvaluationRequest,
  GridEvaluation,
  InverseLink,
  NativeEngine,
  PreparedModel,
  ResponseSummary,
} from './native-engine.js';
export type {
  GridIntegrationOptions,
  GroupCriteria,
  IntegrationOptions,
  IntegrationPoint,
  IntegrationResult,
  LeaveOutResult,
  LeftOutGroup,
  MarginalDensity,
  MarginalSummary,
  MixtureMoments,
  ModelCriteria,
  PosteriorSamples,
  Running,
  SamplingOptions,
  SamplingPoint,
  ThetaMarginal,
} from './posterior.js';
export type { EngineEvent, EngineEventOf } from './protocol.js';
export {
  checkpointFolder,
  runEngine,
  type EngineJob,
  type FitJob,
  type IntegrateJob,
  type RunEngineOptions,
} from './run-engine.js';
export type { GridDraws, GridMaps, IntegrationTask } from './integration-task.js';
export type { EngineOptions, ThetaBounds } from './job.js';
export { thetaNames } from './theta-names.js';
export { evaluateGolden, GOLDEN_TOLERANCES, type GoldenDeviations, type GoldenReport } from './golden.js';
