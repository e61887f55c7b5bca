// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { rm, statfs, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { openStorage, probeStorage } from '../../artifacts/index.js';
import { isTramontanaError, messageOf } from '../../common/errors.js';
import { makeFolder } from '../../common/paths.js';
import { packageVersion } from '../../common/version.js';
import { loadDomainConfig } from '../../config/index.js';
import { loadNativeEngine, rankAddonPath, tryLauncher } from '../../inference-core/host-ts/index.js';
import { checkSearchAttributes, TramontanaClient } from '../../client/index.js';
import { JSON_OPTION, type Command, type ParsedArguments } from '../command.js';
import { CONNECTION_OPTIONS, serverOf, type ServerChoice } from '../connection.js';
import { EXIT_CODES } from '../exit-codes.js';
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

/** Whether the server that a command would talk to answers, and what it lacks. None at all is well: a run starts one. */
async function checkServer(args: ParsedArguments): Promise<readonly Check[]> {
  const name = 'Temporal server';
  let server: ServerChoice;
  try {
    server = await serverOf(args);
  } catch (error) {
    const isNone = isTramontanaError(error, 'Temporal.NoServer');
    const detail = isNone ? 'none runs; a command starts it when it needs it' : messageOf(error);
    return [{ name, status: isNone ? 'ok' : 'failed', detail }];
  }
  let client: TramontanaClient | undefined;
  const answers = await check(name, async () => {
    client = await TramontanaClient.connect(server);
    return `answers at ${server.address}`;
  });
  if (client === undefined) return [answers];
  try {
    return [answers, await checkAttributes(client, server.address)];
  } finally {
    await client.close();
  }
}

/** Runs do without them, lists of runs do not. */
async function checkAttributes({ temporal }: TramontanaClient, address: string): Promise<Check> {
  const name = 'search attributes';
  const { namespace } = temporal.options;
  try {
    const { complete, trouble = '' } = await checkSearchAttributes(temporal.connection, namespace, address);
    const detail = complete
      ? `registered in ${namespace}`
      : `${trouble}\nor start a worker: it registers them where it may`;
    return { name, status: complete ? 'ok' : 'warning', detail };
  } catch (error) {
    return { name, status: 'warning', detail: `cannot be listed: ${messageOf(error)}` };
  }
}

/** One process needs no MPI. */
function checkRanks(): Check {
  const name = 'engine for several ranks';
  return existsSync(rankAddonPath())
    ? { name, status: 'ok', detail: 'built with MPI' }
    : {
        name,
        status: 'warning',
        detail: 'not built: install libopenmpi-dev and openmpi-bin, or mpich, and set up again',
      };
}

/** Starts ranks as the engine of this domain would be started. */
async function checkLauncher(configPath: string): Promise<Check> {
  return check('launcher', async () => {
    const { engine } = await loadDomainConfig(resolve(configPath));
    return tryLauncher(engine, engine.threads ?? 1);
  });
}

export const doctorCommand: Command = {
  spec: {
    name: 'doctor',
    summary: 'Check what a run needs.',
    options: [
      { name: 'config', value: 'FILE', description: 'Start ranks as the engine of this domain starts them.' },
      ...CONNECTION_OPTIONS,
      JSON_OPTION,
    ],
  },
  async run(args) {
    const state = locateStateFolder(args.value('state'));
    const configPath = args.value('config');
    const checks = [
      await check('tramontana', () => Promise.resolve(`${packageVersion()} on Node ${process.version}`)),
      await check('engine', () => Promise.resolve(`version ${loadNativeEngine().version()}`)),
      checkRanks(),
      ...(configPath === undefined ? [] : [await checkLauncher(configPath)]),
      await check('Temporal CLI', async () => {
        const path = await findTemporalCli();
        return `${path}: ${await temporalCliVersion(path)}`;
      }),
      await check('state folder', () => requireWritable(state)),
      await checkFreeSpace(state),
      await check('store', async () => probeStorage(openStorage({ stateFolder: state.root }))),
      ...(await checkServer(args)),
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
