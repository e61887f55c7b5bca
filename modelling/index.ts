// SPDX-License-Identifier: Apache-2.0
export { withoutCells } from './without-cells.js';
export { areaWeights, type AreaWeights, type LeftOutArea, type WeighedArea } from './area-weights.js';
export { toConcentrations, type ConcentrationInputs } from './concentrations.js';
export {
  cellKm,
  chooseRoute,
  gridFacts,
  tiledRoute,
  type GridFacts,
  type MeshCandidate,
  type MeshOffer,
  type RouteOptions,
} from './estimation-route.js';
export { carriedStart, type CarriedStart, type EarlierFit, type StartedModel } from './carried-start.js';
export { estimateFit, fitSizeOf, plannedFitSize, type FitSetting, type FitSize } from './fit-estimate.js';
export { frameOf, type Forecast, type ForecastSources } from './forecast-frame.js';
export {
  buildForecastModel,
  meshResolutionKm,
  type ForecastModel,
  type ForecastModelInputs,
} from './forecast-model.js';
export type { CovariateFrame, ModelDay, ModelFacts, ModelFrame, PollutantScale } from './frame.js';
export { hyperparameterScales } from './hyperparameter-scales.js';
export { buildGridDesigns, type GridDesignInputs } from './grid-designs.js';
export { buildForecastGrid, type ForecastGrid } from './grid-model.js';
export { summariseInference, summariseIntegratedParameters, type InferenceInputs } from './inference-summary.js';
export {
  areaMeans,
  exceedanceRuns,
  jointDraws,
  type ConsecutiveDays,
  type JointProductInputs,
} from './joint-products.js';
export { uniformBand } from './pit-histogram.js';
export { summariseParameters } from './parameter-summaries.js';
export { buildPredictionDesigns, fineGrid, MOST_TILED_CELLS, type FineGrid } from './prediction-designs.js';
export type { PenalisedComplexityChoice, PriorChoices } from './priors.js';
export { gridMapSeconds } from './reckoning.js';
export { subMeshVariance, type SubMeshVarianceInputs } from './sub-mesh-variance.js';
export { blendRows, type FineAxes, type TilePosterior, type TileSource } from './tiles/blend.js';
export { assignAreas, mergeAreaMeans, type TileAreas } from './tiles/tile-areas.js';
export { tileSizeOf, type TileSetting, type TileSize } from './tiles/tile-layout.js';
export { planTiles, uncoveredShare, type PlannedTiles } from './tiles/tile-plan.js';
