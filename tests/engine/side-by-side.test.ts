// SPDX-License-Identifier: Apache-2.0
/** Computations of one process beside each other, and beside what else the process does. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isTramontanaError } from '../../common/errors.js';
import { addonPath, loadNativeEngine } from '../../inference-core/host-ts/addon/native.js';
import { GRID_THETA, gridModel } from './grid-model.js';

const skip = existsSync(addonPath()) ? false : 'the native engine is not built; run `npm run setup`';

const nothing = (): void => undefined;

/** What ends a computation, in bits; times of the clock left out. */
function bitsOf(result: object): string {
  return JSON.stringify(result, (key, value: unknown) => {
    if (key === 'seconds') return undefined;
    if (value instanceof Float64Array)
      return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex');
    return Object.is(value, -0) ? '-0' : value;
  });
}

test('evaluations, fits and integrations side by side give the bits that each gives alone', { skip }, async () => {
  const engine = loadNativeEngine();
  const small = gridModel(7, 4);
  const large = gridModel(11, 3);
  const identity = Float64Array.from({ length: 16 }, (_, i) => (i % 5 === 0 ? 1e-2 : 0));
  const computations: (() => Promise<object>)[] = [
    () => engine.evaluate(small, GRID_THETA, { gradient: true, latent: true }),
    () => engine.evaluate(large, GRID_THETA, { gradient: true, latent: true }),
    () => engine.evaluate(large, GRID_THETA, { gradient: true, coordinates: 'nodal' }),
    () => engine.fit(small, { initialTheta: GRID_THETA }, undefined, nothing).promise,
    () => engine.integrate(small, GRID_THETA, identity, { latent: true }).promise,
    () => engine.spectralBasis(large.c0, large.g1),
  ];
  for (const numThreads of [2, 1, 4]) {
    engine.setNumThreads(numThreads);
    const alone: string[] = [];
    for (const compute of computations) alone.push(bitsOf(await compute()));
    for (let repetition = 0; repetition < 3; repetition += 1) {
      const found = await Promise.all([...computations, ...computations].map((compute) => compute()));
      found.forEach((result, index) => {
        const which = index % computations.length;
        assert.ok(bitsOf(result) === alone[which], `computation ${which}, ${numThreads} threads`);
      });
    }
  }
  engine.setNumThreads(2);
});

test('files are read at once while eight fits compute', { skip }, async () => {
  const engine = loadNativeEngine();
  const folder = await mkdtemp(join(tmpdir(), 'tramontana-side-by-side-'));
  try {
    const file = join(folder, 'file');
    await writeFile(file, 'content');
    const model = gridModel(24, 12);
    const fits = Array.from({ length: 8 }, () => engine.fit(model, { initialTheta: GRID_THETA }, undefined, nothing));
    const outcomes = Promise.allSettled(fits.map((fit) => fit.promise));
    let hasEnded = false;
    void outcomes.then(() => (hasEnded = true));
    let slowestMs = 0;
    for (let i = 0; i < 10; i += 1) {
      await sleep(50);
      const startMs = performance.now();
      await readFile(file);
      slowestMs = Math.max(slowestMs, performance.now() - startMs);
    }
    assert.equal(hasEnded, false, 'the fits are to be running while files are read');
    fits.forEach((fit) => fit.interrupt());
    for (const outcome of await outcomes) {
      assert.ok(outcome.status === 'rejected' && isTramontanaError(outcome.reason, 'Engine.Interrupted'));
    }
    assert.ok(slowestMs < 1000, `a file took ${slowestMs.toFixed(0)} ms`);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a hundred computations at a time: all end, and those that wait can be interrupted', { skip }, async () => {
  const engine = loadNativeEngine();
  const small = gridModel(3, 3);
  const expected = (await engine.evaluate(small, GRID_THETA)).objective;
  const evaluations = await Promise.all(Array.from({ length: 100 }, () => engine.evaluate(small, GRID_THETA)));
  assert.ok(evaluations.every(({ objective }) => objective === expected));
  const long = gridModel(24, 12);
  const fits = Array.from({ length: 100 }, () => engine.fit(long, { initialTheta: GRID_THETA }, undefined, nothing));
  const outcomes = Promise.allSettled(fits.map((fit) => fit.promise));
  const last = fits.at(-1);
  assert.ok(last);
  const startMs = performance.now();
  last.interrupt();
  await assert.rejects(last.promise, (error) => isTramontanaError(error, 'Engine.Interrupted'));
  assert.ok(performance.now() - startMs < 1000, 'one that has not begun ends at once');
  fits.forEach((fit) => fit.interrupt());
  for (const outcome of await outcomes) {
    assert.ok(outcome.status === 'rejected' && isTramontanaError(outcome.reason, 'Engine.Interrupted'));
  }
});

test('an interrupt after the end is nothing', { skip }, async () => {
  const running = loadNativeEngine().fit(gridModel(3, 3), { initialTheta: GRID_THETA }, undefined, nothing);
  const { converged } = await running.promise;
  assert.equal(converged, true);
  running.interrupt();
  running.interrupt();
});
