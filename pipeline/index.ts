// SPDX-License-Identifier: Apache-2.0
/**
 * What follows from the list of stages. Runs inside the workflow sandbox.
 *
 * @module
 */
import type { StageDeclaration } from './declaration.js';
import { PIPELINE } from './stages.js';

export type { StageDeclaration, StageKind } from './declaration.js';
export { outputsOf, WORK_LABEL, WORK_NAMES, type WorkName } from './lone-work.js';

type Pipeline = typeof PIPELINE;

export type StageName = Pipeline[number]['name'];

/** The stage that makes a run of an input; the others are given the run. */
export type FirstStage = Pipeline[0]['name'];

/** The stages that are given a run. */
export type LaterStage = Exclude<StageName, FirstStage>;

/** The stage that tells of the others. */
export type LastStage = 'publish';

/** The stages between the first and the last: they take artifacts by name and make artifacts by name. */
export type MiddleStage = Exclude<LaterStage, LastStage>;

type Camel<Name extends string> = Name extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<Camel<Tail>>}`
  : Name;

/** Name of the activity of a stage. */
export type ActivityName<Name extends StageName = StageName> = Camel<Name>;

type Declared<Name extends StageName> = Extract<Pipeline[number], { readonly name: Name }>;

/** The stages that a stage builds on, through others too. */
type Before<Name extends StageName> = Name extends StageName
  ? Declared<Name>['after'][number] | Before<Declared<Name>['after'][number]>
  : never;

type Made<Declaration> = Declaration extends { readonly outputs: infer Always }
  ? keyof Always | (Declaration extends { readonly sometimes: infer Sometimes } ? keyof Sometimes : never)
  : never;

/** Names of the artifacts that a stage may be given. */
export type ArtifactName<Name extends StageName> = Made<Declared<Before<Name>>>;

type Stage<Name extends StageName> = StageDeclaration & { readonly name: Name };

/** In their order. */
export const STAGES: readonly Stage<StageName>[] = PIPELINE;

/** In their order. */
export const STAGE_NAMES = PIPELINE.map(({ name }) => name) as [StageName, ...StageName[]];

/** Those that are given a run, in their order. */
export const LATER_STAGES = STAGES.slice(1) as readonly Stage<LaterStage>[];

/** Those between the first and the last, in their order. */
export const MIDDLE_STAGES = STAGES.slice(1, -1) as readonly Stage<MiddleStage>[];

/** Those that run once a tile, in their order. */
export const TILED_STAGES = MIDDLE_STAGES.filter(({ isTiled }) => isTiled === true) as unknown as readonly [
  Stage<MiddleStage>,
  ...Stage<MiddleStage>[],
];

const BY_NAME = Object.fromEntries(STAGES.map((stage) => [stage.name, stage])) as Readonly<
  Record<StageName, StageDeclaration>
>;

/** The declaration of a stage. */
export function stageOf(name: StageName): StageDeclaration {
  return BY_NAME[name];
}

/** The stages that a stage builds on, through others too, in their order. */
export function stagesBefore(name: StageName): StageName[] {
  const needed = new Set<string>(stageOf(name).after);
  for (const earlier of [...STAGES].reverse()) {
    if (needed.has(earlier.name)) for (const other of earlier.after) needed.add(other);
  }
  return STAGE_NAMES.filter((stage) => needed.has(stage));
}

/** Name of the activity of a stage, e.g. `qualityGate`. */
export function activityName<Name extends StageName>(name: Name): ActivityName<Name> {
  return name.replace(/-([a-z])/gu, (_, letter: string) => letter.toUpperCase()) as ActivityName<Name>;
}
