// SPDX-License-Identifier: Apache-2.0
import type { Command, CommandGroup } from '../command.js';

type Entry = Command | CommandGroup;

/**
 * The commands by their names, in the order of the help. Each is loaded when it is called: a question to a server is to be answered
 * before the libraries of forecasts, maps and workers would be there.
 */
const LOADERS: Readonly<Record<string, () => Promise<Entry>>> = {
  run: async () => (await import('./run.js')).runCommand,
  fit: async () => (await import('./fit.js')).fitCommand,
  plan: async () => (await import('./plan.js')).planCommand,
  schedule: async () => (await import('./schedule.js')).scheduleCommands,
  backfill: async () => (await import('./backfill.js')).backfillCommand,
  status: async () => (await import('./status.js')).statusCommand,
  rerun: async () => (await import('./rerun.js')).rerunCommand,
  watch: async () => (await import('./rerun.js')).watchCommand,
  pause: async () => (await import('./pause.js')).pauseCommand,
  resume: async () => (await import('./pause.js')).resumeCommand,
  products: async () => (await import('./products.js')).productsCommand,
  inspect: async () => (await import('./inspect.js')).inspectCommand,
  golden: async () => (await import('./golden.js')).goldenCommand,
  dev: async () => (await import('./dev.js')).devCommand,
  worker: async () => (await import('./worker.js')).workerCommand,
  demo: async () => (await import('./demo.js')).demoCommand,
  doctor: async () => (await import('./doctor.js')).doctorCommand,
  prune: async () => (await import('./prune.js')).pruneCommand,
  setup: async () => (await import('./setup.js')).setupCommand,
  completion: async () => (await import('./completion.js')).completionCommand(loadCommands),
};

/** Every command: for the help, for completion, and to find the one that was meant. */
export function loadCommands(): Promise<readonly Entry[]> {
  return Promise.all(Object.values(LOADERS).map((load) => load()));
}

/** The table that a command line needs: the command that it names, none for the version, else every one. */
export async function commandsFor([name = '']: readonly string[]): Promise<readonly Entry[]> {
  if (name === '--version') return [];
  const load = Object.hasOwn(LOADERS, name) ? LOADERS[name] : undefined;
  return load === undefined ? loadCommands() : [await load()];
}
