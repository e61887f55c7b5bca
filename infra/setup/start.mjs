// SPDX-License-Identifier: Apache-2.0
/** `npm start -- [arguments]`: set-up, then the demonstration run; its signals and its exit code are passed on. */
import { spawn } from 'node:child_process';
import { say } from './core/terminal.mjs';
import { CLI_ENTRY, ROOT } from './core/paths.mjs';
import { reportFailure, runSetup } from './run-setup.mjs';
import { CLI_VARIABLE, findUsableCli } from './temporal/local-cli.mjs';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

function startDemo() {
  const child = spawn(process.execPath, [CLI_ENTRY, 'demo', ...process.argv.slice(2)], {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, [CLI_VARIABLE]: findUsableCli()?.path ?? '' },
  });
  // On a terminal Ctrl-C reaches the whole foreground group; sending it once more would look like the impatient second one.
  const relay = (signal) => {
    if (signal !== 'SIGINT' || process.stdin.isTTY !== true) child.kill(signal);
  };
  for (const signal of SIGNALS) process.on(signal, relay);
  child.once('error', (error) => {
    say(`cannot start ${CLI_ENTRY}: ${error.message}`);
    process.exitCode = 1;
  });
  child.once('exit', (code, signal) => {
    for (const name of SIGNALS) process.off(name, relay);
    if (signal !== null) process.kill(process.pid, signal);
    else process.exitCode = code ?? 1;
  });
}

try {
  await runSetup({ quiet: true });
  startDemo();
} catch (error) {
  reportFailure(error);
  process.exitCode = 1;
}
