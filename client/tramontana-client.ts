// SPDX-License-Identifier: Apache-2.0
import { Client, Connection, WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure, TerminatedFailure } from '@temporalio/common';

import type { ForecastInput } from '../activities/inputs/forecast-input.js';
import { TramontanaError, type ErrorFacts } from '../common/errors.js';
import { within } from '../common/processes.js';
import type { ForecastResult } from '../workflows/forecast.js';
import type { RunProgress } from '../workflows/progress-state.js';
import { requireConnectionSettings, unreachable, type ConnectOptions } from './connection-settings.js';
import { asProgress, asResult } from './answers.js';
import { forecastWorkflowId } from './workflow-id.js';

/** Task queue of a worker that is not told otherwise. */
export const DEFAULT_TASK_QUEUE = 'tramontana';

export interface StartOptions {
  /** Default: a hash of the input, so that the same forecast is not run twice at once. */
  readonly workflowId?: string;
  /** Kept with the run, e.g. who started it. */
  readonly memo?: Readonly<Record<string, unknown>>;
  /** One line for the list of runs in the Web UI. */
  readonly summary?: string;
}

/** The server itself gives a question up after ten seconds. */
const LAST_ANSWER_MS = 15_000;

/** A started forecast. */
export interface ForecastRun {
  readonly workflowId: string;
  readonly runId: string;
}

/** Starts and follows forecasts from a program. */
export class TramontanaClient {
  private readonly asked = new Set<Promise<void>>();

  constructor(
    readonly temporal: Client,
    readonly taskQueue: string = DEFAULT_TASK_QUEUE,
    private readonly connection?: Connection,
  ) {}

  /**
   * Connects to the Temporal server that the options, the environment or the profile file name.
   *
   * @throws {TramontanaError} `Temporal.Unreachable` (retryable), `Temporal.NoServer`, `Temporal.InvalidProfile`
   */
  static async connect(options: ConnectOptions = {}): Promise<TramontanaClient> {
    const { address, namespace, security } = requireConnectionSettings(options);
    let connection: Connection;
    try {
      connection = await Connection.connect({ address, ...security });
    } catch (error) {
      throw unreachable({ address }, error);
    }
    return new TramontanaClient(new Client({ connection, namespace }), options.taskQueue, connection);
  }

  /** Starts a forecast; when the same one is under way, follows that. */
  async start(input: ForecastInput, options: StartOptions = {}): Promise<ForecastRun> {
    const handle = await this.temporal.workflow.start('forecast', {
      taskQueue: this.taskQueue,
      workflowId: options.workflowId ?? forecastWorkflowId(input),
      args: [input],
      workflowIdConflictPolicy: 'USE_EXISTING',
      ...(options.memo === undefined ? {} : { memo: { ...options.memo } }),
      ...(options.summary === undefined ? {} : { staticSummary: options.summary }),
    });
    return { workflowId: handle.workflowId, runId: handle.firstExecutionRunId };
  }

  /**
   * Where a run stands. A worker must be up to answer.
   *
   * @throws {TramontanaError} `Run.UnexpectedAnswer` when the run is no forecast
   */
  async progress(run: ForecastRun): Promise<RunProgress> {
    const answer = this.handle(run).query<unknown>('progress');
    const settled = answer.then(
      () => undefined,
      () => undefined,
    );
    this.asked.add(settled);
    void settled.then(() => this.asked.delete(settled));
    return asProgress(await answer, run.workflowId);
  }

  /**
   * Waits for the end of a run.
   *
   * @param signal - stops the waiting, not the run; the Temporal client's error is thrown
   * @throws {TramontanaError} tag and facts of the stage that failed; `Run.Cancelled`, `Run.Terminated`,
   *   `Run.UnexpectedAnswer`
   */
  async result(run: ForecastRun, signal?: AbortSignal): Promise<ForecastResult> {
    const wait = async (): Promise<unknown> => this.handle(run).result();
    try {
      return asResult(
        await (signal === undefined ? wait() : this.temporal.withAbortSignal(signal, wait)),
        run.workflowId,
      );
    } catch (error) {
      throw error instanceof WorkflowFailedError ? explainFailure(run, error) : error;
    }
  }

  /** Asks a run to stop; a fit writes its checkpoint first. */
  async cancel(run: ForecastRun): Promise<void> {
    await this.handle(run).cancel();
  }

  /** Stops a run at once, without clean-up in the workflow; checkpoints and finished stages stay. */
  async terminate(run: ForecastRun, reason: string): Promise<void> {
    await this.handle(run).terminate(reason);
  }

  /**
   * Closes the connection, after the questions under way are answered: the Temporal client repeats a failed call by a timer, and
   * one that fires on a closed connection would end the program.
   */
  async close(): Promise<void> {
    await within(Promise.all(this.asked), LAST_ANSWER_MS);
    await this.connection?.close();
  }

  private handle(run: ForecastRun): WorkflowHandle {
    return this.temporal.workflow.getHandle(run.workflowId, run.runId);
  }
}

function explainFailure(run: ForecastRun, error: WorkflowFailedError): TramontanaError {
  const { cause } = error;
  const facts: ErrorFacts = { ...run };
  if (cause instanceof CancelledFailure) {
    return new TramontanaError('Run.Cancelled', 'the run was cancelled', { facts, retryable: true, cause });
  }
  if (cause instanceof TerminatedFailure) {
    return new TramontanaError('Run.Terminated', `the run was terminated: ${cause.message}`, { facts, cause });
  }
  const details: unknown = cause instanceof ApplicationFailure ? cause.details?.[0] : undefined;
  const own = details !== null && typeof details === 'object' ? details : {};
  const tag = cause instanceof ApplicationFailure && cause.type ? cause.type : 'Run.Failed';
  return TramontanaError.fromOutside(tag, cause?.message ?? error.message, { facts: { ...own, ...facts }, cause });
}
