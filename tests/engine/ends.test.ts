// SPDX-License-Identifier: Apache-2.0
/** Ways in which a thread or a process ends while the engine computes, and memory that runs out: the process lives. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { addonPath } from '../../inference-core/host-ts/addon/native.js';

const skip = existsSync(addonPath()) ? false : 'the native engine is not built; run `npm run setup`';
const hasPrlimit = spawnSync('prlimit', ['--version']).status === 0;
const SCENES = new URL('./ending-scenes.ts', import.meta.url).pathname;
const SCENE_TIMEOUT_MS = 120_000;

interface SceneEnd {
  readonly code: number | null;
  readonly signal: string | null;
  readonly output: string;
}

/** Plays a scene of ending-scenes.ts in a process of its own. */
function play(scene: string): Promise<SceneEnd> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', 'tsx', SCENES, scene], {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: SCENE_TIMEOUT_MS,
      killSignal: 'SIGKILL',
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, output }));
  });
}

async function assertPlays(scene: string, lastLine: RegExp, code = 0): Promise<void> {
  const end = await play(scene);
  assert.deepEqual({ code: end.code, signal: end.signal }, { code, signal: null }, end.output);
  assert.match(end.output.trimEnd().split('\n').at(-1) ?? '', lastLine);
}

const calls = ['evaluate', 'fit', 'integrate', 'predict', 'prepare', 'samplePosterior', 'spectralBasis'];

for (const call of calls) {
  test(`a Worker terminated within ${call} leaves the process alive and the engine usable`, { skip }, async () => {
    await assertPlays(`terminate:${call}`, /^alive after 5 terminated workers$/u);
  });
}

test('a Worker that ends itself in the callback of a fit leaves the process alive', { skip }, async () => {
  await assertPlays('exit-in-callback-of-worker', /^alive, the worker ended with 7$/u);
});

test('a Worker terminated with more computations than threads leaves the process alive', { skip }, async () => {
  await assertPlays('terminate-many', /^alive$/u);
});

test('process.exit() while fits compute ends with its code, in a callback or not', { skip }, async () => {
  await assertPlays('exit', /^leaving$/u, 5);
  await assertPlays('exit-in-callback', /^leaving$/u, 6);
});

test('a process with nothing but a computation to wait for waits for it', { skip }, async () => {
  await assertPlays('wait', /^done$/u);
});

test('an array of a declared length without elements is refused, not allocated', { skip }, async () => {
  await assertPlays('sparse', /^Engine\.InvalidModel: theta\[0\] must be a number, found undefined\.$/u);
});

/** Under a sanitizer memory that runs out ends the process. */
const isSanitized = process.env['ASAN_OPTIONS'] !== undefined;
const withoutLimits =
  skip ||
  (isSanitized
    ? 'a sanitizer ends the process where memory runs out'
    : hasPrlimit
      ? false
      : 'prlimit is not on the PATH: memory cannot be limited');

test('memory that runs out while arguments are copied is an error', { skip: withoutLimits }, async () => {
  await assertPlays('memory-of-arguments', /^Engine\.OutOfMemory, and the engine goes on$/u);
});

test('memory that runs out while the engine computes is an error', { skip: withoutLimits }, async () => {
  await assertPlays('memory-of-computation', /^Engine\.OutOfMemory, and the engine goes on$/u);
});
