// SPDX-License-Identifier: Apache-2.0
import type { BackfillInput, TramontanaClient } from '../../client/index.js';
import { TramontanaError } from '../../common/errors.js';
import { delay } from '../../common/processes.js';
import { JSON_OPTION, type Command, type OptionSpec, type ParsedArguments } from '../command.js';
import { CONNECTION_OPTIONS, withClient } from '../connection.js';
import { EXIT_CODES } from '../exit-codes.js';
import { grantedConfig } from '../granted-config.js';
import { locateStateFolder } from '../runtime/state-folder.js';
import { printJson, printNote, printText } from '../terminal/output.js';

/** Shared with `schedule backfill`. */
export const BACKFILL_OPTIONS: readonly OptionSpec[] = [
  { name: 'concurrency', value: 'N', description: 'Forecasts at a time. Default: 1.' },
  { name: 'no-wait', description: 'Start it and return; it goes on without this command.' },
];

const LOOK_EVERY_MS = 2000;

/** Starts a backfill and, unless told otherwise, follows it to its end. */
export async function startBackfill(
  client: TramontanaClient,
  input: BackfillInput,
  args: ParsedArguments,
): Promise<void> {
  const text = args.value('concurrency') ?? '1';
  const concurrency = Number(text);
  if (!Number.isInteger(concurrency) || concurrency < 1) {
    throw new TramontanaError('Cli.Usage', `--concurrency: expected a whole number from 1, got "${text}"`, {
      facts: { text },
    });
  }
  const run = await client.backfill({ ...input, concurrency });
  if (args.flag('no-wait')) {
    if (args.flag('json')) printJson({ state: 'running', ...run });
    else printText(`Started ${run.workflowId}; \`tramontana status\` shows it.`);
    return;
  }
  printNote(`Workflow ${run.workflowId}. It goes on when this command is stopped.`);
  const over = { yes: false };
  const result = client.backfillResult(run).finally(() => (over.yes = true));
  const shown = follow(client, run.workflowId, () => over.yes);
  const { failures, ...figures } = await result;
  await shown;
  if (args.flag('json')) printJson({ state: 'done', ...run, ...figures, failures });
  else {
    printText(`${figures.numDone} of ${figures.numDays} days forecast, ${figures.numDegraded} of them degraded.`);
    for (const { cycle, reason } of failures) printText(`  ${cycle} failed: ${reason}`);
  }
}

/** A line for each day that has ended. */
async function follow(client: TramontanaClient, workflowId: string, isOver: () => boolean): Promise<void> {
  const told = new Set<string>();
  for (let isLast = false; !isLast;) {
    isLast = isOver();
    // while a worker is being started again nobody answers
    const progress = await client.backfillProgress({ workflowId }).catch(() => undefined);
    for (const { cycle, state, words = '' } of [...(progress?.days ?? [])].reverse()) {
      if (state === 'running' || told.has(cycle)) continue;
      told.add(cycle);
      printNote(`${cycle}: ${state}${words === '' ? '' : `, ${words}`}`);
    }
    if (!isLast) await delay(LOOK_EVERY_MS);
  }
}

export const backfillCommand: Command = {
  spec: {
    name: 'backfill',
    summary: 'Forecast the past cycles of a domain from one day to another, on a running server.',
    positionals: [{ name: 'CONFIG' }, { name: 'FROM' }, { name: 'TO' }],
    options: [
      { name: 'out', value: 'DIR', description: 'Folder of the products. Default: that of the worker.' },
      ...BACKFILL_OPTIONS,
      ...CONNECTION_OPTIONS,
      JSON_OPTION,
    ],
  },
  async run(args) {
    const [path = '', from = '', to = ''] = args.positionals;
    const state = locateStateFolder(args.value('state'));
    const { input } = await grantedConfig(path, args.value('out'), state);
    await withClient(args, (client) => startBackfill(client, { ...input, from, to }, args));
    return EXIT_CODES.done;
  },
};
