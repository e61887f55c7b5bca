// SPDX-License-Identifier: Apache-2.0
import type { EngineModel } from 'tramontana/engine';
import { assembleFiniteElements } from 'tramontana/mesh';

const SIDE = 6;
const SPACING_KM = 20;

/** A field on a square of 100 km, seen once at every node. */
export function smallModel(): EngineModel {
  const nodes = Array.from({ length: SIDE ** 2 }, (_, node) => ({ x: node % SIDE, y: Math.floor(node / SIDE) }));
  const corners = nodes.flatMap(({ x, y }, node) => (x + 1 < SIDE && y + 1 < SIDE ? [node] : []));
  const { c0, g1 } = assembleFiniteElements(
    Float64Array.from(nodes.flatMap(({ x, y }) => [SPACING_KM * x, SPACING_KM * y])),
    Int32Array.from(corners.flatMap((a) => [a, a + 1, a + SIDE + 1, a, a + SIDE + 1, a + SIDE])),
  );
  return {
    kind: 'spatial',
    manifold: 'plane',
    numTimeSteps: 1,
    c0,
    g1,
    observations: [
      {
        y: Float64Array.from(nodes, ({ x, y }) => 20 + 5 * Math.sin(x) + 3 * Math.cos(y)),
        timeIndex: new Int32Array(nodes.length),
        // each observation is at one node
        projector: {
          numRows: nodes.length,
          numColumns: nodes.length,
          rowPointers: Int32Array.from({ length: nodes.length + 1 }, (_, row) => row),
          columnIndices: Int32Array.from(nodes.keys()),
          values: new Float64Array(nodes.length).fill(1),
        },
        covariates: new Float64Array(nodes.length).fill(1),
        numCovariates: 1,
      },
    ],
    fixedEffectsPriorPrecision: 0.001,
    // P(range < 20 km) = P(sigma > 10) = P(noise sd > 3) = .05
    priors: [
      { type: 'penalized-complexity', kind: 'spatial-range', lambda: -Math.log(0.05) * 20 },
      { type: 'penalized-complexity', kind: 'sigma', lambda: -Math.log(0.05) / 10 },
      { type: 'penalized-complexity', kind: 'noise-sd', lambda: -Math.log(0.05) / 3 },
    ],
  };
}
