// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

import { addonPath } from '../inference-core/host-ts/index.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const skip = existsSync(addonPath()) ? false : 'the native engine is not built; run `npm run setup`';
/** The doors of the package, from source: the page must run before anything is built. */
const DOORS = { 'tramontana/engine': 'inference-core/host-ts/index.ts', 'tramontana/mesh': 'mesh/index.ts' };

test('the program of the page runs as it stands', { skip, timeout: 120_000 }, async (context) => {
  const page = await readFile(new URL('engine.md', import.meta.url), 'utf8');
  const blocks = [...page.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(([, block]) => block);
  assert.ok(blocks.length >= 5, 'the page holds its program in several blocks');
  let program = blocks.join('\n');
  for (const [name, file] of Object.entries(DOORS)) {
    program = program.replace(`'${name}'`, `'${pathToFileURL(join(ROOT, file)).href}'`);
  }
  // Inside the project, where its packages are found.
  const folder = await mkdtemp(join(ROOT, 'build', 'engine-page-'));
  context.after(() => rm(folder, { recursive: true }));
  const file = join(folder, 'program.ts');
  await writeFile(file, program);
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', file], { cwd: ROOT });
  assert.match(stdout, /evaluations; the gradient is below/u);
  assert.match(stdout, /^range_s +\d+/mu);
  assert.match(stdout, /^warm: 0 iterations$/mu);
  assert.match(stdout, /^started at the mode of the coarse mesh .*: [1-6] iterations$/mu);
  assert.match(stdout, /^grid: \d+ evaluations, range \d+ km$/mu);
  assert.match(stdout, /^cubature: 80 fine cells, log score \d/mu);
  assert.match(stdout, /first node, ug\/m3: [\d.]+ \/ [\d.]+ \/ [\d.]+/u);
  assert.match(stdout, /^log_effect_precision_0 +-?[\d.]+/mu);
});

test('the doors that the page names are exports of the package', async () => {
  const { exports } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
    exports: Record<string, unknown>;
  };
  for (const name of Object.keys(DOORS)) assert.ok(name.replace('tramontana', '.') in exports, `${name} is exported`);
});
