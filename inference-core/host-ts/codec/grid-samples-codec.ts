// SPDX-License-Identifier: Apache-2.0
/**
 * What a job asks of joint draws, as an Arrow IPC file of named arrays; bit-exact.
 *
 * Columns: `step_error_sds.d` for design d, `areas.i.{row_pointers,cells,weights}` for request i; scalars and the runs are in the
 * metadata document. Shapes are those of grid-samples.ts.
 *
 * @module
 */
import { z } from 'zod';

import type { GridDraws } from '../contract/integration-task.js';
import { ArrayReader, decodeNamedArrays, encodeNamedArrays, parseMetadata, type Arrays } from './named-arrays.js';

const count = z.int().nonnegative();

const metadataSchema = z.strictObject({
  content: z.literal('grid-draws/1'),
  numSamples: count,
  seed: count,
  numStepErrorSds: count,
  runs: z.array(z.strictObject({ design: count, threshold: z.number(), steps: count })),
  areas: z.array(z.strictObject({ design: count })),
});

/** Encodes a request (columns: see module). */
export function encodeGridDraws({ numSamples, seed, stepErrorSds, runs, areas }: GridDraws): Uint8Array {
  // a file has at least one column
  const arrays: Arrays = new Map([['num_samples', Int32Array.of(numSamples)]]);
  stepErrorSds.forEach((sds, design) => arrays.set(`step_error_sds.${design}`, sds));
  areas.forEach(({ rowPointers, cells, weights }, index) => {
    arrays.set(`areas.${index}.row_pointers`, rowPointers);
    arrays.set(`areas.${index}.cells`, cells);
    arrays.set(`areas.${index}.weights`, weights);
  });
  const metadata: z.infer<typeof metadataSchema> = {
    ...{ content: 'grid-draws/1', numSamples, seed, numStepErrorSds: stepErrorSds.length },
    runs: runs.map(({ design, threshold, steps }) => ({ design, threshold, steps })),
    areas: areas.map(({ design }) => ({ design })),
  };
  return encodeNamedArrays({ arrays, metadata });
}

/** Decodes what encodeGridDraws wrote. @throws TramontanaError `Engine.InvalidInput` */
export function decodeGridDraws(bytes: Uint8Array, source: string): GridDraws {
  const file = decodeNamedArrays(bytes, source);
  const reader = new ArrayReader(file.arrays, source);
  const { numSamples, seed, numStepErrorSds, runs, areas } = parseMetadata(metadataSchema, file.metadata, source);
  return {
    ...{ numSamples, seed, runs },
    stepErrorSds: Array.from({ length: numStepErrorSds }, (_, design) => reader.float64(`step_error_sds.${design}`)),
    areas: areas.map(({ design }, index) => ({
      design,
      rowPointers: reader.int32(`areas.${index}.row_pointers`),
      cells: reader.int32(`areas.${index}.cells`),
      weights: reader.float64(`areas.${index}.weights`),
    })),
  };
}
