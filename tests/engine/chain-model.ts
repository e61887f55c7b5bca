// SPDX-License-Identifier: Apache-2.0
import type { CsrMatrix } from '../../artifacts/schemas/mesh.js';
import type { EngineModel } from '../../inference-core/host-ts/contract/engine-model.js';

/** A sparse matrix from rows of `[column, value]`. */
export function csrFromRows(rows: readonly (readonly (readonly [number, number])[])[], numColumns: number): CsrMatrix {
  const entries = rows.flat();
  let end = 0;
  return {
    numRows: rows.length,
    numColumns,
    rowPointers: Int32Array.from([0, ...rows.map((row) => (end += row.length))]),
    columnIndices: Int32Array.from(entries, ([column]) => column),
    values: Float64Array.from(entries, ([, value]) => value),
  };
}

/** A chain of nodes (a string of beads is a mesh as well, to the algebra) over some days, observed at every node. */
export function smallModel(numTimeSteps = 5): EngineModel {
  const numNodes = 6;
  const stiffness = Array.from({ length: numNodes }, (_, i): [number, number][] => {
    const row: [number, number][] = [];
    if (i > 0) row.push([i - 1, -1]);
    row.push([i, i === 0 || i === numNodes - 1 ? 1 : 2]);
    if (i + 1 < numNodes) row.push([i + 1, -1]);
    return row;
  });
  const rows: [number, number][][] = [];
  const y: number[] = [];
  const timeIndex: number[] = [];
  for (let step = 0; step < numTimeSteps; step++) {
    for (let node = 0; node < numNodes; node++) {
      rows.push([[node, 1]]);
      timeIndex.push(step);
      y.push(2 + Math.sin(node + 0.7 * step) + 0.3 * Math.cos(7.3 * node * step + step));
    }
  }
  const atEnds = (end: number, inside: number): Float64Array =>
    Float64Array.from({ length: numTimeSteps }, (_, i) => (i === 0 || i === numTimeSteps - 1 ? end : inside));
  return {
    kind: 'spatio-temporal',
    manifold: 'plane',
    numTimeSteps,
    c0: new Float64Array(numNodes).fill(1),
    g1: csrFromRows(stiffness, numNodes),
    temporal: {
      m0: atEnds(0.5, 1),
      m1: atEnds(0.5, 0),
      m2Diagonal: atEnds(1, 2),
      m2OffDiagonal: new Float64Array(numTimeSteps - 1).fill(-1),
    },
    observations: [
      {
        y: Float64Array.from(y),
        timeIndex: Int32Array.from(timeIndex),
        projector: csrFromRows(rows, numNodes),
        covariates: new Float64Array(y.length).fill(1),
        numCovariates: 1,
      },
    ],
    fixedEffectsPriorPrecision: 0.001,
    priors: [
      { type: 'gaussian', mean: 1, precision: 1 },
      { type: 'gaussian', mean: 1, precision: 1 },
      { type: 'penalized-complexity', kind: 'sigma', lambda: 2 },
      { type: 'penalized-complexity', kind: 'noise-sd', lambda: 2 },
    ],
  };
}

/** A point inside the support of the priors of `smallModel`. */
export const theta = [1, 1, 0, 1.5];
