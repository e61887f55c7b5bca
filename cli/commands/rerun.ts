// SPDX-License-Identifier: Apache-2.0
import type { ForecastRun, TramontanaClient } from '../../client/index.js';
import { JSON_OPTION, type Command } from '../command.js';
import { CONNECTION_OPTIONS, withClient } from '../connection.js';
import { EXIT_CODES } from '../exit-codes.js';
import { followRun } from '../follow-run.js';
import { printJson, printNote, printText } from '../terminal/output.js';
import { createProgressView } from '../terminal/progress-view.js';
import { DEGRADED, FROM_OPTION, reuseOf } from './run.js';

/** Follows a run to its end, and prints where its products are. */
async function follow(client: TramontanaClient, run: ForecastRun, asJson: boolean): Promise<void> {
  const followed = {
    standing: () => client.standing(run),
    result: (signal?: AbortSignal) => client.result(run, signal),
  };
  const { domain, cycle, folder, quality, stages } = await followRun(followed, createProgressView(process.stderr));
  const computed = stages.filter(({ reused }) => !reused).map(({ name }) => name);
  if (asJson) printJson({ state: 'done', ...run, domain, cycle, folder, quality: quality ?? null, computed });
  else {
    printText(`Done: ${computed.length} stages computed, ${stages.length - computed.length} reused.`);
    if (quality === 'degraded') printText(DEGRADED);
    printText(`Products: ${folder}`);
  }
}

export const rerunCommand: Command = {
  spec: {
    name: 'rerun',
    summary: 'Run the cycle of an earlier run again, with the input that it was given.',
    positionals: [{ name: 'WORKFLOW' }],
    options: [FROM_OPTION, ...CONNECTION_OPTIONS, JSON_OPTION],
  },
  async run(args) {
    const reuse = reuseOf(args);
    const from = typeof reuse === 'object' ? reuse : {};
    await withClient(args, async (client) => {
      const run = await client.rerun({ workflowId: args.positionals[0] ?? '' }, from);
      printNote(`Workflow ${run.workflowId}. It goes on when this command is stopped.`);
      await follow(client, run, args.flag('json'));
    });
    return EXIT_CODES.done;
  },
};

export const watchCommand: Command = {
  spec: {
    name: 'watch',
    summary: 'Follow a forecast that is under way to its end; stopping to look does not stop it.',
    positionals: [{ name: 'WORKFLOW' }],
    options: [...CONNECTION_OPTIONS, JSON_OPTION],
  },
  async run(args) {
    await withClient(args, async (client) => {
      const run = await client.latest(args.positionals[0] ?? '');
      await follow(client, run, args.flag('json'));
    });
    return EXIT_CODES.done;
  },
};
