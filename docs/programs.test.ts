// SPDX-License-Identifier: Apache-2.0
/** The page on fits for programs: its program runs as it stands, its model is fitted. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

import { Worker } from '@temporalio/worker';

import { createActivities, defaultDependencies } from '../activities/index.js';
import { readModelFile } from '../cli/model-file.js';
import { addonPath, loadNativeEngine } from '../inference-core/host-ts/index.js';
import { ForecastServer } from '../tests/support/forecast-server.js';
import { engineTaskQueue } from '../workflows/activity-options.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const skip = existsSync(addonPath()) ? false : 'the native engine is not built; run `npm run setup`';
/** The doors of the package, from source. */
const DOORS = { tramontana: 'client/index.ts', 'tramontana/engine': 'inference-core/host-ts/index.ts' };

async function block(language: string): Promise<string> {
  const page = await readFile(new URL('programs.md', import.meta.url), 'utf8');
  const [, text] = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'mu').exec(page) ?? [];
  assert.ok(text !== undefined, `the page has a block of ${language}`);
  return text;
}

test('the program of the page runs as it stands', { skip, timeout: 120_000 }, async (context) => {
  let program = await block('ts');
  for (const [name, file] of Object.entries(DOORS)) {
    program = program.replace(`'${name}'`, `'${pathToFileURL(join(ROOT, file)).href}'`);
  }
  // inside the project, where its packages are found
  await mkdir(join(ROOT, 'build'), { recursive: true });
  const folder = await mkdtemp(join(ROOT, 'build', 'programs-page-'));
  context.after(() => rm(folder, { recursive: true }));
  const file = join(folder, 'program.ts');
  await writeFile(file, program);
  const server = await ForecastServer.start();
  context.after(() => server.stop());
  const taskQueue = 'programs-page';
  const stateFolder = join(folder, 'state');
  const activities = createActivities(defaultDependencies({ stateFolder, runsFolder: folder }));
  const common = { connection: server.environment.nativeConnection, activities };
  const workflows = await Worker.create({ ...common, taskQueue, workflowBundle: server.bundle });
  const engine = await Worker.create({ ...common, taskQueue: engineTaskQueue(taskQueue) });
  const env = {
    ...process.env,
    TEMPORAL_ADDRESS: server.environment.address,
    ...{ TRAMONTANA_TASK_QUEUE: taskQueue, TRAMONTANA_STATE: stateFolder },
  };
  const { stdout } = await engine.runUntil(() =>
    workflows.runUntil(() =>
      promisify(execFile)(process.execPath, ['--import', 'tsx', file], { cwd: ROOT, env, timeout: 100_000 }),
    ),
  );
  assert.match(stdout, /^range_s \d/mu);
  assert.match(stdout, /^true false 49 -\d/mu);
});

test('the model of the page is read, and fitted', { skip }, async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'tramontana-programs-'));
  context.after(() => rm(folder, { recursive: true }));
  const file = join(folder, 'model.json');
  await writeFile(file, await block('json'));
  const { model, options } = await readModelFile(file);
  const { converged } = await loadNativeEngine().fit(model, options, undefined, () => undefined).promise;
  assert.ok(converged);
});
