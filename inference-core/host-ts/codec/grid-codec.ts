// SPDX-License-Identifier: Apache-2.0
/**
 * GridModel and its prediction designs as Arrow IPC files of named arrays; bit-exact.
 *
 * Columns of a model file for group k: `groups.k.{y,time_index,covariates}`, optionally `groups.k.weights`; of a design file
 * `designs.i.{time_indices,row_centres,column_centres,covariates}`. Scalars are in the metadata document. Shapes and units are those
 * of grid-model.ts.
 *
 * @module
 */
import { z } from 'zod';

import type { GridGroup, GridModel, GridPredictionDesign } from '../contract/grid-model.js';
import { thetaPriorSchema } from './model-codec.js';
import {
  ArrayReader,
  decodeNamedArrays,
  definedOnly,
  encodeNamedArrays,
  parseMetadata,
  type Arrays,
} from './named-arrays.js';

const count = z.int().nonnegative();

const modelMetadataSchema = z.strictObject({
  content: z.literal('grid-model/1'),
  kind: z.enum(['exact-diffusion', 'separable', 'spatial']),
  grid: z.strictObject({ numRows: count, numColumns: count, cellHeight: z.number(), cellWidth: z.number() }),
  numTimeSteps: count,
  groups: z.array(z.strictObject({ process: count, numCovariates: count })),
  fixedEffectsPriorPrecision: z.number(),
  priors: z.array(thetaPriorSchema),
});

const designsMetadataSchema = z.strictObject({
  content: z.literal('grid-designs/1'),
  designs: z.array(
    z.strictObject({ process: count, rowWidth: z.number(), columnWidth: z.number(), modesPerCell: count.optional() }),
  ),
});

/** Encodes a grid (columns: see module). */
export function encodeGrid(model: GridModel): Uint8Array {
  const arrays: Arrays = new Map();
  const { kind, grid, numTimeSteps, fixedEffectsPriorPrecision, priors } = model;
  const groups = model.groups.map(({ process, timeIndex, y, covariates, numCovariates, weights }, index) => {
    const prefix = `groups.${index}`;
    arrays.set(`${prefix}.y`, y);
    arrays.set(`${prefix}.time_index`, timeIndex);
    arrays.set(`${prefix}.covariates`, covariates);
    if (weights !== undefined) arrays.set(`${prefix}.weights`, weights);
    return { process, numCovariates };
  });
  const metadata = { content: 'grid-model/1', kind, grid, numTimeSteps, groups, fixedEffectsPriorPrecision, priors };
  return encodeNamedArrays({ arrays, metadata });
}

/** Decodes what encodeGrid wrote. @throws TramontanaError `Engine.InvalidInput` */
export function decodeGrid(bytes: Uint8Array, source: string): GridModel {
  const file = decodeNamedArrays(bytes, source);
  const reader = new ArrayReader(file.arrays, source);
  const { content: _, groups, ...scalars } = parseMetadata(modelMetadataSchema, file.metadata, source);
  return {
    ...scalars,
    groups: groups.map(({ process, numCovariates }, index): GridGroup => {
      const prefix = `groups.${index}`;
      return {
        process,
        timeIndex: reader.int32(`${prefix}.time_index`),
        y: reader.float64(`${prefix}.y`),
        covariates: reader.float64(`${prefix}.covariates`),
        numCovariates,
        ...(reader.has(`${prefix}.weights`) ? { weights: reader.float64(`${prefix}.weights`) } : {}),
      };
    }),
  };
}

/** Encodes designs, of which there is at least one (columns: see module). */
export function encodeGridDesigns(designs: readonly GridPredictionDesign[]): Uint8Array {
  const arrays: Arrays = new Map();
  const entries = designs.map(({ process, timeIndices, rows, columns, covariates, modesPerCell }, index) => {
    const prefix = `designs.${index}`;
    arrays.set(`${prefix}.time_indices`, timeIndices);
    arrays.set(`${prefix}.row_centres`, rows.centres);
    arrays.set(`${prefix}.column_centres`, columns.centres);
    arrays.set(`${prefix}.covariates`, covariates);
    return { process, rowWidth: rows.width, columnWidth: columns.width, ...definedOnly({ modesPerCell }) };
  });
  return encodeNamedArrays({ arrays, metadata: { content: 'grid-designs/1', designs: entries } });
}

/** Decodes what encodeGridDesigns wrote. @throws TramontanaError `Engine.InvalidInput` */
export function decodeGridDesigns(bytes: Uint8Array, source: string): GridPredictionDesign[] {
  const file = decodeNamedArrays(bytes, source);
  const reader = new ArrayReader(file.arrays, source);
  return parseMetadata(designsMetadataSchema, file.metadata, source).designs.map(
    ({ process, rowWidth, columnWidth, modesPerCell }, index) => {
      const prefix = `designs.${index}`;
      return {
        process,
        timeIndices: reader.int32(`${prefix}.time_indices`),
        rows: { centres: reader.float64(`${prefix}.row_centres`), width: rowWidth },
        columns: { centres: reader.float64(`${prefix}.column_centres`), width: columnWidth },
        covariates: reader.float64(`${prefix}.covariates`),
        ...definedOnly({ modesPerCell }),
      };
    },
  );
}
