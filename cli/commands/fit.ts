// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path';

import { connectionSettings, type ModelFitOptions, type ModelFitRun, type ModelPosterior } from '../../client/index.js';
import { writeFileAtomic } from '../../common/atomic-file.js';
import type { EngineModel } from '../../inference-core/host-ts/index.js';
import { formatSeconds } from '../../workflows/progress-text.js';
import { JSON_OPTION, type Command, type ParsedArguments } from '../command.js';
import { CONNECTION_OPTIONS } from '../connection.js';
import { EXIT_CODES } from '../exit-codes.js';
import { followUntilStopped } from '../follow-until-stopped.js';
import { Interruption } from '../interruption.js';
import { readModelFile } from '../model-file.js';
import { endLeftBehindRuns, ownerMemo } from '../runtime/left-behind.js';
import { startLocalRuntime } from '../runtime/local-runtime.js';
import { locateStateFolder } from '../runtime/state-folder.js';
import { JSON_SCHEMA_VERSION, printJson, printText } from '../terminal/output.js';
import { createProgressView } from '../terminal/progress-view.js';
import { styleFor } from '../terminal/style.js';
import { DEFAULT_RUNS_FOLDER } from './run.js';

/** What the command prints with `--json`: everything about the posterior but what has one number a latent variable. */
function documentOf(run: ModelFitRun, { fit, integration, reused, reason }: ModelPosterior, seconds: number) {
  const { theta, fixedEffects, points, strategy, logMarginalLikelihood, criteria } = integration;
  const { groups: _groups, ...figures } = criteria ?? {};
  return {
    state: 'done',
    ...{ workflowId: run.workflowId, runId: run.runId, reused, reason, seconds },
    fit,
    hyperparameters: theta.map(({ name, naturalName, internal, natural }) => ({
      name,
      naturalName,
      internal: summaryOf(internal),
      natural: summaryOf(natural),
    })),
    fixedEffects,
    integration: { strategy, points: points.length, logMarginalLikelihood, ...figures },
  };
}

function summaryOf({ mean, sd, quantiles }: { mean: number; sd: number; quantiles: readonly number[] }): object {
  return { mean, sd, quantiles };
}

/** Natural hyperparameters and fixed effects, one a line. */
function tableOf({ integration: { theta, fixedEffects } }: ModelPosterior): string[] {
  const rows = [
    ...theta.map(({ naturalName, natural }) => ({ name: naturalName, ...natural })),
    ...fixedEffects.map((effect, index) => ({ name: `fixed_effect_${index}`, ...effect })),
  ].map(({ name, mean, sd, quantiles }) => [name, ...[mean, sd, ...quantiles].map((value) => value.toPrecision(5))]);
  const all = [['', 'mean', 'sd', '2.5 %', 'median', '97.5 %'], ...rows];
  const width = Math.max(...all.map(([name = '']) => name.length));
  return all.map(([name = '', ...cells]) => `${name.padEnd(width)}${cells.map((cell) => cell.padStart(13)).join('')}`);
}

async function fitAndFollow(
  args: ParsedArguments,
  model: EngineModel,
  options: ModelFitOptions,
  onPosterior: (run: ModelFitRun, posterior: ModelPosterior) => Promise<void>,
): Promise<void> {
  const state = locateStateFolder(args.value('state'));
  const [given, namespace, taskQueue] = ['address', 'namespace', 'task-queue'].map((name) => args.value(name));
  const address = connectionSettings(given === undefined ? {} : { address: given })?.address;
  const interruption = new Interruption();
  const view = createProgressView(process.stderr);
  const style = styleFor(process.stderr);
  try {
    const runtime = await startLocalRuntime({
      ...{ state, address, namespace, taskQueue },
      runsFolder: resolve(DEFAULT_RUNS_FOLDER),
      onNote: (text) => view.note(style.dim(text)),
    });
    try {
      interruption.throwIfAsked();
      const { client } = runtime;
      if (runtime.isOwnServer) await endLeftBehindRuns(client);
      const run = await client.fit(model, {
        ...options,
        ...(args.flag('no-reuse') ? { reuse: false } : {}),
        ...{ stateFolder: state.root, memo: await ownerMemo(), summary: 'Fit of a given model' },
      });
      view.note(`Workflow ${run.workflowId}`);
      await onPosterior(run, await followUntilStopped(client, run, run, view, interruption));
    } finally {
      await (interruption.isInsisted ? runtime.kill() : runtime.stop());
    }
  } finally {
    interruption.dispose();
  }
}

export const fitCommand: Command = {
  spec: {
    name: 'fit',
    summary: 'Fit the model in a JSON file: hyperparameters and posterior.',
    positionals: [{ name: 'MODEL.json' }],
    options: [
      { name: 'out', value: 'FILE', description: 'Writes the document of --json there, latent variables included.' },
      { name: 'no-reuse', description: 'Compute it again.' },
      ...CONNECTION_OPTIONS,
      JSON_OPTION,
    ],
  },
  async run(args) {
    const startedMs = Date.now();
    const { model, options } = await readModelFile(resolve(args.positionals[0] ?? ''));
    await fitAndFollow(args, model, options, async (run, posterior) => {
      const seconds = Math.round((Date.now() - startedMs) / 100) / 10;
      const document = documentOf(run, posterior, seconds);
      const out = args.value('out');
      if (out !== undefined) {
        const { mean, sd } = posterior.integration.latent ?? {};
        const latent = mean === undefined ? {} : { latent: { mean: [...mean], sd: [...(sd ?? [])] } };
        const text = JSON.stringify({ schemaVersion: JSON_SCHEMA_VERSION, ...document, ...latent });
        await writeFileAtomic(resolve(out), `${text}\n`);
      }
      if (args.flag('json')) {
        printJson(document);
        return;
      }
      printText(tableOf(posterior).join('\n'));
      const { logMarginalLikelihood, strategy } = posterior.integration;
      printText(`log marginal likelihood ${logMarginalLikelihood.toFixed(3)}, theta by ${strategy}`);
      printText(`Done in ${formatSeconds(seconds)}${posterior.reused ? `: reused, ${posterior.reason}` : ''}.`);
    });
    return EXIT_CODES.done;
  },
};
