// SPDX-License-Identifier: Apache-2.0
/**
 * What a run was given, and how it is run again or held.
 *
 * @module
 */
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import type { Client, WorkflowExecutionDescription } from '@temporalio/client';

import type { ForecastInput } from '../activities/inputs/forecast-input.js';
import { TramontanaError } from '../common/errors.js';
import { SEARCH_ATTRIBUTES } from '../common/search-attributes.js';
import type { StageName } from '../pipeline/index.js';
import { asked } from './server-errors.js';
import type { ForecastRun } from './tramontana-client.js';

/** How a run is run again. */
export interface RerunOptions {
  /** Compute again from this stage on; what comes before is taken where nothing has changed. Default: take all that is unchanged. */
  readonly from?: StageName;
  /** Laid over the configuration, key by key. */
  readonly overrides?: Readonly<Record<string, unknown>>;
}

/**
 * What the server knows of a run.
 *
 * @throws {TramontanaError} `Run.Unknown`, `Temporal.Refused`
 */
export async function describeRun(
  temporal: Client,
  { workflowId, runId }: Pick<ForecastRun, 'workflowId'> & Partial<ForecastRun>,
): Promise<WorkflowExecutionDescription> {
  return asked(() => temporal.workflow.getHandle(workflowId, runId).describe(), {
    workflowId,
    ...(runId === undefined ? {} : { runId }),
  });
}

/**
 * The input of a rerun: that of the run, for the same cycle.
 *
 * @throws {TramontanaError} `Run.NotAForecast`
 */
export async function rerunInput(
  temporal: Client,
  run: Pick<ForecastRun, 'workflowId'> & Partial<ForecastRun>,
  { from, overrides }: RerunOptions,
): Promise<ForecastInput> {
  const { type, typedSearchAttributes, runId } = await describeRun(temporal, run);
  if (type !== 'forecast' && type !== 'dailyForecast') {
    throw new TramontanaError('Run.NotAForecast', `${run.workflowId}: expected a forecast, got a workflow ${type}`, {
      facts: { workflowId: run.workflowId, type },
    });
  }
  const given = await inputOfRun(temporal, run.workflowId, runId);
  const cycle = typedSearchAttributes.getAll().find(({ key }) => key.name === SEARCH_ATTRIBUTES.cycle.name)?.value;
  const day = cycle instanceof Date ? cycle.toISOString().slice(0, 10) : given.cycle;
  return {
    ...given,
    ...(day === undefined ? {} : { cycle: day }),
    ...(from === undefined ? {} : { reuse: { from } }),
    ...(overrides === undefined ? {} : { overrides: { ...given.overrides, ...overrides } }),
  };
}

/** The one argument of a workflow, from the first event of its history. */
async function inputOfRun(temporal: Client, workflowId: string, runId: string): Promise<ForecastInput> {
  const request = { namespace: temporal.options.namespace, execution: { workflowId, runId }, maximumPageSize: 1 };
  const { history } = await asked(() => temporal.workflowService.getWorkflowExecutionHistory(request));
  const [payload] = history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
  const codecs = temporal.options.loadedDataConverter.payloadCodecs;
  let decoded: Payload[] = payload === undefined ? [] : [payload];
  for (const codec of [...codecs].reverse()) decoded = await codec.decode(decoded);
  const value = decoded[0] === undefined ? undefined : defaultPayloadConverter.fromPayload<unknown>(decoded[0]);
  if (value === null || typeof value !== 'object') {
    throw new TramontanaError('Run.NotAForecast', `${workflowId}: expected one object as its input, got none`, {
      facts: { workflowId },
    });
  }
  return value as ForecastInput;
}

/**
 * Holds the stages of a run that are under way, or lets them go on. A fit that is held writes its checkpoint and goes on from there.
 *
 * @returns how many were under way
 */
export async function setPaused(
  temporal: Client,
  { workflowId, runId }: ForecastRun,
  isPaused: boolean,
  reason: string,
): Promise<number> {
  const { raw } = await describeRun(temporal, { workflowId, runId });
  const pending = raw.pendingActivities ?? [];
  const { namespace, identity } = temporal.options;
  for (const { activityId } of pending) {
    const request = { namespace, identity, execution: { workflowId, runId }, id: activityId ?? '' };
    const { workflowService: server } = temporal;
    await asked<unknown>(() =>
      isPaused ? server.pauseActivity({ ...request, reason }) : server.unpauseActivity(request),
    );
  }
  return pending.length;
}
