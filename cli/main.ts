#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
import { CHILD_UMASK } from '../common/atomic-file.js';
import { commandHelp, parseCommandArguments } from './arguments.js';
import type { Command } from './command.js';
import { backfillCommand } from './commands/backfill.js';
import { demoCommand } from './commands/demo.js';
import { devCommand } from './commands/dev.js';
import { doctorCommand } from './commands/doctor.js';
import { fitCommand } from './commands/fit.js';
import { goldenCommand } from './commands/golden.js';
import { inspectCommand } from './commands/inspect.js';
import { planCommand } from './commands/plan.js';
import { pruneCommand } from './commands/prune.js';
import { rerunCommand, watchCommand } from './commands/rerun.js';
import { runCommand } from './commands/run.js';
import { scheduleCommand } from './commands/schedule.js';
import { setupCommand } from './commands/setup.js';
import { statusCommand } from './commands/status.js';
import { workerCommand } from './commands/worker.js';
import { EXIT_CODES, exitCodeOf } from './exit-codes.js';
import { printError, printText } from './terminal/output.js';
import { TramontanaError } from '../common/errors.js';
import { suggestion } from '../common/suggestion.js';
import { packageVersion } from '../common/version.js';

const COMMANDS: readonly Command[] = [
  runCommand,
  fitCommand,
  planCommand,
  scheduleCommand,
  backfillCommand,
  statusCommand,
  rerunCommand,
  watchCommand,
  inspectCommand,
  goldenCommand,
  devCommand,
  workerCommand,
  demoCommand,
  doctorCommand,
  pruneCommand,
  setupCommand,
];

function generalHelp(): string {
  const rows = COMMANDS.map(({ spec }): [string, string] => [
    `${spec.name} ${spec.positionals}`.trim(),
    spec.headline ?? spec.summary,
  ]);
  const width = Math.max(...rows.map(([left]) => left.length));
  return [
    `tramontana ${packageVersion()}: pipelined air-quality forecasting on Temporal`,
    '',
    'Usage: tramontana COMMAND [options]',
    '',
    ...rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`),
    '',
    '  tramontana COMMAND --help tells the options of a command.',
    '',
    'Exit codes: 0 done, 1 failed, 2 command line, configuration or data cannot be used, 3 the model could not be fitted,',
    '130 stopped by Ctrl-C.',
  ].join('\n');
}

async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    const about = name === 'help' ? COMMANDS.find(({ spec }) => spec.name === rest[0]) : undefined;
    printText(about === undefined ? generalHelp() : commandHelp(about.spec));
    return EXIT_CODES.done;
  }
  if (name === 'version' || name === '--version') {
    printText(packageVersion());
    return EXIT_CODES.done;
  }
  const command = COMMANDS.find(({ spec }) => spec.name === name);
  if (command === undefined) {
    const known = COMMANDS.map(({ spec }) => spec.name);
    throw new TramontanaError(
      'Cli.Usage',
      `tramontana: unknown command "${name}".${suggestion(name, known)} Known: ${known.join(', ')}, help`,
      { facts: { command: name } },
    );
  }
  const parsed = parseCommandArguments(command.spec, rest);
  if (parsed.flag('help')) {
    printText(commandHelp(command.spec));
    return EXIT_CODES.done;
  }
  return command.run(parsed);
}

// the engine and the server write files of their own: readable by owner and group only, as ours
process.umask(CHILD_UMASK);
const args = process.argv.slice(2);
try {
  process.exitCode = await main(args);
} catch (error) {
  printError(error, args.includes('--json'));
  process.exitCode = exitCodeOf(error);
}
