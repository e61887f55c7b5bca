// SPDX-License-Identifier: Apache-2.0

/**
 * How a stage runs: on which task queue, with which time-outs and retries (`workflows/activity-options.ts`).
 *
 * `quick`: seconds, in any worker. `engine`: drives the engine process, one at a time a worker. `publication`: draws and writes, up
 * to hours.
 */
export type StageKind = 'quick' | 'engine' | 'publication';

/** One stage of a forecast. */
export interface StageDeclaration {
  /** For people and scripts, in kebab case; the activity has it in camel case. */
  readonly name: string;
  /** What it does, in two or three words. */
  readonly label: string;
  /** What it does, in a sentence. */
  readonly does: string;
  readonly kind: StageKind;
  /** The stages whose artifacts it takes, and through them what those took; the run of the first is given to all. */
  readonly after: readonly string[];
  /** What it always makes: names of artifacts and their schemas. */
  readonly outputs: Readonly<Record<string, string>>;
  /** What it makes where the domain or its configuration asks for it. */
  readonly sometimes?: Readonly<Record<string, string>>;
  /** True for stages that run once a tile where a domain is cut into tiles. They stand together. */
  readonly isTiled?: true;
  /** Mark of the histories that have it; absent for the stages that all histories have. */
  readonly patch?: string;
}
