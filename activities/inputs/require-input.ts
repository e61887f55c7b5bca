// SPDX-License-Identifier: Apache-2.0
import type { ArtifactRef } from '../../artifacts/index.js';
import { TramontanaError } from '../../common/errors.js';

/**
 * One input of a stage; which names there can be, the pipeline says.
 *
 * @throws {TramontanaError} `Input.Invalid` naming those that are there
 */
export function requireInput<Inputs extends object>(
  { inputs }: { readonly inputs: Inputs },
  name: keyof Inputs & string,
): ArtifactRef {
  const ref = (inputs as Readonly<Record<string, ArtifactRef | undefined>>)[name];
  if (ref === undefined) {
    const found = Object.keys(inputs).join(', ');
    throw new TramontanaError(
      'Input.Invalid',
      `inputs.${name}: expected an artifact, got ${found === '' ? 'none' : `only ${found}`}`,
      { facts: { name } },
    );
  }
  return ref;
}
