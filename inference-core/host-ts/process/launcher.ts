// SPDX-License-Identifier: Apache-2.0
import { fileURLToPath } from 'node:url';

import { ownProgram } from '../../../common/own-program.js';

/** A command line, started without a shell. */
export interface EngineCommand {
  readonly file: string;
  readonly args: readonly string[];
  /** Added to the environment of the parent. */
  readonly environment?: Readonly<Record<string, string>>;
  /**
   * How the process is asked to stop: by SIGTERM to its group (the default), or by a line on its stdin, which launchers pass to rank 0.
   * To SIGTERM they answer each in its own way, and some leave no time to their ranks.
   */
  readonly stopsBy?: 'signal' | 'stdin';
  /** The launcher may print lines of its own among the events, as MPICH does when a rank dies: they belong to the log. */
  readonly hasForeignLines?: boolean;
  /** The command that sends a signal to what none reaches from here, such as a job in a queue. */
  readonly cancel?: (signal: 'SIGTERM' | 'SIGKILL') => EngineCommand;
}

/** Knows how to start the engine process for a job file. */
export interface EngineLauncher {
  readonly name: string;
  /** Processes that compute together. */
  readonly ranks: number;
  /** @param threads - of each rank, for those who reserve processors */
  command(jobFile: string, threads: number): EngineCommand;
  /** Starts ranks that only greet each other (hello-rank.ts); absent where there is one. */
  hello?(threads: number): EngineCommand;
}

/** A program of this folder under the Node that runs now. */
export function programCommand(name: string, args: readonly string[]): EngineCommand {
  const { execArgv, entry } = ownProgram(fileURLToPath(import.meta.url), name);
  return { file: process.execPath, args: [...execArgv, entry, ...args] };
}

/** One of several ranks; each is told how many there must be. */
export function rankCommand(jobFile: string, ranks: number): EngineCommand {
  return programCommand('rank', ['--ranks', String(ranks), '--job', jobFile]);
}

/** One of several ranks that only greet each other. */
export function helloCommand(ranks: number): EngineCommand {
  return programCommand('hello-rank', ['--ranks', String(ranks)]);
}

/** Starts the engine as a child of this process. */
export const localLauncher: EngineLauncher = {
  name: 'local',
  ranks: 1,
  command: (jobFile) => programCommand('rank', ['--job', jobFile]),
};
