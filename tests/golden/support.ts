// SPDX-License-Identifier: Apache-2.0
/** What tests of the engine's host share: folders that vanish, and a model small enough to fit in a second. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { FitResult } from '../../artifacts/schemas/fit-result.js';
import type { CsrMatrix } from '../../artifacts/schemas/mesh.js';
import { entry } from '../../common/entry.js';
import { isTramontanaError, type TramontanaError } from '../../common/errors.js';
import type { EngineModel } from '../../inference-core/host-ts/contract/engine-model.js';

/** A folder that is removed after the test, or after what else `after` belongs to. */
export async function temporaryFolder(context: { after(clean: () => Promise<void>): void }): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tramontana-host-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Deterministic numbers in [0, 1) (mulberry32). */
export function uniformNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function csrOf(numRows: number, numColumns: number, valueAt: (row: number, column: number) => number): CsrMatrix {
  const rowPointers = [0];
  const columnIndices: number[] = [];
  const values: number[] = [];
  for (let row = 0; row < numRows; row += 1) {
    for (let column = 0; column < numColumns; column += 1) {
      const value = valueAt(row, column);
      if (value === 0) continue;
      columnIndices.push(column);
      values.push(value);
    }
    rowPointers.push(values.length);
  }
  return {
    numRows,
    numColumns,
    rowPointers: Int32Array.from(rowPointers),
    columnIndices: Int32Array.from(columnIndices),
    values: Float64Array.from(values),
  };
}

/**
 * A univariate spatio-temporal model on a square grid with unit spacing (P1 mass and stiffness of a grid cut into triangles), one
 * noisy observation of a smooth moving wave at each node and time step, an intercept, and wide Gaussian priors.
 */
export function smallModel(options: { side?: number; numTimeSteps?: number } = {}): EngineModel {
  const { side = 4, numTimeSteps = 3 } = options;
  const numNodes = side * side;
  const x = (node: number): number => node % side;
  const y = (node: number): number => Math.floor(node / side);
  const isBorder = (value: number): boolean => value === 0 || value === side - 1;
  // an edge along the border belongs to one triangle, one inside to two; the diagonals of right triangles weigh nothing
  const edge = (a: number, b: number): number => {
    const [dx, dy] = [Math.abs(x(a) - x(b)), Math.abs(y(a) - y(b))];
    if (dx + dy !== 1) return 0;
    return (dx === 1 ? isBorder(y(a)) : isBorder(x(a))) ? 0.5 : 1;
  };
  const nodes = Array.from({ length: numNodes }, (_, node) => node);
  const degree = nodes.map((a) => nodes.reduce((sum, b) => sum + edge(a, b), 0));
  const numObservations = numNodes * numTimeSteps;
  const noise = uniformNumbers(7);
  const ends = (time: number): number => (time === 0 || time === numTimeSteps - 1 ? 1 : 0);
  return {
    kind: 'spatio-temporal',
    manifold: 'plane',
    numTimeSteps,
    c0: Float64Array.from(nodes, (node) => (isBorder(x(node)) ? 0.5 : 1) * (isBorder(y(node)) ? 0.5 : 1)),
    g1: csrOf(numNodes, numNodes, (a, b) => (a === b ? entry(degree, a) : -edge(a, b))),
    temporal: {
      m0: Float64Array.from({ length: numTimeSteps }, (_, time) => 1 - 0.5 * ends(time)),
      m1: Float64Array.from({ length: numTimeSteps }, (_, time) => 0.5 * ends(time)),
      m2Diagonal: Float64Array.from({ length: numTimeSteps }, (_, time) => 2 - ends(time)),
      m2OffDiagonal: new Float64Array(numTimeSteps - 1).fill(-1),
    },
    observations: [
      {
        y: Float64Array.from({ length: numObservations }, (_, index) => {
          const [node, time] = [index % numNodes, Math.floor(index / numNodes)];
          return 3 + Math.sin(0.9 * x(node) + 0.4 * time) * Math.cos(0.7 * y(node)) + 0.6 * (noise() - 0.5);
        }),
        timeIndex: Int32Array.from({ length: numObservations }, (_, index) => Math.floor(index / numNodes)),
        projector: csrOf(numObservations, numNodes, (row, column) => (row % numNodes === column ? 1 : 0)),
        covariates: new Float64Array(numObservations).fill(1),
        numCovariates: 1,
      },
    ],
    fixedEffectsPriorPrecision: 0.001,
    priors: [1, 1, 0, 2].map((mean) => ({ type: 'gaussian', mean, precision: 0.2 })),
  };
}

/** What a run that must fail rejects with. */
export async function failureOf(work: Promise<unknown>): Promise<TramontanaError> {
  const outcome = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.ok(isTramontanaError(outcome), `expected a TramontanaError, got ${String(outcome)}`);
  return outcome;
}

/** 1e-10 is what the project promises; the state is complete, so in fact the bits are the same. */
export function assertSameFit(found: FitResult, expected: FitResult): void {
  const pairs = [
    [found.objective, expected.objective],
    ...found.theta.map((value, k) => [value, expected.theta[k] ?? NaN]),
    ...found.thetaCovariance.flat().map((value, k) => [value, expected.thetaCovariance.flat()[k] ?? NaN]),
    ...found.fixedEffects.mean.map((value, k) => [value, expected.fixedEffects.mean[k] ?? NaN]),
    ...found.fixedEffects.sd.map((value, k) => [value, expected.fixedEffects.sd[k] ?? NaN]),
  ] as [number, number][];
  for (const [value, reference] of pairs) {
    assert.ok(Math.abs(value - reference) <= 1e-10 * Math.max(1, Math.abs(reference)), `${value} against ${reference}`);
  }
  assert.equal(found.iterations, expected.iterations);
  assert.equal(found.evaluations, expected.evaluations);
}
