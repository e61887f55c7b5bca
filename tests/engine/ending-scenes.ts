// SPDX-License-Identifier: Apache-2.0
/** The scenes of ends.test.ts; each is played in a process of its own: `ending-scenes.ts SCENE`. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { isTramontanaError } from '../../common/errors.js';
import type { EngineModel, PredictionDesign } from '../../inference-core/host-ts/contract/engine-model.js';
import { addonPath, loadNativeEngine } from '../../inference-core/host-ts/addon/native.js';
import { GRID_THETA, gridModel } from './grid-model.js';

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const nothing = (): void => undefined;

/** Calls a function of the addon again and again; a Worker loads no TypeScript. */
const WORKER = `
  const { parentPort, workerData } = require('node:worker_threads');
  const addon = require(workerData.path);
  const { model, theta, design, identity, call, count } = workerData;
  const calls = {
    evaluate: () => addon.evaluate(model, theta, { gradient: true }),
    fit: () => addon.fit(model, { initialTheta: theta }, null, () => parentPort.postMessage('busy')).promise,
    integrate: () => addon.integrate(model, theta, identity, {}, () => parentPort.postMessage('busy')).promise,
    predict: () => addon.predict(model, theta, [design]),
    prepare: () => addon.prepare(model),
    samplePosterior: () => addon.sample_posterior(model, [{ theta, weight: 1 }], { latent: true }).promise,
    spectralBasis: () => addon.spectral_basis(model.c0, model.g1),
    exit: () => addon.fit(model, { initialTheta: theta }, null, () => process.exit(7)).promise,
  };
  for (let i = 0; i < count; i += 1) void calls[call]();
  parentPort.postMessage('busy');
`;

function designOf({ observations, c0 }: EngineModel): PredictionDesign {
  const group = observations[0];
  if (group === undefined) throw new Error('the model has no observations');
  // The rows of the first day.
  const rows = group.timeIndex.indexOf(1);
  return {
    process: 0,
    timeIndices: Int32Array.of(0, 1),
    projector: {
      numRows: rows,
      numColumns: c0.length,
      rowPointers: group.projector.rowPointers.slice(0, rows + 1),
      columnIndices: group.projector.columnIndices.slice(0, rows),
      values: group.projector.values.slice(0, rows),
    },
    covariates: new Float64Array(rows).fill(1),
  };
}

function startWorker(call: string, model: EngineModel, count = 1): Worker {
  const identity = Float64Array.from({ length: 16 }, (_, i) => (i % 5 === 0 ? 1e-2 : 0));
  const workerData = { path: addonPath(), model, theta: GRID_THETA, design: designOf(model), identity, call, count };
  return new Worker(WORKER, { eval: true, workerData });
}

/** Two fits on a mesh that keeps the engine busy for minutes. */
function startFits(onIteration: () => void): void {
  for (let i = 0; i < 2; i += 1) {
    const running = loadNativeEngine().fit(gridModel(24, 12), { initialTheta: GRID_THETA }, undefined, onIteration);
    running.promise.catch(nothing);
  }
}

async function terminateWorkers(call: string): Promise<void> {
  for (const delayMs of [0, 1, 10, 40, 120]) {
    const worker = startWorker(call, gridModel(20, 6));
    await once(worker, 'message');
    await sleep(delayMs);
    await worker.terminate();
  }
  await loadNativeEngine().evaluate(gridModel(4, 3), GRID_THETA);
  say('alive after 5 terminated workers');
}

/** Holds the process to what memory it has and so much more. */
function limitMemory(extraBytes: number): void {
  const kilobytes = Number(/^VmSize:\s+(\d+) kB/mu.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
  execFileSync('prlimit', [`--pid=${process.pid}`, `--as=${kilobytes * 1024 + extraBytes}:`]);
}

const EXTRA_BYTES = 300 * 2 ** 20;

/** Says how `calls` fail, and that the engine computes after all of them. */
async function sayFailures(calls: readonly (() => unknown)[]): Promise<void> {
  const engine = loadNativeEngine();
  const small = gridModel(4, 3);
  await engine.evaluate(small, GRID_THETA);
  limitMemory(EXTRA_BYTES);
  const tags = new Set<string>();
  for (const call of calls) {
    try {
      await call();
      tags.add('no error');
    } catch (error) {
      tags.add(isTramontanaError(error) ? error.tag : String(error));
    }
  }
  await engine.evaluate(small, GRID_THETA);
  say(`${[...tags].join(', ')}, and the engine goes on`);
}

const scenes: Record<string, (detail: string) => Promise<void>> = {
  terminate: terminateWorkers,
  'terminate-many': async () => {
    const worker = startWorker('fit', gridModel(20, 6), 60);
    await once(worker, 'message');
    await worker.terminate();
    say('alive');
  },
  'exit-in-callback-of-worker': async () => {
    const [code] = (await once(startWorker('exit', gridModel(8, 4), 3), 'exit')) as [number];
    await loadNativeEngine().evaluate(gridModel(4, 3), GRID_THETA);
    say(`alive, the worker ended with ${code}`);
  },
  exit: async () => {
    startFits(nothing);
    await sleep(200);
    say('leaving');
    process.exit(5);
  },
  'exit-in-callback': async () => {
    startFits(() => {
      say('leaving');
      process.exit(6);
    });
    await sleep(60_000);
  },
  wait: () => {
    void loadNativeEngine()
      .evaluate(gridModel(16, 6), GRID_THETA)
      .then(() => say('done'));
    return Promise.resolve();
  },
  sparse: async () => {
    try {
      await loadNativeEngine().evaluate(gridModel(3, 3), new Array<number>(2 ** 32 - 1));
    } catch (error) {
      say(isTramontanaError(error) ? `${error.tag}: ${error.message}` : String(error));
    }
  },
  'memory-of-arguments': async () => {
    const engine = loadNativeEngine();
    const huge = new Float64Array(2 * (EXTRA_BYTES / 8));
    const model = gridModel(4, 3);
    const [group] = model.observations;
    if (group === undefined) throw new Error('the model has no observations');
    await sayFailures([
      () => engine.evaluate(model, huge),
      () => engine.evaluate({ ...model, observations: [{ ...group, y: huge }] }, GRID_THETA),
      () => engine.integrate(model, GRID_THETA, huge).promise,
      () => engine.fit({ ...model, c0: huge }, { initialTheta: GRID_THETA }, undefined, nothing).promise,
      () => engine.summariseResponse('exp', huge, huge, [0.5]),
    ]);
  },
  'memory-of-computation': async () => {
    const engine = loadNativeEngine();
    const { temporal: _, ...model } = gridModel(16, 3);
    const endless = { ...model, kind: 'exact-diffusion', numTimeSteps: 2_000_000_000 } as const;
    await sayFailures([
      () => engine.evaluate(endless, GRID_THETA, { latent: true }),
      () => engine.prepare(endless).then((prepared) => engine.evaluate(prepared, GRID_THETA)),
      () => engine.fit(endless, { initialTheta: GRID_THETA }, undefined, nothing).promise,
    ]);
  },
};

const [name = '', detail = ''] = (process.argv[2] ?? '').split(':');
const scene = scenes[name];
if (scene === undefined) throw new Error(`no scene "${name}": expected one of ${Object.keys(scenes).join(', ')}`);
await scene(detail);
