// SPDX-License-Identifier: Apache-2.0
import type { StageOutcome } from '../stage-contracts.js';
import { artifactsOfDomain } from '../../common/tile-names.js';
import { TramontanaError } from '../../common/errors.js';
import { outputsOf, type WorkName } from '../../pipeline/index.js';

/**
 * Holds what a stage or lone work made against what it is declared to make, before it is recorded: a later stage relies on the declaration.
 *
 * Artifacts of tiles and products are named by the run and not declared; those of the first stage come with the run.
 *
 * @throws {TramontanaError} `Internal.Unexpected` naming stage, artifact and schema
 */
export function requireDeclared(name: WorkName, outputs: StageOutcome['outputs']): void {
  const { outputs: always, sometimes = {} } = outputsOf(name);
  // its artifacts come with the run, which is not recorded
  if (name === 'publish' || name === 'resolve-cycle') return;
  const declared: Readonly<Record<string, string>> = { ...sometimes, ...always };
  const made = artifactsOfDomain(outputs);
  const wrong = Object.entries(made).find(([artifact, { schema }]) => declared[artifact] !== schema);
  const missing = Object.keys(always).find((artifact) => made[artifact] === undefined);
  if (wrong === undefined && missing === undefined) return;
  const [artifact, found] = wrong === undefined ? [String(missing), 'none'] : [wrong[0], wrong[1].schema];
  throw new TramontanaError(
    'Internal.Unexpected',
    `${name}: expected ${artifact} as declared (${declared[artifact] ?? 'not at all'}), got ${found}`,
    { facts: { stage: name, artifact, expected: declared[artifact] ?? null, found } },
  );
}
