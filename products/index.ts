// SPDX-License-Identifier: Apache-2.0
/**
 * Products of a forecast: NetCDF, maps, report, exceedance, scores, and their atomic publication.
 *
 * @module
 */
export { exceedanceField, quantileField, QUANTILE_ORDERS } from './exceedance.js';
export { exposureRecords, headlineSentences, type ExposureRecord, type HeadlineSentence } from './headline.js';
export { normalCdf, normalQuantile, normalSurvival } from './normal-distribution.js';
export type {
  Evaluation,
  ExceedanceThreshold,
  InputRecord,
  MeshDrawing,
  PollutantEvaluation,
  ProductInputs,
  Provenance,
  QualityFigures,
  QualityIssue,
  QualitySummary,
  RunIdentity,
  SkillScores,
  StageReport,
} from './product-types.js';
export { publish } from './publish.js';
export type { Publish, PublicationInputs, PublishedRun, PublishOptions } from './publish-types.js';
export { listPublished, readPublished, type PublishedCycle } from './published-runs.js';
export { renewSummary } from './renew-summary.js';
export { COMPLETE_FILE, verifyRun, type ManifestEntry, type RunManifest } from './run-manifest.js';
export { requireRoom } from './run-ownership.js';
export type { RunPlace } from './run-place.js';
export { evaluateAgainstTruth, type EvaluationInputs } from './scores.js';
export { readSummary, type FitSummary, type InferenceFigures, type RunSummary } from './summary.js';
export { recoverRuns } from './run-versions.js';
