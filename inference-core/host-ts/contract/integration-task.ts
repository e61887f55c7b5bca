// SPDX-License-Identifier: Apache-2.0
import type { IntegrationStrategy } from '../../../artifacts/schemas/inference-summary.js';
import { TramontanaError } from '../../../common/errors.js';
import type { EngineModel, PredictionDesign } from './engine-model.js';
import type { GridSampleRequest } from './grid-samples.js';
import { isGridModel, type GridModel, type GridPredictionDesign } from './grid-model.js';

/** Predictors on a complete grid. */
export interface GridMaps {
  /** That of the job where it is a grid; beside a mesh, one of the same data with the same components of theta. */
  readonly model: GridModel;
  /** At least one. */
  readonly designs: readonly GridPredictionDesign[];
}

/** What joint draws of the maps shall tell; their designs are those of the maps. */
export type GridDraws = Required<Omit<GridSampleRequest, 'designs'>>;

/** What to integrate: criteria and marginals of theta and fixed effects always, and the predictors of the designs or the maps. */
export interface IntegrationTask {
  /** The mode. */
  readonly theta: readonly number[];
  /** Of theta at the mode; a component with zero variance is fixed. */
  readonly thetaCovariance: readonly (readonly number[])[];
  /** `cubature` serves grids, `lattice` and `central-composite` serve meshes. */
  readonly strategy: 'automatic' | IntegrationStrategy;
  /** What `automatic` may take; absent: what the engine has as its own. */
  readonly mostEvaluations?: number;
  /** Mean and standard deviation of every latent variable, of a mesh; default false. */
  readonly latent?: boolean;
  /** On the mesh; none where there are maps. */
  readonly designs: readonly PredictionDesign[];
  /** Their moments are the predictions of the result: of a mesh, over the points of its integration. */
  readonly maps?: GridMaps;
  /** Asked of the maps at the points of the integration; none without maps. */
  readonly draws?: GridDraws;
}

const STRATEGIES_OF_GRIDS = ['automatic', 'cubature', 'empirical-bayes'];
const STRATEGIES_OF_MESHES = ['automatic', 'lattice', 'central-composite', 'empirical-bayes'];

/** @throws TramontanaError `Engine.InvalidInput` naming what one of the two solvers cannot do, or both cannot do together */
export function checkIntegrationTask({
  model,
  strategy,
  designs,
  maps,
  draws,
  latent,
}: Pick<IntegrationTask, 'strategy' | 'designs' | 'maps' | 'draws' | 'latent'> & {
  readonly model: EngineModel | GridModel;
}): void {
  const refuse = (field: string, expectation: string, found: string | number): never => {
    throw new TramontanaError('Engine.InvalidInput', `${field}: expected ${expectation}, got ${found}`, {
      facts: { field, found },
    });
  };
  const isGrid = isGridModel(model);
  const strategies = isGrid ? STRATEGIES_OF_GRIDS : STRATEGIES_OF_MESHES;
  if (!strategies.includes(strategy)) {
    refuse('strategy', `one of ${strategies.join(', ')} for a ${isGrid ? 'complete grid' : 'mesh'}`, strategy);
  }
  if (designs.length > 0 && isGrid) {
    refuse('designs', 'none for a complete grid, whose predictors are those of maps', designs.length);
  }
  if (latent === true && isGrid) refuse('latent', 'false for a complete grid, which has maps', 'true');
  if (draws !== undefined && maps === undefined) refuse('draws', 'none without maps', 'some');
  if (maps === undefined) return;
  if (designs.length > 0) refuse('designs', 'none beside maps', designs.length);
  if (!isGridModel(maps.model)) refuse('maps.model', 'a complete grid', 'a mesh');
  if (maps.designs.length === 0) refuse('maps.designs', 'one or more', 0);
}
