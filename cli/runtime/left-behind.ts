// SPDX-License-Identifier: Apache-2.0
import { hostname } from 'node:os';

import { z } from 'zod';

import type { ForecastRun, TramontanaClient } from '../../client/index.js';
import { identifyProcess, isSameProcess, processIdentitySchema } from '../../common/processes.js';

/** Memo key: which process started a run and waits for it. */
const OWNER_KEY = 'tramontanaOwner';

/** Whoever may start a workflow writes its memo: one that does not parse names nobody. */
const ownerSchema = processIdentitySchema.extend({ host: z.string() });

type Owner = Readonly<z.infer<typeof ownerSchema>>;

/** Memo that names this process as the owner of the runs it starts. */
export async function ownerMemo(): Promise<Record<string, unknown>> {
  const owner: Owner = { host: hostname(), ...(await identifyProcess(process.pid)) };
  return { [OWNER_KEY]: owner };
}

/** The process that waits for a run, when that is another one than this and still there. */
export async function otherOwnerOf(client: TramontanaClient, run: ForecastRun): Promise<number | undefined> {
  const { memo } = await client.temporal.workflow.getHandle(run.workflowId, run.runId).describe();
  const owner = ownerIn(memo);
  if (owner === undefined || (owner.host === hostname() && owner.pid === process.pid)) return undefined;
  return owner.host !== hostname() || (await isSameProcess(owner)) ? owner.pid : undefined;
}

/** The owner that a memo names, if it names one. */
export function ownerIn(memo: Readonly<Record<string, unknown>> | undefined): Owner | undefined {
  return ownerSchema.safeParse(memo?.[OWNER_KEY]).data;
}

/**
 * Ends the open runs whose command was killed: nobody waits for them, and they would compete with the new one for the
 * processors. Nothing is lost: finished stages and checkpoints are found by whoever needs them.
 *
 * @returns ids of the ended runs
 */
export async function endLeftBehindRuns(client: TramontanaClient): Promise<string[]> {
  const ended: string[] = [];
  const open = client.temporal.workflow.list({
    query: 'ExecutionStatus = "Running" AND WorkflowType IN ("forecast", "fitModel")',
  });
  for await (const run of open) {
    const owner = ownerIn(run.memo);
    if (owner === undefined || owner.host !== hostname()) continue;
    if (await isSameProcess(owner)) continue;
    await client.terminate(
      { workflowId: run.workflowId, runId: run.runId },
      'its command ended; finished stages and checkpoints are kept',
    );
    ended.push(run.workflowId);
  }
  return ended;
}
