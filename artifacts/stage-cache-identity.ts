// SPDX-License-Identifier: Apache-2.0
import { canonicalJson, sha256Hex } from '../common/hash.js';

/** Everything that a stage's result depends on. */
export interface StageIdentity {
  readonly stage: string;
  /** Raised when the stage's code changes its result. */
  readonly version: number;
  /** JSON values only. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** SHA-256 of each input, by name. */
  readonly inputs: Readonly<Record<string, string>>;
}

/** Identity of a computation: SHA-256 of the canonical JSON of its stage, version, parameters and input hashes. */
export function stageKey(identity: StageIdentity): string {
  const { stage, version, parameters, inputs } = identity;
  return sha256Hex(canonicalJson({ stage, version, parameters, inputs }));
}
