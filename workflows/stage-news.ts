// SPDX-License-Identifier: Apache-2.0
import type { StageProgress } from '../activities/stage-contracts.js';
import { plainLine } from '../common/text.js';

const MAXIMUM_PHASE_CHARACTERS = 200;

/** The measures of a stage's news that may be absent. */
const OPTIONAL_MEASURES = [
  'iteration',
  'evaluations',
  'objective',
  'gradientNorm',
  'etaSeconds',
  'resumedFromIteration',
] as const;

function isFiniteNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

/**
 * News of a stage from a signal, which anybody may send: undefined for what is none. A measure that is no finite number is left
 * out, the phase becomes one bounded line. Written by hand, for the workflow sandbox; never throws, for an error in a signal
 * handler would stop the workflow for good.
 */
export function parseStageNews(value: unknown): StageProgress | undefined {
  if (value === null || typeof value !== 'object') return undefined;
  const given = value as Partial<Record<keyof StageProgress, unknown>>;
  const { stage, fraction, phase, attempt } = given;
  if (typeof stage !== 'string' || typeof phase !== 'string' || !isFiniteNumber(fraction)) return undefined;
  const measures = OPTIONAL_MEASURES.flatMap((name): [string, number][] => {
    const measure = given[name];
    return isFiniteNumber(measure) ? [[name, measure]] : [];
  });
  return {
    // a stage that the run does not have is passed over by the reader
    stage: stage as StageProgress['stage'],
    fraction: Math.min(1, Math.max(0, fraction)),
    phase: plainLine(phase, MAXIMUM_PHASE_CHARACTERS),
    attempt: isFiniteNumber(attempt) ? attempt : 1,
    ...Object.fromEntries(measures),
  };
}
