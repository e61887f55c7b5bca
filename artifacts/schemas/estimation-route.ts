// SPDX-License-Identifier: Apache-2.0
import type { QualityIssue } from './quality-issue.js';

/** Name and version of {@link EstimationRoute} as a JSON artifact. */
export const ESTIMATION_ROUTE_SCHEMA = 'estimation-route/1';

/** How a domain is estimated and mapped: small, travels as JSON. */
export interface EstimationRoute {
  /** What estimates the hyperparameters: the complete grid of the input's cells, or a mesh. */
  readonly name: 'grid' | 'mesh';
  /** Whose posterior the maps show; of a complete grid always the grid's. */
  readonly maps: 'grid' | 'mesh';
  /** Why, in one sentence with the numbers. */
  readonly reason: string;
  /** Rectangles that the domain is estimated in, each by itself; more than one overlap and are blended. */
  readonly tiles: number;
  /** Of the mesh; absent on the route `grid`. */
  readonly interiorEdgeKm?: number;
  /** What a reader of the products must know; any of them degrades the products. */
  readonly issues: readonly QualityIssue[];
}
