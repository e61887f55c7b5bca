// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';

import { TramontanaError } from '../../common/errors.js';
import { parseForecastInput, type ForecastInput, type ParsedForecastInput } from './forecast-input.js';

/** A reference to an artifact, as a caller writes it. */
export const artifactRef = z.strictObject({
  uri: z.string().regex(/^(?:file:|s3:\/\/)/u),
  sha256: z.string().regex(/^[0-9a-f]{64}$/u),
  bytes: z.int().nonnegative(),
  mediaType: z.string(),
  schema: z.string(),
});

const fitInputs = z.strictObject({
  /** `gridded-field/1`, daily. */
  daily: artifactRef,
  /** `mesh/1`. */
  mesh: artifactRef,
  /** `spectral-basis/1` of that mesh. */
  spectralBasis: artifactRef,
});

/** Starts a fit on given artifacts: the field of an ingest stage, the mesh and basis of a mesh stage. */
export interface FitInput extends Pick<
  ForecastInput,
  'schemaVersion' | 'domain' | 'configUri' | 'overrides' | 'reuse'
> {
  readonly inputs: z.infer<typeof fitInputs>;
}

/**
 * Validates the input of the `fit` workflow.
 *
 * @returns what it shares with the input of a forecast
 * @throws {TramontanaError} `Input.Invalid`
 */
export function parseFitInput(value: unknown): ParsedForecastInput {
  const isObject = value !== null && typeof value === 'object';
  const { inputs, ...rest }: { inputs?: unknown } = isObject ? value : {};
  const input = parseForecastInput(rest);
  const parsed = fitInputs.safeParse(inputs);
  if (parsed.success) return input;
  throw new TramontanaError(
    'Input.Invalid',
    `input.inputs: expected references to "daily", "mesh" and "spectralBasis": ${z.prettifyError(parsed.error)}`,
    { facts: { issues: parsed.error.issues } },
  );
}
