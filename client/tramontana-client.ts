// SPDX-License-Identifier: Apache-2.0
import {
  Client,
  Connection,
  defaultGrpcRetryOptions,
  makeGrpcRetryInterceptor,
  type WorkflowHandle,
} from '@temporalio/client';

import type { ForecastInput } from '../activities/inputs/forecast-input.js';
import type { ForecastPlan } from '../activities/plan.js';
import type { BackfillInput } from '../activities/schedule/schedule-contracts.js';
import type { EngineModel } from '../inference-core/host-ts/index.js';
import { delay, within } from '../common/processes.js';
import type { BackfillProgress } from '../workflows/backfill-progress.js';
import type { BackfillResult } from '../workflows/backfill.js';
import type { ForecastResult } from '../workflows/forecast.js';
import type { RunProgress } from '../workflows/progress-state.js';
import { payloadEncryption } from './encryption/index.js';
import { requireConnectionSettings, unreachable, type ConnectOptions } from './connection-settings.js';
import { asPlan, asProgress, asResult } from './answers.js';
import type { ModelFitRun, ModelFitStart } from './fit-model.js';
import { describeRun, rerunInput, setPaused, type RerunOptions } from './reruns.js';
import { awaitEnd, type RunIds } from './run-end.js';
import { listRuns, type RunFilter, type RunSummary } from './runs.js';
import { asked } from './server-errors.js';
import { startRun, type StartOptions } from './start-run.js';
import { TramontanaSchedules } from './schedules.js';
import { backfillWorkflowId, forecastWorkflowId, planWorkflowId } from './workflow-id.js';

/** Task queue of a worker that is not told otherwise. */
export const DEFAULT_TASK_QUEUE = 'tramontana';

/** The server itself gives a question up after ten seconds. */
const LAST_ANSWER_MS = 15_000;

/** A started forecast. */
export type ForecastRun = RunIds;

/** Starts and follows forecasts from a program. */
export class TramontanaClient {
  private readonly asked = new Set<Promise<void>>();
  private closing = false;
  /** The schedules of domains. */
  readonly schedules: TramontanaSchedules;

  constructor(
    readonly temporal: Client,
    readonly taskQueue: string = DEFAULT_TASK_QUEUE,
    private readonly connection?: Connection,
  ) {
    this.schedules = new TramontanaSchedules(temporal, taskQueue);
  }

  /**
   * Connects to the Temporal server that the options, the environment or the profile file name.
   *
   * @throws {TramontanaError} `Temporal.Unreachable` (retryable), `Temporal.NoServer`, `Temporal.InvalidProfile`,
   *   `Config.InvalidPayloadKey`
   */
  static async connect(options: ConnectOptions = {}): Promise<TramontanaClient> {
    const { address, namespace, security } = requireConnectionSettings(options);
    const dataConverter = payloadEncryption() ?? {};
    let connection: Connection;
    const made: { client?: TramontanaClient } = {};
    const retry = defaultGrpcRetryOptions();
    const interceptor = makeGrpcRetryInterceptor({
      ...retry,
      retryableDecider: (attempt, status) => made.client?.closing !== true && retry.retryableDecider(attempt, status),
    });
    try {
      connection = await Connection.connect({ address, ...security, interceptors: [interceptor] });
    } catch (error) {
      throw unreachable({ address }, error);
    }
    made.client = new TramontanaClient(
      new Client({ connection, namespace, dataConverter }),
      options.taskQueue,
      connection,
    );
    return made.client;
  }

  /** Starts a forecast; when the same one is under way, follows that. */
  async forecast(input: ForecastInput, options: StartOptions = {}): Promise<ForecastRun> {
    return startRun(this, 'forecast', input, { workflowId: forecastWorkflowId(input), ...options });
  }

  /**
   * Fits a model in memory and gives back its posterior: stores the model, starts the workflow `fitModel` on it; when the same
   * fit is under way, follows that. What was computed before is not computed again.
   *
   * @param model - with conventions as in docs/notation.md
   * @param options - where the search starts, and the state folder that the worker serves
   * @throws {TramontanaError} `Input.Invalid` for options that do not have their form
   */
  async fit(model: EngineModel, options: ModelFitStart): Promise<ModelFitRun> {
    // most programs fit nothing themselves, and need none of the engine's formats
    const { startModelFit } = await import('./fit-model.js');
    return startModelFit(this, model, options);
  }

  /**
   * Where a run stands. A worker must be up to answer.
   *
   * @throws {TramontanaError} `Run.UnexpectedAnswer` when the run is none of ours
   */
  async standing(run: ForecastRun): Promise<RunProgress> {
    const answer = asked(() => this.handle(run).query<unknown>('progress'), run);
    const settled = answer.then(
      () => undefined,
      () => undefined,
    );
    this.asked.add(settled);
    void settled.then(() => this.asked.delete(settled));
    return asProgress(await answer, run.workflowId);
  }

  /**
   * Which stages a forecast would compute, and why, as a worker sees it; nothing is computed.
   *
   * @throws {TramontanaError} tag and facts of what the worker refuses: `Input.*`, `Config.*`, `Ingest.*`; `Run.UnexpectedAnswer`
   */
  async plan(input: ForecastInput): Promise<ForecastPlan> {
    const run = await startRun(this, 'plan', input, { workflowId: planWorkflowId(input) });
    return asPlan(await awaitEnd(this.temporal, run), run.workflowId);
  }

  /**
   * Waits for the end of a run.
   *
   * @param signal - stops the waiting, not the run; the Temporal client's error is thrown
   * @throws {TramontanaError} tag and facts of the stage that failed; `Run.Cancelled`, `Run.Terminated`,
   *   `Run.UnexpectedAnswer`
   */
  async result(run: ForecastRun, signal?: AbortSignal): Promise<ForecastResult> {
    return asResult(await awaitEnd(this.temporal, run, signal), run.workflowId);
  }

  /** Asks a run to stop; a fit writes its checkpoint first. */
  async cancel(run: ForecastRun): Promise<void> {
    await asked(() => this.handle(run).cancel(), run);
  }

  /**
   * Starts forecasts of past cycles as one workflow; the same one under way is followed.
   *
   * @returns its ids; {@link TramontanaClient.backfillResult} waits for its end
   */
  async backfill(input: BackfillInput, options: StartOptions = {}): Promise<ForecastRun> {
    return startRun(this, 'backfill', input, {
      workflowId: backfillWorkflowId(input),
      summary: `Backfill ${input.from} to ${input.to}`,
      ...options,
    });
  }

  /**
   * Waits for the end of a backfill, through all its histories.
   *
   * @throws {TramontanaError} `Run.AllFailed`, `Run.Cancelled`, `Run.Terminated`
   */
  async backfillResult(run: ForecastRun): Promise<BackfillResult> {
    return (await awaitEnd(this.temporal, run)) as BackfillResult;
  }

  /** Where a backfill stands; absent when no worker answers. */
  async backfillProgress({ workflowId }: Pick<ForecastRun, 'workflowId'>): Promise<BackfillProgress> {
    const handle = this.temporal.workflow.getHandle(workflowId);
    return asked(() => handle.query<BackfillProgress>('backfillProgress'), { workflowId });
  }

  /**
   * Where a run stands, again and again until it ends.
   *
   * @param everyMs - between two looks
   */
  async *progress(run: ForecastRun, everyMs = 1000): AsyncGenerator<RunProgress, void, undefined> {
    for (;;) {
      const standing = await this.standing(run);
      yield standing;
      if (standing.state !== 'running') return;
      await delay(everyMs);
    }
  }

  /** The latest run of a workflow id. */
  async latest(workflowId: string): Promise<ForecastRun> {
    const { runId } = await describeRun(this.temporal, { workflowId });
    return { workflowId, runId };
  }

  /** Runs the cycle of an earlier run again; what has not changed is taken. */
  async rerun(
    run: Pick<ForecastRun, 'workflowId'> & Partial<ForecastRun>,
    options: RerunOptions = {},
  ): Promise<ForecastRun> {
    const input = await rerunInput(this.temporal, run, options);
    const workflowId = forecastWorkflowId(input, 'rerun');
    return this.forecast(input, { workflowId, summary: `Rerun of ${run.workflowId}`, memo: { rerunOf: { ...run } } });
  }

  /** Holds what is under way; a fit writes its checkpoint. Returns how many stages were held. */
  pause(run: ForecastRun, reason = 'held by a person'): Promise<number> {
    return setPaused(this.temporal, run, true, reason);
  }

  /** Lets what was held go on. */
  resume(run: ForecastRun): Promise<number> {
    return setPaused(this.temporal, run, false, '');
  }

  /** The runs on the server, newest first. */
  listRuns(filter: RunFilter = {}): Promise<readonly RunSummary[]> {
    return listRuns(this.temporal, filter);
  }

  /** Folder and files of a finished run. */
  async products(run: ForecastRun): Promise<Pick<ForecastResult, 'folder' | 'files'>> {
    const { folder, files } = await this.result(run);
    return { folder, files };
  }

  /** Stops a run at once, without clean-up in the workflow; checkpoints and finished stages stay. */
  async terminate(run: ForecastRun, reason: string): Promise<void> {
    await asked(() => this.handle(run).terminate(reason), run);
  }

  /**
   * Closes the connection, after the questions under way are answered: the Temporal client repeats a failed call by a timer, and
   * one that fires on a closed connection would end the program. From here on nothing is repeated.
   */
  async close(): Promise<void> {
    this.closing = true;
    await within(Promise.all(this.asked), LAST_ANSWER_MS);
    await this.connection?.close();
  }

  private handle(run: ForecastRun): WorkflowHandle {
    return this.temporal.workflow.getHandle(run.workflowId, run.runId);
  }
}
