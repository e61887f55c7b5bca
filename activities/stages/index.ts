// SPDX-License-Identifier: Apache-2.0
import type { LaterStage } from '../../pipeline/index.js';
import type { ActivityDependencies } from '../dependencies.js';
import type { StageWork } from '../frame/stage-frame.js';
import type { StageArgs } from '../stage-contracts.js';

/** What every file of this folder that is named like a stage exports as `workOf`. */
export type WorkOf<Name extends LaterStage = LaterStage> = (
  deps: ActivityDependencies,
  args: StageArgs<Name>,
) => Promise<StageWork>;

/**
 * The work of a stage, from the file of its name.
 *
 * @throws {TypeError} when the file exports none
 */
export async function workOfStage<Name extends LaterStage>(name: Name): Promise<WorkOf<Name>> {
  const { workOf } = (await import(`./${name}.js`)) as { workOf?: WorkOf<Name> };
  if (typeof workOf !== 'function') throw new TypeError(`activities/stages/${name}: expected a function "workOf"`);
  return workOf;
}
