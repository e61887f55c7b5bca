// SPDX-License-Identifier: Apache-2.0
/**
 * IntegrationResult as one Arrow IPC file of named arrays; bit-exact.
 *
 * Columns: `predictions.i.{mean,sd}`, `observations.g.{mean,sd}`, `criteria.g.{log_cpo,pit}`, `latent.{mean,sd}`, `draws.runs.i`,
 * `draws.areas.i`; the last five where they were asked for. Everything else is small and stands in the metadata document, as exact JSON.
 *
 * @module
 */
import { z } from 'zod';

import { parseExact, stringifyExact } from './exact-json.js';
import { ArrayReader, decodeNamedArrays, encodeNamedArrays, parseMetadata, type Arrays } from './named-arrays.js';
import type { IntegrationResult, MixtureMoments } from '../contract/posterior.js';

/** Schema of the artifact that {@link encodeIntegration} makes. */
export const INTEGRATION_RESULT_SCHEMA = 'integration-result/4';

/** Zod's own number refuses what JSON cannot say; exact JSON says it. */
const anyNumber = z.custom<number>((value) => typeof value === 'number', 'expected a number');
const numbers = z.array(anyNumber).transform((values) => Float64Array.from(values));

const marginalSummary = { mean: anyNumber, sd: anyNumber, quantiles: z.array(anyNumber) };
const marginalDensity = z.object({ ...marginalSummary, grid: numbers, density: numbers });

const smallSchema = z.object({
  strategy: z.enum(['lattice', 'central-composite', 'empirical-bayes', 'rinla-composite', 'cubature']),
  expectedEvaluations: z.object({ lattice: anyNumber, centralComposite: anyNumber }),
  points: z.array(z.object({ theta: numbers, z: numbers, logPosterior: anyNumber, weight: anyNumber })),
  logMarginalLikelihood: anyNumber,
  logMarginalLikelihoodGaussian: anyNumber,
  axisStretch: z.array(z.array(anyNumber)),
  theta: z.array(
    z.object({ name: z.string(), naturalName: z.string(), internal: marginalDensity, natural: marginalDensity }),
  ),
  fixedEffects: z.array(z.object(marginalSummary)),
  criteria: z
    .object({
      meanDeviance: anyNumber,
      devianceAtMean: anyNumber,
      dic: anyNumber,
      dicEffectiveParameters: anyNumber,
      waic: anyNumber,
      waicEffectiveParameters: anyNumber,
      logScore: anyNumber,
    })
    .optional(),
  evaluations: z.int(),
  failedPoints: z.int(),
  seconds: anyNumber,
});

const metadataSchema = z.strictObject({
  content: z.literal(INTEGRATION_RESULT_SCHEMA),
  numPredictions: z.int().nonnegative(),
  numGroups: z.int().nonnegative(),
  draws: z.strictObject({ runs: z.int().nonnegative(), areas: z.int().nonnegative() }).optional(),
  small: z.string(),
});

function putMoments(arrays: Arrays, prefix: string, moments: MixtureMoments): void {
  arrays.set(`${prefix}.mean`, moments.mean);
  arrays.set(`${prefix}.sd`, moments.sd);
}

function takeMoments(reader: ArrayReader, prefix: string): MixtureMoments {
  return { mean: reader.float64(`${prefix}.mean`), sd: reader.float64(`${prefix}.sd`) };
}

function indices(length: number): number[] {
  return Array.from({ length }, (_, index) => index);
}

/** Encodes a result (columns: see module). */
export function encodeIntegration(result: IntegrationResult): Uint8Array {
  const { predictions, observations, latent, criteria, draws, ...small } = result;
  // a file has at least one column
  const arrays: Arrays = new Map([['weights', Float64Array.from(small.points, ({ weight }) => weight)]]);
  predictions.forEach((moments, index) => putMoments(arrays, `predictions.${index}`, moments));
  observations?.forEach((moments, group) => putMoments(arrays, `observations.${group}`, moments));
  if (latent !== undefined) putMoments(arrays, 'latent', latent);
  const { groups = [], ...figures } = criteria ?? {};
  groups.forEach(({ logCpo, pit }, group) => {
    arrays.set(`criteria.${group}.log_cpo`, logCpo);
    arrays.set(`criteria.${group}.pit`, pit);
  });
  draws?.runs.forEach((shares, index) => arrays.set(`draws.runs.${index}`, shares));
  draws?.areas.forEach((means, index) => arrays.set(`draws.areas.${index}`, means));
  const metadata: z.infer<typeof metadataSchema> = {
    content: INTEGRATION_RESULT_SCHEMA,
    numPredictions: predictions.length,
    numGroups: Math.max(groups.length, observations?.length ?? 0),
    ...(draws === undefined ? {} : { draws: { runs: draws.runs.length, areas: draws.areas.length } }),
    small: stringifyExact({ ...small, ...(criteria === undefined ? {} : { criteria: figures }) }),
  };
  return encodeNamedArrays({ arrays, metadata });
}

/** Decodes what encodeIntegration wrote. @throws TramontanaError `Engine.InvalidInput` */
export function decodeIntegration(bytes: Uint8Array, source: string): IntegrationResult {
  const content = decodeNamedArrays(bytes, source);
  const reader = new ArrayReader(content.arrays, source);
  const metadata = parseMetadata(metadataSchema, content.metadata, source);
  const { criteria, ...small } = parseMetadata(smallSchema, parseExact(metadata.small), source);
  const groups = indices(metadata.numGroups);
  return {
    ...small,
    predictions: indices(metadata.numPredictions).map((index) => takeMoments(reader, `predictions.${index}`)),
    ...(metadata.draws === undefined
      ? {}
      : {
          draws: {
            runs: indices(metadata.draws.runs).map((index) => reader.float64(`draws.runs.${index}`)),
            areas: indices(metadata.draws.areas).map((index) => reader.float64(`draws.areas.${index}`)),
          },
        }),
    ...(reader.has('latent.mean') ? { latent: takeMoments(reader, 'latent') } : {}),
    ...(reader.has('observations.0.mean')
      ? { observations: groups.map((group) => takeMoments(reader, `observations.${group}`)) }
      : {}),
    ...(criteria === undefined
      ? {}
      : {
          criteria: {
            ...criteria,
            groups: groups.map((group) => ({
              logCpo: reader.float64(`criteria.${group}.log_cpo`),
              pit: reader.float64(`criteria.${group}.pit`),
            })),
          },
        }),
  };
}
