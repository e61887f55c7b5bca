// SPDX-License-Identifier: Apache-2.0
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { pruneStore } from '../../artifacts/index.js';
import { DAY_MS } from '../../common/days.js';
import { TramontanaError } from '../../common/errors.js';
import { JSON_OPTION, STATE_OPTION, type Command } from '../command.js';
import { EXIT_CODES } from '../exit-codes.js';
import { locateStateFolder } from '../runtime/state-folder.js';
import { printJson, printText } from '../terminal/output.js';

const DEFAULT_DAYS = 30;

/** Removes the engine's job folders that nobody came back to. */
async function pruneJobs(folder: string, maximumAgeMs: number): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  let removed = 0;
  for (const name of names) {
    const path = join(folder, name);
    if (Date.now() - (await stat(path)).mtimeMs < maximumAgeMs) continue;
    await rm(path, { recursive: true, force: true });
    removed += 1;
  }
  return removed;
}

export const pruneCommand: Command = {
  spec: {
    name: 'prune',
    summary: 'Remove stored results and checkpoints that were not used for a while. Products are never touched.',
    options: [
      { name: 'older-than', value: 'DAYS', description: `Default: ${DEFAULT_DAYS}.` },
      STATE_OPTION,
      JSON_OPTION,
    ],
  },
  async run(args) {
    const text = args.value('older-than') ?? String(DEFAULT_DAYS);
    const days = Number(text);
    if (!(days >= 0) || text.trim() === '') {
      throw new TramontanaError('Cli.Usage', `--older-than: expected a number of days, got "${text}"`, {
        facts: { text },
      });
    }
    const { root } = locateStateFolder(args.value('state'));
    const store = await pruneStore(join(root, 'store'), { maximumAgeMs: days * DAY_MS });
    const removedJobs = await pruneJobs(join(root, 'jobs'), days * DAY_MS);
    if (args.flag('json')) printJson({ ...store, removedJobs });
    else {
      const mebibytes = (store.removedBytes / 2 ** 20).toFixed(1);
      printText(`Removed ${store.removedObjects} artifacts (${mebibytes} MiB) and ${removedJobs} unfinished fits.`);
    }
    return EXIT_CODES.done;
  },
};
