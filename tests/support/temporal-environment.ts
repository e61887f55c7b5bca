// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { defineSearchAttributeKey } from '@temporalio/common';
import { TestWorkflowEnvironment } from '@temporalio/testing';

import { SEARCH_ATTRIBUTES } from '../../common/search-attributes.js';
import { findTemporalCli } from '../../cli/runtime/temporal-cli.js';

/** A real development server for one suite, with its own database. */
export interface TemporalEnvironment {
  readonly environment: TestWorkflowEnvironment;
  stop(): Promise<void>;
}

/** Starts the server of the Temporal CLI that set-up found. */
export async function startTemporalEnvironment(): Promise<TemporalEnvironment> {
  const folder = await mkdtemp(join(tmpdir(), 'tramontana-temporal-'));
  const path = await findTemporalCli();
  const environment = await TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: 'existing-path', path },
      dbFilename: join(folder, 'temporal.db'),
      searchAttributes: Object.values(SEARCH_ATTRIBUTES).map(({ name, type }) => defineSearchAttributeKey(name, type)),
    },
  });
  return {
    environment,
    stop: async () => {
      await environment.teardown();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
