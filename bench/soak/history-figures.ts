// SPDX-License-Identifier: Apache-2.0
import type { Client } from '@temporalio/client';

import type { ForecastRun } from '../../client/index.js';

/** What a run leaves on the server. */
export interface HistoryFigures {
  readonly events: number;
  /** As the server counts them. */
  readonly bytes: number;
  readonly largestPayloadBytes: number;
}

/** A server warns at 10,240 events and 10 MB and ends a workflow at five times that; these are what we promise. */
const MOST = { events: 500, bytes: 2 * 2 ** 20, largestPayloadBytes: 64 * 2 ** 10 } as const;

/** Sizes of all payloads in a value of the server's, wherever they stand in it. */
function payloadSizes(value: unknown): number[] {
  if (value === null || typeof value !== 'object') return [];
  if (value instanceof Uint8Array) return [];
  const { data, metadata } = value as { data?: unknown; metadata?: unknown };
  if (data instanceof Uint8Array && metadata !== undefined) return [data.byteLength];
  return Object.values(value).flatMap(payloadSizes);
}

export async function historyFigures(temporal: Client, { workflowId, runId }: ForecastRun): Promise<HistoryFigures> {
  const handle = temporal.workflow.getHandle(workflowId, runId);
  const { events } = await handle.fetchHistory();
  const { historySize } = await handle.describe();
  return {
    events: events?.length ?? 0,
    bytes: historySize ?? 0,
    largestPayloadBytes: Math.max(0, ...payloadSizes(events ?? [])),
  };
}

/** A sentence for each promise that a history does not keep. */
export function judgeHistory(name: string, figures: HistoryFigures): string[] {
  return (Object.keys(MOST) as (keyof HistoryFigures)[])
    .filter((figure) => figures[figure] > MOST[figure])
    .map((figure) => `history of ${name}: ${figure}: expected at most ${MOST[figure]}, found ${figures[figure]}`);
}
