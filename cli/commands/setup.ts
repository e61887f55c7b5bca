// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { join } from 'node:path';

import { TramontanaError } from '../../common/errors.js';
import { packageFolder } from '../../common/version.js';
import { JSON_OPTION, type Command } from '../command.js';
import { EXIT_CODES } from '../exit-codes.js';
import { printJson } from '../terminal/output.js';

/** Set-up is plain JavaScript outside the rooms: it must run before anything is compiled. */
const PROGRAM = join('infra', 'setup', 'setup.mjs');

function runSetup(switches: readonly string[], asJson: boolean): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(packageFolder(), PROGRAM), ...switches], {
      // with a document for programs, what set-up says is for people
      stdio: ['inherit', asJson ? process.stderr : 'inherit', 'inherit'],
    });
    child.once('error', (cause) => {
      reject(
        new TramontanaError('Runtime.SetupFailed', `${PROGRAM}: expected to start, got "${cause.message}"`, { cause }),
      );
    });
    child.once('exit', (code, signal) => {
      resolve(signal === null ? (code ?? EXIT_CODES.failed) : EXIT_CODES.cancelled);
    });
  });
}

export const setupCommand: Command = {
  spec: {
    name: 'setup',
    summary: 'Build the engine and fetch the Temporal CLI; does only what is missing.',
    options: [
      { name: 'check', description: 'Say what is missing, change nothing; exit code 1 when something is.' },
      { name: 'force', description: 'Forget what was verified and built, look at everything again.' },
      JSON_OPTION,
    ],
  },
  async run(args) {
    const asJson = args.flag('json');
    const switches = ['check', 'force'].filter((name) => args.flag(name)).map((name) => `--${name}`);
    const code = await runSetup(switches, asJson);
    if (asJson) printJson({ ready: code === EXIT_CODES.done });
    return code;
  },
};
