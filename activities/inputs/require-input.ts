// SPDX-License-Identifier: Apache-2.0
import type { ArtifactRef } from '../../artifacts/index.js';
import { TramontanaError } from '../../common/errors.js';
import type { StageArgs } from '../stage-contracts.js';

/** One input of a stage. */
export function requireInput(args: StageArgs, name: string): ArtifactRef {
  const ref = args.inputs[name];
  if (ref === undefined) {
    const found = Object.keys(args.inputs).join(', ');
    throw new TramontanaError(
      'Input.Invalid',
      `inputs.${name}: expected an artifact, got ${found === '' ? 'none' : `only ${found}`}`,
      {
        facts: { name },
      },
    );
  }
  return ref;
}
