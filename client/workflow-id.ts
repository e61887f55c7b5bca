// SPDX-License-Identifier: Apache-2.0
import type { ForecastInput } from '../activities/inputs/forecast-input.js';
import type { BackfillInput } from '../activities/schedule/schedule-contracts.js';
import type { ModelFitInput } from '../activities/inputs/model-fit-input.js';
import { canonicalJson, sha256Hex } from '../common/hash.js';

/** Hex digits of the hash in an id: 48 bits tell apart every forecast that one server will hold. */
const HASH_DIGITS = 12;

/**
 * Id of a forecast's workflow: the same input has the same id, so Temporal refuses to run it twice at once.
 *
 * @param label - for people who read the list of runs, e.g. the domain's name
 * @param contents - what the input only points to, e.g. the configuration behind `configUri`
 */
export function forecastWorkflowId(input: ForecastInput, label = 'domain', contents: unknown = null): string {
  return `forecast-${label}-${sha256Hex(canonicalJson({ input, contents })).slice(0, HASH_DIGITS)}`;
}

/** Id of the workflow that plans a forecast. */
export function planWorkflowId(input: ForecastInput): string {
  return `plan-${sha256Hex(canonicalJson(input)).slice(0, HASH_DIGITS)}`;
}

/** Id of a backfill's workflow: the same days of the same domain have the same id. */
export function backfillWorkflowId(input: BackfillInput): string {
  const hash = sha256Hex(canonicalJson(input)).slice(0, HASH_DIGITS);
  return `backfill-${input.from}-${input.to}-${hash}`;
}

/** Id of the fit of a model: the same model with the same options has the same id, wherever the model is stored. */
export function modelFitWorkflowId({ model, options, reuse = true }: ModelFitInput): string {
  const content = canonicalJson({ model: model.sha256, options, reuse });
  return `fit-model-${sha256Hex(content).slice(0, HASH_DIGITS)}`;
}
