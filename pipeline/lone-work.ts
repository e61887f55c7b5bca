// SPDX-License-Identifier: Apache-2.0
/**
 * Work that runs as a stage does (cache, heartbeat, checkpoints, progress) and is part of no forecast. Runs inside the workflow
 * sandbox.
 *
 * @module
 */
import { PIPELINE } from './stages.js';

/** In kebab case; the activity has it in camel case. None has the name of a stage. */
const LONE_WORK = [
  {
    name: 'fit-model',
    label: 'Fit a given model',
    outputs: { fit: 'fit-result/1', posterior: 'integration-result/4' },
  },
] as const;

/** What can run as a stage does: the stages of a forecast, and lone work. */
export type WorkName = (typeof PIPELINE)[number]['name'] | (typeof LONE_WORK)[number]['name'];

const ALL = [...PIPELINE, ...LONE_WORK];

/** Stages in their order, then lone work. */
export const WORK_NAMES = ALL.map(({ name }) => name) as [WorkName, ...WorkName[]];

/** What each does, for people, in a few words. */
export const WORK_LABEL = Object.fromEntries(ALL.map(({ name, label }) => [name, label])) as Readonly<
  Record<WorkName, string>
>;

interface Outputs {
  /** What it always makes: names of artifacts and their schemas. */
  readonly outputs: Readonly<Record<string, string>>;
  /** What it makes sometimes. */
  readonly sometimes?: Readonly<Record<string, string>>;
}

const OUTPUTS = new Map<WorkName, Outputs>(ALL.map((work) => [work.name, work]));

/** What a stage or lone work is declared to make. */
export function outputsOf(name: WorkName): Outputs {
  return OUTPUTS.get(name) ?? { outputs: {} };
}
