// SPDX-License-Identifier: Apache-2.0
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

import {
  GRACE_MS,
  openStorage,
  pruneStore,
  type RetentionNeeds,
  type RetentionSummary,
} from '../../artifacts/index.js';
import type { TramontanaClient } from '../../client/index.js';
import { DAY_MS } from '../../common/days.js';
import { TramontanaError } from '../../common/errors.js';
import { JSON_OPTION, type Command, type ParsedArguments } from '../command.js';
import { CONNECTION_OPTIONS, withClient } from '../connection.js';
import { EXIT_CODES } from '../exit-codes.js';
import { locateStateFolder } from '../runtime/state-folder.js';
import { printJson, printText } from '../terminal/output.js';

const DEFAULT_DAYS = 30;

/** More runs than this are not under way at once on a server for forecasts. */
const MOST_OPEN_RUNS = 10_000;

/** Names in the text for people; `--json` has all. */
const SHOWN_REMOVALS = 20;

type ServerNeeds = Pick<RetentionNeeds, 'oldestOpenRunMs' | 'scheduledDomains'>;

function daysOf(args: ParsedArguments, name: string): number | undefined {
  const text = args.value(name);
  if (text === undefined) return undefined;
  const days = Number(text);
  if (days >= 0 && text.trim() !== '') return days;
  throw new TramontanaError('Cli.Usage', `--${name}: expected a number of days, got "${text}"`, { facts: { text } });
}

/** What runs and schedules on a server need. */
async function needsOf(client: TramontanaClient): Promise<ServerNeeds> {
  const runs = await client.listRuns({ status: 'running', limit: MOST_OPEN_RUNS });
  const schedules = await client.schedules.list();
  const starts = runs.map(({ started }) => Date.parse(started));
  return {
    ...(starts.length === 0 ? {} : { oldestOpenRunMs: Math.min(...starts) }),
    scheduledDomains: schedules.map(({ name }) => name),
  };
}

async function askedNeeds(args: ParsedArguments): Promise<ServerNeeds> {
  if (args.flag('without-server')) return { scheduledDomains: [] };
  try {
    return await withClient(args, needsOf);
  } catch (error) {
    if (!(error instanceof TramontanaError) || !error.tag.startsWith('Temporal.')) throw error;
    throw new TramontanaError(
      error.tag,
      `${error.message}\nWithout a server nobody knows which runs and schedules need what is stored. --without-server says that there are none.`,
      { facts: error.facts, cause: error },
    );
  }
}

/** Removes the engine's job folders on this machine that nobody came back to. */
async function pruneJobs(
  folder: string,
  { maximumAgeMs, oldestOpenRunMs = Number.POSITIVE_INFINITY, dryRun }: PruneLimits,
): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  let removed = 0;
  for (const name of names) {
    const path = join(folder, name);
    const { mtimeMs } = await stat(path);
    if (Date.now() - mtimeMs < maximumAgeMs || mtimeMs >= oldestOpenRunMs - GRACE_MS) continue;
    if (!dryRun) await rm(path, { recursive: true, force: true });
    removed += 1;
  }
  return removed;
}

interface PruneLimits {
  readonly maximumAgeMs: number;
  readonly oldestOpenRunMs?: number;
  readonly dryRun: boolean;
}

function printSummary(summary: RetentionSummary, removedJobs: number, dryRun: boolean): void {
  const { removed, removedStages, removedObjects, removedBytes, keptStages, keptObjects, abandonedUploads } = summary;
  for (const { name, reason } of removed.slice(0, SHOWN_REMOVALS)) printText(`${name}: ${reason}`);
  if (removed.length > SHOWN_REMOVALS) printText(`... and ${removed.length - SHOWN_REMOVALS} more (--json names all)`);
  const mebibytes = (removedBytes / 2 ** 20).toFixed(1);
  const uploads = abandonedUploads === 0 ? '' : `, ${abandonedUploads} uploads that never ended`;
  printText(
    `${dryRun ? 'Would remove' : 'Removed'} ${removedObjects} artifacts (${mebibytes} MiB), ${removedStages} records of stages and ${removedJobs} unfinished fits${uploads}.`,
  );
  const reasons = Object.entries(keptStages).map(([reason, count]) => `${count} for ${reason}`);
  const records = reasons.length === 0 ? 'no records' : `records: ${reasons.join(', ')}`;
  printText(`Kept ${keptObjects} artifacts and ${records}.`);
}

export const pruneCommand: Command = {
  spec: {
    name: 'prune',
    summary:
      'Remove stored results and checkpoints that nothing has used for a while and nothing needs. Products are never touched.',
    options: [
      { name: 'older-than', value: 'DAYS', description: `Not used for so long. Default: ${DEFAULT_DAYS}.` },
      {
        name: 'products-older-than',
        value: 'DAYS',
        description: 'Products of cycles before that stay, but need nothing any more. Default: none.',
      },
      { name: 'dry-run', description: 'Say what would be removed and why, and remove nothing.' },
      { name: 'without-server', description: 'Ask no Temporal server: there are no runs under way and no schedules.' },
      ...CONNECTION_OPTIONS,
      JSON_OPTION,
    ],
  },
  async run(args) {
    const maximumAgeMs = (daysOf(args, 'older-than') ?? DEFAULT_DAYS) * DAY_MS;
    const productDays = daysOf(args, 'products-older-than');
    const dryRun = args.flag('dry-run');
    const { root } = locateStateFolder(args.value('state'));
    const { objects, isShared } = openStorage({ stateFolder: root });
    const ofServer = await askedNeeds(args);
    const needs = {
      ...{ ...ofServer, isShared },
      ...(productDays === undefined ? {} : { productsMaximumAgeMs: productDays * DAY_MS }),
    };
    const summary = await pruneStore(objects, { maximumAgeMs, needs, dryRun });
    const removedJobs = await pruneJobs(join(root, 'jobs'), { ...ofServer, maximumAgeMs, dryRun });
    if (args.flag('json')) printJson({ dryRun, ...summary, removedJobs });
    else printSummary(summary, removedJobs, dryRun);
    return EXIT_CODES.done;
  },
};
