// SPDX-License-Identifier: Apache-2.0
import type { ArtifactRef } from '../artifacts/index.js';
import type { ForecastInput } from './forecast-input.js';

/** Starts a fit on given artifacts: the field of an ingest stage, the mesh and basis of a mesh stage. */
export interface FitInput extends Pick<
  ForecastInput,
  'schemaVersion' | 'domain' | 'configUri' | 'overrides' | 'reuse'
> {
  readonly inputs: {
    /** `gridded-field/1`, daily. */
    readonly daily: ArtifactRef;
    readonly mesh: ArtifactRef;
    readonly spectralBasis: ArtifactRef;
  };
}
