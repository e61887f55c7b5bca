// SPDX-License-Identifier: Apache-2.0
/**
 * GridModel and its prediction designs as Arrow IPC files of named arrays; bit-exact.
 *
 * Columns of a model file for group k: `groups.k.{y,time_index,covariates}`, optionally `groups.k.weights`; of a design file
 * `designs.i.{time_indices,rows.centres,columns.centres,covariates}`. Scalars are in the metadata document. Shapes and units are those
 * of grid-model.ts, the fields those of model-fields.ts.
 *
 * @module
 */
import type { GridModel, GridPredictionDesign } from '../contract/grid-model.js';
import { structCodec, designsCodec } from './struct-codec.js';

const modelFile = structCodec('GridModel', 'grid-model/1');
const designsFile = designsCodec('GridPredictionDesign', 'grid-designs/2');

/** Encodes a grid (columns: see module). */
export function encodeGrid(model: GridModel): Uint8Array {
  return modelFile.encode(model);
}

/** Decodes what encodeGrid wrote. @throws TramontanaError `Engine.InvalidInput` */
export function decodeGrid(bytes: Uint8Array, source: string): GridModel {
  return modelFile.decode(bytes, source);
}

/** Encodes designs, of which there is at least one (columns: see module). */
export function encodeGridDesigns(designs: readonly GridPredictionDesign[]): Uint8Array {
  return designsFile.encode(designs);
}

/** Decodes what encodeGridDesigns wrote. @throws TramontanaError `Engine.InvalidInput` */
export function decodeGridDesigns(bytes: Uint8Array, source: string): readonly GridPredictionDesign[] {
  return designsFile.decode(bytes, source);
}
