// SPDX-License-Identifier: Apache-2.0
/**
 * Keeps one worker process up: starts it, waits until it serves, starts it again when it dies or is stuck, ends it when asked.
 *
 * @module
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { TramontanaError } from '../../common/errors.js';
import { ownProgram } from '../../common/own-program.js';
import { makeFolder } from '../../common/paths.js';
import { delay, signalQuietly, within } from '../../common/processes.js';
import { watchLiveness } from './liveness.js';
import { lastLines } from './log-files.js';
import { workerArguments, type WorkerProcessOptions } from './worker-options.js';

/** A worker serves after about three seconds. Only one that hangs is to be noticed here: a busy machine may take minutes. */
const READY_TIMEOUT_MS = 300_000;
/** Longer than the worker's own forced end. */
const STOP_TIMEOUT_MS = 30_000;
const RESTART_DELAY_MS = 500;
/** A worker that served this long was well: its end counts as the first one. */
const WELL_AFTER_MS = 60_000;
const MAXIMUM_ENDS_IN_A_ROW = 5;

export interface SupervisorOptions extends WorkerProcessOptions {
  readonly logsFolder: string;
  /** Told when the worker died and is started again, or is given up. */
  readonly onTrouble: (message: string) => void;
}

/** A worker process that is kept up until {@link stop}. */
export class WorkerSupervisor {
  readonly logFile: string;
  private child: ChildProcess | undefined;
  private ended: Promise<void> = Promise.resolve();
  private stopping = false;
  private endsInARow = 0;
  private restarting: Promise<void> = Promise.resolve();

  private constructor(private readonly options: SupervisorOptions) {
    this.logFile = join(options.logsFolder, 'worker.log');
  }

  /**
   * Starts a worker and waits until it serves.
   *
   * @throws {TramontanaError} `Runtime.WorkerDidNotStart` with the end of its log
   */
  static async start(options: SupervisorOptions): Promise<WorkerSupervisor> {
    await makeFolder(options.logsFolder);
    const supervisor = new WorkerSupervisor(options);
    try {
      await supervisor.launch();
    } catch (error) {
      supervisor.kill();
      await supervisor.stop();
      throw error;
    }
    return supervisor;
  }

  /** Process id of the present worker. */
  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** Ends the worker gracefully: activities get the chance to write their checkpoints. */
  async stop(): Promise<void> {
    this.stopping = true;
    const { child } = this;
    if (child?.pid !== undefined && child.exitCode === null) {
      signalQuietly(child.pid, 'SIGTERM');
      const inTime = await within(
        this.ended.then(() => true),
        STOP_TIMEOUT_MS,
      );
      if (inTime !== true) this.kill();
    }
    await this.ended;
    await this.restarting;
  }

  /** Ends the worker at once; its engine process ends with it. */
  kill(): void {
    this.stopping = true;
    if (this.child?.pid !== undefined && this.child.exitCode === null) signalQuietly(this.child.pid, 'SIGKILL');
  }

  private async launch(): Promise<void> {
    const log = await open(this.logFile, 'a');
    // its own process group: Ctrl-C in the terminal must not end it before the workflow is cancelled
    const { execArgv, entry } = ownProgram(fileURLToPath(import.meta.url), '../worker-main');
    const child = spawn(process.execPath, [...execArgv, entry, ...workerArguments(this.options)], {
      detached: true,
      stdio: ['pipe', 'pipe', log.fd],
    });
    await log.close();
    this.child = child;
    const startedMs = Date.now();
    this.ended = new Promise((resolve) => {
      child.once('error', () => resolve());
      child.once('exit', () => resolve());
    });
    void this.ended.then(() => this.onEnd(child, Date.now() - startedMs));
    await this.waitUntilReady(child);
    if (child.stdout === null) return; // 'pipe' above makes one
    const stopWatch = watchLiveness(child.stdout, () => {
      this.options.onTrouble('the worker gives no sign of life (its event loop is stuck); ending it');
      if (child.pid !== undefined) signalQuietly(child.pid, 'SIGKILL');
    });
    void this.ended.then(stopWatch);
  }

  private async waitUntilReady(child: ChildProcess): Promise<void> {
    const ready = new Promise<boolean>((resolve) => child.stdout?.once('data', () => resolve(true)));
    const gone = this.ended.then(() => false);
    if ((await within(Promise.race([ready, gone]), READY_TIMEOUT_MS)) === true) return;
    const end =
      child.exitCode === null ? `no sign of life within ${READY_TIMEOUT_MS / 1000} s` : `exit code ${child.exitCode}`;
    throw new TramontanaError(
      'Runtime.WorkerDidNotStart',
      `worker process: expected it to serve, got ${end}; its log ${this.logFile} ends with\n${await lastLines(this.logFile, 5)}`,
      { facts: { logFile: this.logFile, exitCode: child.exitCode }, retryable: true },
    );
  }

  private onEnd(child: ChildProcess, livedMs: number): void {
    if (this.stopping) return;
    this.endsInARow = livedMs > WELL_AFTER_MS ? 1 : this.endsInARow + 1;
    const how = child.signalCode ?? `exit code ${child.exitCode}`;
    if (this.endsInARow >= MAXIMUM_ENDS_IN_A_ROW) {
      this.options.onTrouble(
        `the worker ended ${this.endsInARow} times in a row (${how}); given up, see ${this.logFile}`,
      );
      return;
    }
    this.options.onTrouble(`the worker ended (${how}); starting it again`);
    this.restarting = delay(RESTART_DELAY_MS)
      .then(() => (this.stopping ? undefined : this.launch()))
      // an end before readiness has come to onEnd already, which decides
      .catch(() => undefined);
  }
}
