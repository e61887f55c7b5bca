// SPDX-License-Identifier: Apache-2.0
export { withoutCells } from './without-cells.js';
export { toConcentrations, type ConcentrationInputs } from './concentrations.js';
export { buildForecastModel, frameOf, type ForecastModel, type ForecastModelInputs } from './forecast-model.js';
export type { CovariateFrame, ModelDay, ModelFacts, ModelFrame, PollutantScale } from './frame.js';
export { summariseInference, summariseIntegratedParameters, type InferenceInputs } from './inference-summary.js';
export { summariseParameters } from './parameter-summaries.js';
export { buildPredictionDesigns, fineGrid, type FineGrid } from './prediction-designs.js';
export type { PenalisedComplexityChoice, PriorChoices } from './priors.js';
export { subMeshVariance, type SubMeshVarianceInputs } from './sub-mesh-variance.js';
