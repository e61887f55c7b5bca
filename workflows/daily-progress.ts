// SPDX-License-Identifier: Apache-2.0
import { markdownCode, markdownLine } from '../common/text.js';

/** Answer of the `dailyProgress` query. */
export interface DailyProgress {
  readonly schemaVersion: 1;
  readonly domain: string;
  readonly title: string;
  readonly cycle: string;
  /** ISO 8601. */
  readonly deadline: string;
  readonly expires: string;
  readonly state: 'looking' | 'waiting' | 'forecasting' | 'published' | 'degraded' | 'expired' | 'failed';
  readonly late: boolean;
  /** How often it looked for the input. */
  readonly looks: number;
  /** Why it waits or failed. */
  readonly reason?: string;
  readonly folder?: string;
}

const WORDS: Readonly<Record<DailyProgress['state'], string>> = {
  looking: 'looking for the input',
  waiting: 'waiting for the input',
  forecasting: 'the forecast is being made (a workflow of its own, see Relationships)',
  published: 'published',
  degraded: 'published, but degraded',
  expired: 'expired',
  failed: 'failed',
};

const REMEDY: Readonly<Partial<Record<DailyProgress['state'], string>>> = {
  waiting:
    'Nothing to do yet: after the deadline the forecast of the day before serves, marked as degraded. Check why the input is late.',
  degraded:
    'Forecasts of an earlier run were used. Once the input is there, run the cycle again: `tramontana run CONFIG --cycle DAY`.',
  expired: 'Run the cycle by hand if it is still wanted: `tramontana run CONFIG --cycle DAY`.',
  failed: 'The reason says what to mend; then run the cycle by hand: `tramontana run CONFIG --cycle DAY`.',
};

const time = (iso: string): string => iso.slice(0, 16).replace('T', ' ');

/** The page of a day for the Web UI: what happens, what it means, what to do. */
export function dailyMarkdown(progress: DailyProgress): string {
  const { title, cycle, state, reason, late, deadline, expires, looks, folder } = progress;
  const remedy = REMEDY[state];
  return [
    `### ${markdownLine(title)}, ${cycle}`,
    '',
    `**${WORDS[state]}**${late ? ', **late**' : ''}${reason === undefined ? '' : `: ${markdownLine(reason)}`}`,
    '',
    `Deadline ${time(deadline)} UTC, makes sense until ${time(expires)} UTC; looked for the input ${looks === 1 ? 'once' : `${looks} times`}.`,
    ...(folder === undefined ? [] : ['', `Products: ${markdownCode(folder)}`]),
    ...(remedy === undefined ? [] : ['', `${remedy} More: docs/operations.md, "The morning".`]),
  ].join('\n');
}
