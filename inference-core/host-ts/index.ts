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
} from './contract/engine-model.js';
export { localLauncher, type EngineCommand, type EngineLauncher } from './process/launcher.js';
export { engineLauncher, type LaunchSettings } from './process/launchers.js';
export { mpirunLauncher, type MpirunOptions, type RankBinding } from './process/mpirun-launcher.js';
export { decodeIntegration, encodeIntegration, INTEGRATION_RESULT_SCHEMA } from './codec/integration-codec.js';
export {
  decodeModel,
  decodeMoments,
  encodeModel,
  encodeMoments,
  ENGINE_MODEL_SCHEMA,
  PREDICTION_MOMENTS_SCHEMA,
} from './codec/model-codec.js';
export { modelFromJson, modelToJson } from './codec/model-json.js';
export type {
  FitOptions,
  FoundOptimum,
  IterationRecord,
  MultilevelStart,
  NativeFitResult,
  OptimizerState,
  RunningFit,
} from './contract/fit.js';
export type { GridGroup, GridIntervals, GridModel, GridPredictionDesign, RegularGrid } from './contract/grid-model.js';
export type { AreaMeans, ExceedanceRuns, GridSampleRequest, GridSampleSummary } from './contract/grid-samples.js';
export { addonPath, loadNativeEngine, rankAddonPath } from './addon/native.js';
export type {
  Evaluation,
  EvaluationRequest,
  GridEvaluation,
  InverseLink,
  JoinedRanks,
  NamedModel,
  KernelRates,
  NativeEngine,
  PreparedModel,
  ResponseSummary,
} from './contract/native-engine.js';
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
} from './contract/posterior.js';
export { slurmLauncher, type SlurmOptions } from './process/slurm-launcher.js';
export type { EngineEvent, EngineEventOf } from './process/protocol.js';
export {
  checkpointFolder,
  runEngine,
  type EngineJob,
  type FitJob,
  type IntegrateJob,
  type RunEngineOptions,
} from './process/run-engine.js';
export type { GridDraws, GridMaps, IntegrationTask } from './contract/integration-task.js';
export type { CoarseMeshes } from './job/job-arrays.js';
export type { EngineOptions, StartChoice, ThetaBounds } from './job/job.js';
export { tryLauncher } from './process/try-launcher.js';
export { evaluateGolden, GOLDEN_TOLERANCES, type GoldenDeviations, type GoldenReport } from './golden/golden.js';
