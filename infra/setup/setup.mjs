// SPDX-License-Identifier: Apache-2.0
/** `npm run setup`: brings the checkout to the state in which it runs. Needs Node and nothing else. */
import { parseArgs } from 'node:util';
import { say } from './core/terminal.mjs';
import { reportFailure, runSetup } from './run-setup.mjs';

const USAGE = `npm run setup -- [--check] [--force]
  --check  say what is missing, change nothing; exit code 1 when something is
  --force  forget what was verified and built, look at everything again`;

function readOptions() {
  const { values } = parseArgs({
    options: { check: { type: 'boolean' }, force: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  });
  return values;
}

try {
  const options = readOptions();
  if (options.help === true) say(USAGE);
  else process.exitCode = (await runSetup({ force: options.force, checkOnly: options.check })) ? 0 : 1;
} catch (error) {
  if (error.code?.startsWith('ERR_PARSE_ARGS') === true) {
    say(`${error.message}\n${USAGE}`);
    process.exitCode = 2;
  } else {
    reportFailure(error);
    process.exitCode = 1;
  }
}
