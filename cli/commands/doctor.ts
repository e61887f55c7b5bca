// SPDX-License-Identifier: Apache-2.0
import { rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { openStorage, probeStorage } from '../../artifacts/index.js';
import { messageOf } from '../../common/errors.js';
import { makeFolder } from '../../common/paths.js';
import { packageVersion } from '../../common/version.js';
import { loadNativeEngine } from '../../inference-core/host-ts/index.js';
import { JSON_OPTION, STATE_OPTION, type Command } from '../command.js';
import { EXIT_CODES } from '../exit-codes.js';
import { readServerRecord } from '../runtime/dev-server.js';
import { locateStateFolder, type StateFolder } from '../runtime/state-folder.js';
import { findTemporalCli, temporalCliVersion } from '../runtime/temporal-cli.js';
import { printJson, printText } from '../terminal/output.js';
import { styleFor } from '../terminal/style.js';

interface Check {
  readonly name: string;
  readonly status: 'ok' | 'warning' | 'failed';
  readonly detail: string;
}

/** A year of daily runs of one domain takes about this much. */
const COMFORTABLE_FREE_BYTES = 2 * 2 ** 30;

async function check(name: string, look: () => Promise<string>): Promise<Check> {
  try {
    return { name, status: 'ok', detail: await look() };
  } catch (error) {
    return { name, status: 'failed', detail: messageOf(error) };
  }
}

async function checkFreeSpace(state: StateFolder): Promise<Check> {
  const { bavail, bsize } = await statfs(state.root);
  const bytes = bavail * bsize;
  const detail = `${(bytes / 2 ** 30).toFixed(1)} GiB free`;
  return { name: 'free space', status: bytes < COMFORTABLE_FREE_BYTES ? 'warning' : 'ok', detail };
}

async function requireWritable(state: StateFolder): Promise<string> {
  await makeFolder(state.root);
  const probe = join(state.root, `.probe-${process.pid}`);
  await writeFile(probe, '');
  await rm(probe);
  return state.root;
}

async function describeServer(state: StateFolder): Promise<string> {
  const given = process.env['TEMPORAL_ADDRESS'];
  if (given !== undefined && given !== '') return `given by TEMPORAL_ADDRESS: ${given}`;
  const record = await readServerRecord(state);
  return record === undefined
    ? 'none runs; a command starts it when it needs it'
    : `${record.address}, Web UI ${record.uiUrl}`;
}

export const doctorCommand: Command = {
  spec: {
    name: 'doctor',
    summary: 'Check what a run needs.',
    positionals: '',
    minimumPositionals: 0,
    maximumPositionals: 0,
    options: [STATE_OPTION, JSON_OPTION],
  },
  async run(args) {
    const state = locateStateFolder(args.value('state'));
    const checks = [
      await check('tramontana', () => Promise.resolve(`${packageVersion()} on Node ${process.version}`)),
      await check('engine', () => Promise.resolve(`version ${loadNativeEngine().version()}`)),
      await check('Temporal CLI', async () => {
        const path = await findTemporalCli();
        return `${path}: ${await temporalCliVersion(path)}`;
      }),
      await check('state folder', () => requireWritable(state)),
      await checkFreeSpace(state),
      await check('store', async () => probeStorage(openStorage({ stateFolder: state.root }))),
      await check('Temporal server', () => describeServer(state)),
    ];
    if (args.flag('json')) printJson({ checks });
    else {
      const style = styleFor(process.stdout);
      const sign = { ok: style.green('✔'), warning: style.yellow('!'), failed: style.red('✘') };
      for (const { name, status, detail } of checks) printText(`${sign[status]} ${name}: ${detail}`);
    }
    return checks.some(({ status }) => status === 'failed') ? EXIT_CODES.failed : EXIT_CODES.done;
  },
};
