// SPDX-License-Identifier: Apache-2.0
import type { Command, CommandGroup } from '../command.js';
import { backfillCommand } from './backfill.js';
import { completionCommand } from './completion.js';
import { demoCommand } from './demo.js';
import { devCommand } from './dev.js';
import { doctorCommand } from './doctor.js';
import { fitCommand } from './fit.js';
import { goldenCommand } from './golden.js';
import { inspectCommand } from './inspect.js';
import { pauseCommand, resumeCommand } from './pause.js';
import { planCommand } from './plan.js';
import { productsCommand } from './products.js';
import { pruneCommand } from './prune.js';
import { rerunCommand, watchCommand } from './rerun.js';
import { runCommand } from './run.js';
import { scheduleCommands } from './schedule.js';
import { setupCommand } from './setup.js';
import { statusCommand } from './status.js';
import { workerCommand } from './worker.js';

/** The commands, in the order of the help. */
export const COMMANDS: readonly (Command | CommandGroup)[] = [
  runCommand,
  fitCommand,
  planCommand,
  scheduleCommands,
  backfillCommand,
  statusCommand,
  rerunCommand,
  watchCommand,
  pauseCommand,
  resumeCommand,
  productsCommand,
  inspectCommand,
  goldenCommand,
  devCommand,
  workerCommand,
  demoCommand,
  doctorCommand,
  pruneCommand,
  setupCommand,
  completionCommand(() => COMMANDS),
];
