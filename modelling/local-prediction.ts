// SPDX-License-Identifier: Apache-2.0
/**
 * Prediction of small cells from a few coarse ones around them (simple kriging), for two kinds of covariance.
 *
 * @module
 */
import { float64At, int32At } from '../common/entry.js';
import type { CsrMatrix, Mesh } from '../artifacts/schemas/mesh.js';
import { maternCorrelation } from './matern.js';
import { meanCorrelation, type Roughness } from './roughness.js';

/** Coarse cells relative to the one in the middle: rows southwards, columns eastwards. */
export type Neighbourhood = readonly { readonly rows: number; readonly columns: number }[];

/** Covariances of cells among themselves, of places with cells, and variances of places. */
export interface LocalCovariances {
  /** Row-major, cells x cells. */
  readonly cells: Float64Array;
  /** Row-major, places x cells. */
  readonly places: Float64Array;
  readonly placeVariances: Float64Array;
}

/**
 * Error variance of each place's best linear prediction from noisy cells: c0 - c' (C + noise I)^-1 c.
 */
export function errorVariances(
  around: Neighbourhood,
  { cells, places, placeVariances }: LocalCovariances,
  noiseVariance: number,
): Float64Array {
  const n = around.length;
  // Cholesky factor of C + noise I; a hair of noise keeps smooth fields numerically positive definite.
  const factor = Float64Array.from(cells);
  const diagonal = Math.max(noiseVariance, 1e-9 * (cells[0] ?? NaN));
  for (let j = 0; j < n; j += 1) {
    factor[j * n + j] = (factor[j * n + j] ?? NaN) + diagonal;
    for (let k = 0; k < j; k += 1) {
      const pivot = factor[j * n + k] ?? NaN;
      for (let i = j; i < n; i += 1)
        factor[i * n + j] = (factor[i * n + j] ?? NaN) - pivot * (factor[i * n + k] ?? NaN);
    }
    const root = Math.sqrt(factor[j * n + j] ?? NaN);
    for (let i = j; i < n; i += 1) factor[i * n + j] = (factor[i * n + j] ?? NaN) / root;
  }
  const solution = new Float64Array(n);
  return placeVariances.map((variance, place) => {
    let explained = 0;
    for (let i = 0; i < n; i += 1) {
      let rest = places[place * n + i] ?? NaN;
      for (let k = 0; k < i; k += 1) rest -= (factor[i * n + k] ?? NaN) * (solution[k] ?? NaN);
      solution[i] = rest / (factor[i * n + i] ?? NaN);
      explained += (solution[i] ?? NaN) ** 2;
    }
    return variance - explained;
  });
}

/** Covariances of means of the field itself over coarse and small cells; they depend on offsets only and are kept. */
export class CellCovariance {
  private readonly known = new Map<string, number>();

  constructor(
    private readonly roughness: Roughness,
    /** Width and height of coarse and of small cells. */
    private readonly sizes: {
      readonly cellKm: readonly [number, number];
      readonly placeKm: readonly [number, number];
    },
  ) {}

  /** @param offsets places within the middle cell, in cells; latitude ascends first, then longitude */
  covariances(around: Neighbourhood, offsets: readonly number[]): LocalCovariances {
    const { cellKm, placeKm } = this.sizes;
    const cells = around.flatMap((a) =>
      around.map((b) => this.mean(cellKm, cellKm, Math.abs(a.columns - b.columns), Math.abs(a.rows - b.rows))),
    );
    const places = offsets.flatMap((north) =>
      // Rows count southwards, offsets northwards.
      offsets.flatMap((east) =>
        around.map(({ rows, columns }) => this.mean(placeKm, cellKm, Math.abs(columns - east), Math.abs(rows + north))),
      ),
    );
    const own = this.mean(placeKm, placeKm, 0, 0);
    return {
      cells: Float64Array.from(cells),
      places: Float64Array.from(places),
      placeVariances: new Float64Array(offsets.length ** 2).fill(own),
    };
  }

  private mean(
    first: readonly [number, number],
    second: readonly [number, number],
    columns: number,
    rows: number,
  ): number {
    const key = `${first[0]} ${second[0]} ${columns.toFixed(3)} ${rows.toFixed(3)}`;
    const stored = this.known.get(key);
    if (stored !== undefined) return stored;
    const [width, height] = this.sizes.cellKm;
    const { variance, rangeKm } = this.roughness;
    const value = variance * meanCorrelation(first, second, columns * width, rows * height, rangeKm);
    this.known.set(key, value);
    return value;
  }
}

type InterpolantCovariances = (
  cells: readonly number[],
  placeRows: CsrMatrix,
  places: readonly number[],
) => LocalCovariances;

/** Vectors of length n_s that may be kept at a time: 64 MiB. */
const KEPT_NUMBERS = 8_388_608;

/** The same covariances for the linear interpolant of the field's values at the nodes. */
export function interpolantCovariance(mesh: Mesh, roughness: Roughness, coarseRows: CsrMatrix): InterpolantCovariances {
  const numNodes = mesh.c0.length;
  const nodal = nodalCovariance(mesh, roughness);
  const known = new Map<number, Float64Array>();
  /** Covariance of the mean over a coarse cell with each node. */
  const withNodes = (cell: number): Float64Array => {
    const stored = known.get(cell);
    if (stored !== undefined) return stored;
    if ((known.size + 1) * numNodes > KEPT_NUMBERS) known.clear();
    const vector = new Float64Array(numNodes);
    forEachEntry(coarseRows, cell, (node, weight) => {
      for (let i = 0; i < numNodes; i += 1)
        vector[i] = (vector[i] ?? NaN) + weight * (nodal[node * numNodes + i] ?? NaN);
    });
    known.set(cell, vector);
    return vector;
  };
  const covariance = (rows: CsrMatrix, row: number, cell: number): number => {
    const vector = withNodes(cell);
    let sum = 0;
    forEachEntry(rows, row, (node, weight) => (sum += weight * (vector[node] ?? NaN)));
    return sum;
  };
  const variance = (rows: CsrMatrix, row: number): number => {
    let sum = 0;
    forEachEntry(rows, row, (a, weightA) =>
      forEachEntry(rows, row, (b, weightB) => (sum += weightA * weightB * (nodal[a * numNodes + b] ?? NaN))),
    );
    return sum;
  };
  return (cells, placeRows, places) => ({
    cells: Float64Array.from(cells.flatMap((a) => cells.map((b) => covariance(coarseRows, a, b)))),
    places: Float64Array.from(places.flatMap((place) => cells.map((cell) => covariance(placeRows, place, cell)))),
    placeVariances: Float64Array.from(places, (place) => variance(placeRows, place)),
  });
}

/** Row-major covariance of the field at the nodes. */
function nodalCovariance({ verticesKm, c0 }: Mesh, { variance, rangeKm }: Roughness): Float64Array {
  const numNodes = c0.length;
  const covariance = new Float64Array(numNodes * numNodes);
  for (let a = 0; a < numNodes; a += 1) {
    for (let b = 0; b <= a; b += 1) {
      const dx = float64At(verticesKm, 2 * a) - float64At(verticesKm, 2 * b);
      const dy = float64At(verticesKm, 2 * a + 1) - float64At(verticesKm, 2 * b + 1);
      const value = variance * maternCorrelation(Math.hypot(dx, dy), rangeKm);
      covariance[a * numNodes + b] = value;
      covariance[b * numNodes + a] = value;
    }
  }
  return covariance;
}

function forEachEntry(matrix: CsrMatrix, row: number, visit: (column: number, value: number) => void): void {
  const end = int32At(matrix.rowPointers, row + 1);
  for (let k = int32At(matrix.rowPointers, row); k < end; k += 1) {
    visit(matrix.columnIndices[k] ?? NaN, matrix.values[k] ?? NaN);
  }
}
