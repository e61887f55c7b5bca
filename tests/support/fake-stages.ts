// SPDX-License-Identifier: Apache-2.0
import { ApplicationFailure } from '@temporalio/common';

import type { MiddleActivities } from '../../activities/activity-interface.js';
import type { TramontanaActivities } from '../../activities/index.js';
import type { RunContext, StageOutcome } from '../../activities/stage-contracts.js';
import { activityName, MIDDLE_STAGES, type StageName, type WorkName } from '../../pipeline/index.js';

/** An artifact by its name. */
export const ref = (name: string) => ({
  uri: `file:///${name}`,
  sha256: name,
  bytes: 1,
  mediaType: 'x',
  schema: `${name}/1`,
});

/** A run whose cycle is known. */
export const RUN: RunContext = {
  domain: 'test',
  title: 'Test domain',
  cycle: '2026-03-16',
  config: ref('config'),
  catalogue: ref('catalogue'),
  outputFolder: '/runs',
  recompute: [],
};

/** What a stage returns. */
export function outcome(name: WorkName, outputs: readonly string[] = []): StageOutcome {
  return {
    name,
    reused: name === 'mesh',
    seconds: 0.1,
    reason: 'not computed before',
    outputs: Object.fromEntries(outputs.map((output) => [output, ref(output)])),
    facts: { summary: `${name} summary` },
  };
}

function unexpected(name: string): Promise<never> {
  return Promise.reject(ApplicationFailure.nonRetryable(`${name}: not expected in this test`));
}

/** Activities that answer at once and write down what they were given. */
export function fakeActivities(calls: string[], changes: Partial<TramontanaActivities> = {}): TramontanaActivities {
  const stage = (name: StageName, outputs: readonly string[]) => (args: { inputs: object }) => {
    calls.push(`${name}(${Object.keys(args.inputs).sort().join(',')})`);
    return Promise.resolve(outcome(name, outputs));
  };
  // of a domain with a mesh
  const more = (name: StageName): string[] => (name === 'mesh' ? ['mesh', 'spectralBasis'] : []);
  const middle = Object.fromEntries(
    MIDDLE_STAGES.map(({ name, outputs }) => [
      activityName(name),
      stage(name, [...Object.keys(outputs), ...more(name)]),
    ]),
  ) as unknown as MiddleActivities;
  return {
    resolveCycle: () => Promise.resolve({ run: RUN, outcome: outcome('resolve-cycle') }),
    ...middle,
    publish: (args) => {
      calls.push(`publish after ${args.stages.map(({ name }) => name).join(',')}`);
      return Promise.resolve({ outcome: outcome('publish'), folder: '/runs/test/2026-03-16', files: ['report.html'] });
    },
    resolveFit: () => Promise.resolve(RUN),
    resolveSchedule: () => unexpected('resolveSchedule'),
    resolveBackfill: () => unexpected('resolveBackfill'),
    planForecast: () => unexpected('planForecast'),
    lookForInput: () => unexpected('lookForInput'),
    notify: () => unexpected('notify'),
    fitModel: () => Promise.resolve(outcome('fit-model', ['fit', 'posterior'])),
    ...changes,
  };
}

/** A last stage whose products are of this quality. */
export const published = (decision: string) => (): ReturnType<TramontanaActivities['publish']> => {
  const { facts, ...rest } = outcome('publish');
  return Promise.resolve({ outcome: { ...rest, facts: { ...facts, decision } }, folder: '/runs/test', files: [] });
};
