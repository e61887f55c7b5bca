// SPDX-License-Identifier: Apache-2.0
/**
 * EngineModel, prediction designs and prediction moments as Arrow IPC files of named arrays.
 *
 * Columns of a model file: `c0`, `g1.{row_pointers,column_indices,values}`, with time `temporal.{m0,m1,m2_diagonal,m2_off_diagonal}`,
 * with a basis `spectral.{eigenvalues,eigenvectors}`, and for pollutant k `observations.k.{y,time_index,covariates}`,
 * `observations.k.projector.*`, optionally `observations.k.{weights,exposure}` and `observations.k.effect_levels.e`. A design file has `designs.i.{time_indices,covariates}` and
 * `designs.i.projector.*`; a moments file `designs.i.{mean,variance}` of shape [time, row]. Shapes that the lengths do not tell,
 * and the scalars of the model, are in the metadata document. Units are those of engine-model.ts.
 *
 * @module
 */
import { z } from 'zod';

import type { CsrMatrix } from '../../../artifacts/schemas/mesh.js';
import type { EngineModel, ObservationGroup, PredictionDesign, PredictionMoments } from '../contract/engine-model.js';
import {
  ArrayReader,
  decodeNamedArrays,
  definedOnly,
  encodeNamedArrays,
  parseMetadata,
  type Arrays,
} from './named-arrays.js';

/** Schema of the artifact that {@link encodeModel} makes. */
export const ENGINE_MODEL_SCHEMA = 'engine-model/1';

const count = z.int().nonnegative();
const shape = z.tuple([count, count]);

/** A prior in a metadata document. */
export const thetaPriorSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('gaussian'), mean: z.number(), precision: z.number() }),
  z.strictObject({
    type: z.literal('penalized-complexity'),
    kind: z.enum(['spatial-range', 'temporal-range', 'sigma', 'noise-sd', 'noise-precision-compat']),
    lambda: z.number(),
  }),
  z.strictObject({ type: z.literal('log-gamma'), shape: z.number(), rate: z.number() }),
  z.strictObject({ type: z.literal('fixed'), value: z.number() }),
]);

const modelMetadataSchema = z.strictObject({
  content: z.literal(ENGINE_MODEL_SCHEMA),
  kind: z.enum(['spatio-temporal', 'exact-diffusion', 'spatial', 'separable']),
  manifold: z.enum(['plane', 'sphere']),
  sphereSeriesTerms: count.optional(),
  numTimeSteps: count,
  g1Shape: shape,
  observations: z.array(
    z.strictObject({
      process: count.optional(),
      likelihood: z.enum(['gaussian', 'poisson', 'binomial', 'gamma', 'student-t']).optional(),
      transform: z.enum(['identity', 'log', 'square-root']).optional(),
      projectorShape: shape,
      numCovariates: count,
      numEffects: count.optional(),
    }),
  ),
  randomEffects: z
    .array(z.strictObject({ process: count, numLevels: count, structure: z.enum(['iid', 'cyclic-walk']).optional() }))
    .optional(),
  fixedEffectsPriorPrecision: z.number(),
  priors: z.array(thetaPriorSchema),
});

const designsMetadataSchema = z.strictObject({
  content: z.literal('prediction-designs/1'),
  designs: z.array(z.strictObject({ process: count, projectorShape: shape })),
});

const momentsMetadataSchema = z.strictObject({ content: z.literal('prediction-moments/1'), count });

function putCsr(arrays: Arrays, prefix: string, matrix: CsrMatrix): readonly [number, number] {
  arrays.set(`${prefix}.row_pointers`, matrix.rowPointers);
  arrays.set(`${prefix}.column_indices`, matrix.columnIndices);
  arrays.set(`${prefix}.values`, matrix.values);
  return [matrix.numRows, matrix.numColumns];
}

function takeCsr(reader: ArrayReader, prefix: string, [numRows, numColumns]: readonly [number, number]): CsrMatrix {
  return {
    numRows,
    numColumns,
    rowPointers: reader.int32(`${prefix}.row_pointers`),
    columnIndices: reader.int32(`${prefix}.column_indices`),
    values: reader.float64(`${prefix}.values`),
  };
}

/** Encodes a model (columns: see module); bit-exact. */
export function encodeModel(model: EngineModel): Uint8Array {
  const arrays: Arrays = new Map([['c0', model.c0]]);
  const g1Shape = putCsr(arrays, 'g1', model.g1);
  if (model.temporal !== undefined) {
    arrays.set('temporal.m0', model.temporal.m0);
    arrays.set('temporal.m1', model.temporal.m1);
    arrays.set('temporal.m2_diagonal', model.temporal.m2Diagonal);
    arrays.set('temporal.m2_off_diagonal', model.temporal.m2OffDiagonal);
  }
  if (model.spectralBasis !== undefined) {
    arrays.set('spectral.eigenvalues', model.spectralBasis.eigenvalues);
    arrays.set('spectral.eigenvectors', model.spectralBasis.eigenvectors);
  }
  const observations = model.observations.map((group, index) => {
    const prefix = `observations.${index}`;
    arrays.set(`${prefix}.y`, group.y);
    arrays.set(`${prefix}.time_index`, group.timeIndex);
    arrays.set(`${prefix}.covariates`, group.covariates);
    if (group.weights !== undefined) arrays.set(`${prefix}.weights`, group.weights);
    if (group.exposure !== undefined) arrays.set(`${prefix}.exposure`, group.exposure);
    group.effectLevels?.forEach((levels, effect) => arrays.set(`${prefix}.effect_levels.${effect}`, levels));
    return {
      ...definedOnly({ process: group.process, likelihood: group.likelihood, transform: group.transform }),
      ...definedOnly({ numEffects: group.effectLevels?.length }),
      projectorShape: putCsr(arrays, `${prefix}.projector`, group.projector),
      numCovariates: group.numCovariates,
    };
  });
  const { kind, manifold, sphereSeriesTerms, numTimeSteps, fixedEffectsPriorPrecision, priors, randomEffects } = model;
  return encodeNamedArrays({
    arrays,
    metadata: {
      content: ENGINE_MODEL_SCHEMA,
      kind,
      manifold,
      ...(sphereSeriesTerms === undefined ? {} : { sphereSeriesTerms }),
      numTimeSteps,
      g1Shape,
      observations,
      ...definedOnly({ randomEffects }),
      fixedEffectsPriorPrecision,
      priors,
    },
  });
}

/** Decodes what encodeModel wrote. @throws TramontanaError `Engine.InvalidInput` */
export function decodeModel(bytes: Uint8Array, source: string): EngineModel {
  const content = decodeNamedArrays(bytes, source);
  const reader = new ArrayReader(content.arrays, source);
  const metadata = parseMetadata(modelMetadataSchema, content.metadata, source);
  const { kind, manifold, sphereSeriesTerms, numTimeSteps, fixedEffectsPriorPrecision, priors, randomEffects } =
    metadata;
  return {
    kind,
    manifold,
    ...(sphereSeriesTerms === undefined ? {} : { sphereSeriesTerms }),
    numTimeSteps,
    c0: reader.float64('c0'),
    g1: takeCsr(reader, 'g1', metadata.g1Shape),
    ...(reader.has('temporal.m0')
      ? {
          temporal: {
            m0: reader.float64('temporal.m0'),
            m1: reader.float64('temporal.m1'),
            m2Diagonal: reader.float64('temporal.m2_diagonal'),
            m2OffDiagonal: reader.float64('temporal.m2_off_diagonal'),
          },
        }
      : {}),
    ...(reader.has('spectral.eigenvalues')
      ? {
          spectralBasis: {
            eigenvalues: reader.float64('spectral.eigenvalues'),
            eigenvectors: reader.float64('spectral.eigenvectors'),
          },
        }
      : {}),
    observations: metadata.observations.map((group, index): ObservationGroup => {
      const prefix = `observations.${index}`;
      return {
        ...definedOnly({ process: group.process, likelihood: group.likelihood, transform: group.transform }),
        y: reader.float64(`${prefix}.y`),
        timeIndex: reader.int32(`${prefix}.time_index`),
        projector: takeCsr(reader, `${prefix}.projector`, group.projectorShape),
        covariates: reader.float64(`${prefix}.covariates`),
        numCovariates: group.numCovariates,
        ...(reader.has(`${prefix}.weights`) ? { weights: reader.float64(`${prefix}.weights`) } : {}),
        ...(reader.has(`${prefix}.exposure`) ? { exposure: reader.float64(`${prefix}.exposure`) } : {}),
        ...(group.numEffects === undefined
          ? {}
          : {
              effectLevels: Array.from({ length: group.numEffects }, (_, effect) =>
                reader.int32(`${prefix}.effect_levels.${effect}`),
              ),
            }),
      };
    }),
    ...definedOnly({ randomEffects }),
    fixedEffectsPriorPrecision,
    priors,
  };
}

/** Encodes prediction designs; bit-exact. */
export function encodeDesigns(designs: readonly PredictionDesign[]): Uint8Array {
  const arrays: Arrays = new Map();
  const entries = designs.map((design, index) => {
    arrays.set(`designs.${index}.time_indices`, design.timeIndices);
    arrays.set(`designs.${index}.covariates`, design.covariates);
    return { process: design.process, projectorShape: putCsr(arrays, `designs.${index}.projector`, design.projector) };
  });
  return encodeNamedArrays({ arrays, metadata: { content: 'prediction-designs/1', designs: entries } });
}

/** Decodes what encodeDesigns wrote. @throws TramontanaError `Engine.InvalidInput` */
export function decodeDesigns(bytes: Uint8Array, source: string): PredictionDesign[] {
  const content = decodeNamedArrays(bytes, source);
  const reader = new ArrayReader(content.arrays, source);
  return parseMetadata(designsMetadataSchema, content.metadata, source).designs.map((design, index) => ({
    process: design.process,
    timeIndices: reader.int32(`designs.${index}.time_indices`),
    projector: takeCsr(reader, `designs.${index}.projector`, design.projectorShape),
    covariates: reader.float64(`designs.${index}.covariates`),
  }));
}

/** Name of the moments in a store. */
export const PREDICTION_MOMENTS_SCHEMA = 'prediction-moments/1';

/** Encodes prediction moments; bit-exact. */
export function encodeMoments(moments: readonly PredictionMoments[]): Uint8Array {
  const arrays: Arrays = new Map();
  moments.forEach((entry, index) => {
    arrays.set(`designs.${index}.mean`, entry.mean);
    arrays.set(`designs.${index}.variance`, entry.variance);
  });
  return encodeNamedArrays({ arrays, metadata: { content: 'prediction-moments/1', count: moments.length } });
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
