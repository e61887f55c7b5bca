// SPDX-License-Identifier: Apache-2.0
/**
 * What joint draws tell, as Arrow IPC files of arrays (layout: arrow-arrays.ts); everything that is no array stands in the schema's
 * metadata under `tramontana.document`, as JSON.
 *
 * area-means/1: for variable k `k.mean`, `k.sd`, `k.q025`, `k.q975` (ug m-3) and `k.exceedance.i` (1), [day, area].
 * exceedance-runs/1: `i.probability` (1), [time, latitude, longitude].
 *
 * @module
 */
import { z } from 'zod';

import { messageOf, TramontanaError } from '../../common/errors.js';
import { POLLUTANTS } from '../../common/pollutants.js';
import type { AreaMeans, ExceedanceRun } from './area-means.js';
import { encodeArrays, readArrays, type ArrayColumn, type StoredArrays } from './arrow-arrays.js';

export const AREA_MEANS_SCHEMA = 'area-means/1';
export const EXCEEDANCE_RUNS_SCHEMA = 'exceedance-runs/1';

const CONTENT_KEY = 'tramontana.content';
const DOCUMENT_KEY = 'tramontana.document';
const MOMENTS = ['mean', 'sd', 'q025', 'q975'] as const;

const pollutant = z.enum(POLLUTANTS);
const count = z.int().nonnegative();

const areaMeansDocument = z.strictObject({
  areas: z.array(z.strictObject({ name: z.string(), shareInside: z.number() })),
  leftOut: z.array(z.strictObject({ name: z.string(), reason: z.string() })),
  numBeyond: count,
  numSamples: count,
  variables: z.array(
    z.strictObject({
      pollutant,
      statistic: z.enum(['daily_mean', 'daily_max_8h_mean']),
      thresholds: z.array(z.number()),
    }),
  ),
});

const runsDocument = z.strictObject({
  runs: z.array(z.strictObject({ pollutant, value_ug_m3: z.number(), days: count, numSamples: count })),
});

/** Encodes area means (layout: see module). */
export function encodeAreaMeans({ variables, ...small }: AreaMeans): Uint8Array {
  const columns = variables.flatMap((variable, k): ArrayColumn[] => [
    ...MOMENTS.map((name) => ({ name: `${k}.${name}`, values: variable[name], metadata: { units: 'ug m-3' } })),
    ...variable.exceedance.map(({ probability }, i) => ({
      ...{ name: `${k}.exceedance.${i}`, values: probability, metadata: { units: '1' } },
    })),
  ]);
  const document: z.infer<typeof areaMeansDocument> = {
    areas: small.areas.map(({ name, shareInside }) => ({ name, shareInside })),
    leftOut: small.leftOut.map(({ name, reason }) => ({ name, reason })),
    ...{ numBeyond: small.numBeyond, numSamples: small.numSamples },
    variables: variables.map(({ pollutant: name, statistic, exceedance }) => ({
      ...{ pollutant: name, statistic, thresholds: exceedance.map(({ value_ug_m3 }) => value_ug_m3) },
    })),
  };
  return encodeWith(AREA_MEANS_SCHEMA, columns, document);
}

/** @throws {TramontanaError} `Artifact.InvalidContent` for other bytes */
export function decodeAreaMeans(bytes: Uint8Array): AreaMeans {
  const { document, array } = decodeWith(AREA_MEANS_SCHEMA, bytes, areaMeansDocument);
  const { variables, ...small } = document;
  return {
    ...small,
    variables: variables.map(({ thresholds, ...variable }, k) => ({
      ...variable,
      ...{ mean: array(`${k}.mean`), sd: array(`${k}.sd`), q025: array(`${k}.q025`), q975: array(`${k}.q975`) },
      exceedance: thresholds.map((value_ug_m3, i) => ({ value_ug_m3, probability: array(`${k}.exceedance.${i}`) })),
    })),
  };
}

/** Encodes probabilities of days in a row (layout: see module). */
export function encodeExceedanceRuns(runs: readonly ExceedanceRun[]): Uint8Array {
  const columns = runs.map(({ probability }, i) => ({
    ...{ name: `${i}.probability`, values: probability, metadata: { units: '1' } },
  }));
  return encodeWith(EXCEEDANCE_RUNS_SCHEMA, columns, {
    runs: runs.map(({ probability: _, ...run }) => run),
  } satisfies z.infer<typeof runsDocument>);
}

/** @throws {TramontanaError} `Artifact.InvalidContent` for other bytes */
export function decodeExceedanceRuns(bytes: Uint8Array): ExceedanceRun[] {
  const { document, array } = decodeWith(EXCEEDANCE_RUNS_SCHEMA, bytes, runsDocument);
  return document.runs.map((run, i) => ({ ...run, probability: array(`${i}.probability`) }));
}

function encodeWith(content: string, columns: readonly ArrayColumn[], document: unknown): Uint8Array {
  const metadata = new Map([
    [CONTENT_KEY, content],
    [DOCUMENT_KEY, JSON.stringify(document)],
  ]);
  return encodeArrays(columns, metadata);
}

function decodeWith<Document>(
  content: string,
  bytes: Uint8Array,
  schema: z.ZodType<Document>,
): { readonly document: Document; readonly array: (name: string) => Float64Array } {
  const invalid = (found: string, cause?: unknown): TramontanaError =>
    new TramontanaError('Artifact.InvalidContent', `${content}: expected an artifact of this content, got ${found}`, {
      facts: { content },
      cause,
    });
  let file: StoredArrays;
  let document: Document;
  try {
    file = readArrays(bytes);
    document = schema.parse(JSON.parse(file.metadata.get(DOCUMENT_KEY) ?? ''));
  } catch (error) {
    throw invalid(`bytes that cannot be read: ${messageOf(error)}`, error);
  }
  const found = file.metadata.get(CONTENT_KEY);
  if (found !== content) throw invalid(found ?? 'none that is named');
  const array = (name: string): Float64Array => {
    const values = file.array(name);
    if (values instanceof Float64Array) return values;
    throw invalid(`no column "${name}" of Float64`);
  };
  return { document, array };
}
