// SPDX-License-Identifier: Apache-2.0
/** A diffusion field on a square grid of nodes, observed at every node and step, of any size: something to compute on. */
import type { CsrMatrix } from '../../artifacts/schemas/mesh.js';
import type { EngineModel } from '../../inference-core/host-ts/contract/engine-model.js';

function csrFromRows(rows: readonly ReadonlyMap<number, number>[], numColumns: number): CsrMatrix {
  let end = 0;
  return {
    numRows: rows.length,
    numColumns,
    rowPointers: Int32Array.from([0, ...rows.map((row) => (end += row.size))]),
    columnIndices: Int32Array.from(rows.flatMap((row) => [...row.keys()])),
    values: Float64Array.from(rows.flatMap((row) => [...row.values()])),
  };
}

/** Unit squares cut by a diagonal have the five-point stencil for their stiffness. */
function stiffness(side: number): CsrMatrix {
  const rows = Array.from({ length: side * side }, () => new Map<number, number>());
  const connect = (a: number, b: number): void => {
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      const row = rows[from];
      row?.set(from, (row.get(from) ?? 0) + 1);
      row?.set(to, -1);
    }
  };
  for (let y = 0; y < side; y += 1) {
    for (let x = 0; x < side; x += 1) {
      if (x + 1 < side) connect(y * side + x, y * side + x + 1);
      if (y + 1 < side) connect(y * side + x, (y + 1) * side + x);
    }
  }
  return csrFromRows(rows, side * side);
}

/** `side`^2 nodes a day, `days` days; every seventh observation is missing, by a rule that differs from day to day. */
export function gridModel(side: number, days: number): EngineModel {
  const numNodes = side * side;
  const places = Array.from({ length: days * numNodes }, (_, index) => index).filter((index) => index % 7 !== 3);
  const atEnds = (end: number, inside: number): Float64Array =>
    Float64Array.from({ length: days }, (_, day) => (day === 0 || day === days - 1 ? end : inside));
  return {
    kind: 'spatio-temporal',
    manifold: 'plane',
    numTimeSteps: days,
    c0: new Float64Array(numNodes).fill(1),
    g1: stiffness(side),
    temporal: {
      m0: atEnds(0.5, 1),
      m1: atEnds(0.5, 0),
      m2Diagonal: atEnds(1, 2),
      m2OffDiagonal: new Float64Array(days - 1).fill(-1),
    },
    observations: [
      {
        y: Float64Array.from(places, (place) => {
          const node = place % numNodes;
          const day = Math.floor(place / numNodes);
          return 2 + Math.sin(0.5 * (node % side) + 0.7 * day) + 0.3 * Math.cos(7.3 * place);
        }),
        timeIndex: Int32Array.from(places, (place) => Math.floor(place / numNodes)),
        projector: csrFromRows(
          places.map((place) => new Map([[place % numNodes, 1]])),
          numNodes,
        ),
        covariates: new Float64Array(places.length).fill(1),
        numCovariates: 1,
      },
    ],
    fixedEffectsPriorPrecision: 0.001,
    priors: [
      { type: 'gaussian', mean: 1.5, precision: 1 },
      { type: 'gaussian', mean: 1, precision: 1 },
      { type: 'penalized-complexity', kind: 'sigma', lambda: 2 },
      { type: 'penalized-complexity', kind: 'noise-sd', lambda: 2 },
    ],
  };
}

/** A theta that suits gridModel(). */
export const GRID_THETA: readonly number[] = [1.5, 1, 0, 1.5];
