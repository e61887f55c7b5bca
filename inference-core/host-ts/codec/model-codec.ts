// SPDX-License-Identifier: Apache-2.0
/**
 * EngineModel, prediction designs and prediction moments as Arrow IPC files of named arrays.
 *
 * Columns of a model file: `c0`, `g1.{row_pointers,column_indices,values}`, with time `temporal.{m0,m1,m2_diagonal,m2_off_diagonal}`,
 * with a basis `spectral.{eigenvalues,eigenvectors}`, and for pollutant k `observations.k.{y,time_index,covariates}`,
 * `observations.k.projector.*`, optionally `observations.k.{weights,exposure}` and `observations.k.effect_levels.e`. A design file has
 * `designs.i.{time_indices,covariates}` and `designs.i.projector.*`; a moments file `designs.i.{mean,variance}` of shape [time, row].
 * Shapes that the lengths do not tell, and the scalars of the model, are in the metadata document. Units are those of engine-model.ts,
 * the fields those of model-fields.ts.
 *
 * @module
 */
import { z } from 'zod';

import type { EngineModel, PredictionDesign, PredictionMoments } from '../contract/engine-model.js';
import { ArrayReader, decodeNamedArrays, encodeNamedArrays, parseMetadata, type Arrays } from './named-arrays.js';
import { structCodec, designsCodec } from './struct-codec.js';

/** Schema of the artifact that {@link encodeModel} makes. */
export const ENGINE_MODEL_SCHEMA = 'engine-model/1';

const modelFile = structCodec('EngineModel', ENGINE_MODEL_SCHEMA);
const designsFile = designsCodec('PredictionDesign', 'prediction-designs/1');

/** Encodes a model (columns: see module); bit-exact. */
export function encodeModel(model: EngineModel): Uint8Array {
  return modelFile.encode(model);
}

/** Decodes what encodeModel wrote. @throws TramontanaError `Engine.InvalidInput` */
export function decodeModel(bytes: Uint8Array, source: string): EngineModel {
  return modelFile.decode(bytes, source);
}

/** Encodes prediction designs; bit-exact. */
export function encodeDesigns(designs: readonly PredictionDesign[]): Uint8Array {
  return designsFile.encode(designs);
}

/** Decodes what encodeDesigns wrote. @throws TramontanaError `Engine.InvalidInput` */
export function decodeDesigns(bytes: Uint8Array, source: string): readonly PredictionDesign[] {
  return designsFile.decode(bytes, source);
}

/** Name of the moments in a store. */
export const PREDICTION_MOMENTS_SCHEMA = 'prediction-moments/1';

const momentsMetadataSchema = z.strictObject({
  content: z.literal(PREDICTION_MOMENTS_SCHEMA),
  count: z.int().nonnegative(),
});

/** Encodes prediction moments; bit-exact. */
export function encodeMoments(moments: readonly PredictionMoments[]): Uint8Array {
  const arrays: Arrays = new Map();
  moments.forEach((entry, index) => {
    arrays.set(`designs.${index}.mean`, entry.mean);
    arrays.set(`designs.${index}.variance`, entry.variance);
  });
  return encodeNamedArrays({ arrays, metadata: { content: PREDICTION_MOMENTS_SCHEMA, count: moments.length } });
}

/** Decodes what encodeMoments wrote. @throws TramontanaError `Engine.InvalidInput` */
export function decodeMoments(bytes: Uint8Array, source: string): PredictionMoments[] {
  const content = decodeNamedArrays(bytes, source);
  const reader = new ArrayReader(content.arrays, source);
  const { count: length } = parseMetadata(momentsMetadataSchema, content.metadata, source);
  return Array.from({ length }, (_, index) => ({
    mean: reader.float64(`designs.${index}.mean`),
    variance: reader.float64(`designs.${index}.variance`),
  }));
}
