// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';

import { DeterminismViolationError } from '@temporalio/workflow';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker } from '@temporalio/worker';

import { workflowsPath } from '../../client/workflows-path.js';

/** Recorded by the tests of this folder (`TRAMONTANA_RECORD_HISTORIES`) with the workflows of the version in their names. */
const HISTORIES = new URL('histories/', import.meta.url);

interface Recorded {
  readonly events: readonly {
    readonly workflowExecutionStartedEventAttributes?: { readonly workflowId?: string };
  }[];
}

const read = (name: string): string => readFileSync(new URL(name, HISTORIES), 'utf8');

describe('histories of earlier versions', async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const workflowBundle = await bundleWorkflowCode({ workflowsPath: workflowsPath() });

  const replay = async (text: string): Promise<void> => {
    const history = JSON.parse(text) as Recorded;
    const id = history.events[0]?.workflowExecutionStartedEventAttributes?.workflowId;
    await Worker.runReplayHistory({ workflowBundle }, history, id);
  };

  // an update of the worker must not break runs under way
  for (const name of readdirSync(HISTORIES)) it(`replays ${name}`, () => replay(read(name)));

  it('would not replay with its stages in another order', async () => {
    const swapped = read('forecast-0.1.0-schedules.json').replaceAll(
      /"name": ?"(ingest|qualityGate)"/gu,
      (_, name: string) => `"name": "${name === 'ingest' ? 'qualityGate' : 'ingest'}"`,
    );
    assert.notEqual(swapped, read('forecast-0.1.0-schedules.json'));
    await assert.rejects(replay(swapped), DeterminismViolationError);
  });
});
