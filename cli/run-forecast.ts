// SPDX-License-Identifier: Apache-2.0
/**
 * One forecast from the command line: checks what can be checked at once, brings up server and worker, follows the run.
 *
 * @module
 */
import { join, resolve } from 'node:path';

import {
  defaultMemoryLimitBytes,
  grantPaths,
  listSourceFiles,
  parseForecastInput,
  requireAffordable,
  namedFiles,
  requireFile,
  type ForecastInput,
} from '../activities/index.js';
import { fileUriOf } from '../artifacts/index.js';
import type { ForecastResult, ForecastRun } from '../client/index.js';
import { forecastWorkflowId } from '../client/workflow-id.js';
import { loadDomainConfig, type DomainConfig } from '../config/index.js';
import { configurationGrants } from './granted-config.js';
import { followUntilStopped } from './follow-until-stopped.js';
import { Interruption } from './interruption.js';
import { endLeftBehindRuns, ownerMemo } from './runtime/left-behind.js';
import { startLocalRuntime, type LocalRuntime } from './runtime/local-runtime.js';
import type { StateFolder } from './runtime/state-folder.js';
import { createProgressView, type ProgressView } from './terminal/progress-view.js';
import { styleFor } from './terminal/style.js';

export interface ForecastRequest {
  readonly configPath: string;
  /** Instead of the configuration's `source.path`. */
  readonly inputPath?: string;
  readonly cycle?: string;
  /** Compute again from this stage on, or everything. */
  readonly reuse?: ForecastInput['reuse'];
  readonly runsFolder: string;
  readonly state: StateFolder;
  /** Keeps server and worker up after the run, until Ctrl-C. */
  readonly serve?: boolean;
}

/** What the command prints. */
export interface ForecastReport {
  readonly state: 'done';
  readonly domain: string;
  readonly cycle: string;
  readonly folder: string;
  /** Absent of a run whose workflow began before it was told. */
  readonly quality: 'ok' | 'degraded' | null;
  readonly report: string;
  readonly summary: string;
  readonly stages: readonly { name: string; reused: boolean; seconds: number; reason: string }[];
  /** True when every stage was reused. */
  readonly nothingComputed: boolean;
  readonly seconds: number;
  readonly workflowId: string;
  readonly runId: string;
}

/** The configuration as the run will see it, with every path that it names in place. */
async function checkedConfig(
  request: ForecastRequest,
  overrides: object,
): Promise<{ config: DomainConfig; sources: readonly string[] }> {
  const config = await loadDomainConfig(request.configPath, overrides);
  requireAffordable(config, defaultMemoryLimitBytes());
  const { files } = await listSourceFiles(config.source.path);
  const named = namedFiles(config);
  for (const { name, path } of named) await requireFile(path, name);
  const others = named.map(({ path }) => path);
  // a folder may hold links, and new files tomorrow
  return { config, sources: [config.source.path, ...files, ...others] };
}

/**
 * Runs one forecast to its end.
 *
 * @throws {TramontanaError} with the tag of what failed; `Run.Cancelled` after Ctrl-C
 */
export async function runForecast(request: ForecastRequest, onReport: (report: ForecastReport) => void): Promise<void> {
  const startedMs = Date.now();
  const overrides = request.inputPath === undefined ? {} : { source: { path: resolve(request.inputPath) } };
  const { config, sources } = await checkedConfig(request, overrides);
  const input: ForecastInput = {
    schemaVersion: 1,
    configUri: fileUriOf(request.configPath),
    overrides,
    outputFolder: resolve(request.runsFolder),
    ...(request.cycle === undefined ? {} : { cycle: request.cycle }),
    ...(request.reuse === undefined ? {} : { reuse: request.reuse }),
  };
  parseForecastInput(input);
  const interruption = new Interruption();
  const view = createProgressView(process.stderr);
  const style = styleFor(process.stderr);
  try {
    view.note(style.dim('Starting the Temporal server and a worker ...'));
    const runtime = await startLocalRuntime({
      state: request.state,
      runsFolder: resolve(request.runsFolder),
      onNote: (text) => view.note(style.dim(text)),
    });
    try {
      // the worker takes no path from a workflow that the person here has not named
      await grantPaths(request.state.root, {
        configuration: configurationGrants(request.configPath),
        source: sources,
        output: [resolve(request.runsFolder)],
      });
      interruption.throwIfAsked();
      const workflowId = forecastWorkflowId(input, config.name, config);
      const run = await startRun(runtime, input, workflowId, config, view);
      const { client } = runtime;
      const followed = {
        standing: () => client.standing(run),
        result: (signal?: AbortSignal) => client.result(run, signal),
      };
      const result = await followUntilStopped(client, run, followed, view, interruption);
      onReport(reportOf(result, run, (Date.now() - startedMs) / 1000));
      if (request.serve === true) {
        view.note(`Server and worker stay up: ${runtime.server.uiUrl ?? runtime.server.address} (Ctrl-C ends them)`);
        await interruption.asked();
      }
    } finally {
      await (interruption.isInsisted ? runtime.kill() : runtime.stop());
    }
  } finally {
    interruption.dispose();
  }
}

async function startRun(
  runtime: LocalRuntime,
  input: ForecastInput,
  workflowId: string,
  config: DomainConfig,
  view: ProgressView,
): Promise<ForecastRun> {
  const { client, server } = runtime;
  if (runtime.isOwnServer) {
    for (const id of await endLeftBehindRuns(client)) {
      view.note(`ended ${id}, whose command is gone; its finished stages and checkpoints are kept`);
    }
  }
  const summary = `Forecast of ${config.title ?? config.name}`;
  const run = await client.forecast(input, { workflowId, memo: await ownerMemo(), summary });
  const page = `${server.uiUrl ?? ''}/namespaces/default/workflows/${encodeURIComponent(run.workflowId)}`;
  view.note(server.uiUrl === undefined ? `Workflow ${run.workflowId}` : `Workflow ${run.workflowId}: ${page}`);
  return run;
}

function reportOf(result: ForecastResult, run: ForecastRun, seconds: number): ForecastReport {
  return {
    state: 'done',
    domain: result.domain,
    cycle: result.cycle,
    folder: result.folder,
    quality: result.quality ?? null,
    report: join(result.folder, 'report.html'),
    summary: join(result.folder, 'summary.json'),
    stages: result.stages.map(({ name, reused, seconds: took, reason }) => ({ name, reused, seconds: took, reason })),
    nothingComputed: result.stages.every(({ reused }) => reused),
    seconds: Math.round(seconds * 10) / 10,
    ...run,
  };
}
