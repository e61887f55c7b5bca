// SPDX-License-Identifier: Apache-2.0
import { markdownLine } from '../common/text.js';

/** What became of one day. */
export interface BackfilledDay {
  readonly cycle: string;
  readonly state: 'running' | 'done' | 'degraded' | 'failed';
  /** Why it failed, or how many stages were computed. */
  readonly words?: string;
}

/** Answer of the `backfillProgress` query. */
export interface BackfillProgress {
  readonly schemaVersion: 1;
  readonly domain: string;
  readonly title: string;
  readonly numDays: number;
  readonly numDone: number;
  readonly numFailed: number;
  /** The days that run and the latest ones that ended. */
  readonly days: readonly BackfilledDay[];
}

const SIGN = { running: '▶', done: '✔', degraded: '!', failed: '✘' } as const;

/** A line a day for the Web UI. */
export function backfillMarkdown({ title, numDays, numDone, numFailed, days }: BackfillProgress): string {
  return [
    `### ${markdownLine(title)}: ${numDone + numFailed} of ${numDays} days`,
    '',
    ...(numFailed === 0
      ? []
      : [`${numFailed} failed; a second backfill of the same days computes only what is missing.`, '']),
    ...days.map(
      ({ cycle, state, words }) => `- ${SIGN[state]} ${cycle}${words === undefined ? '' : `: ${markdownLine(words)}`}`,
    ),
  ].join('\n');
}
