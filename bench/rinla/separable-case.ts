// SPDX-License-Identifier: Apache-2.0
/**
 * The three models of ../shared/data/rinla-reference as this engine takes them: separable AR(1) x Matern, with R-INLA's priors.
 *
 * @module
 */
import { readFile } from 'node:fs/promises';

import { tableFromIPC } from 'apache-arrow';

import type { CsrMatrix, Mesh } from '../../artifacts/schemas/mesh.js';
import { float64At } from '../../common/entry.js';
import { TramontanaError } from '../../common/errors.js';
import type { EngineModel, ThetaPrior } from '../../inference-core/host-ts/contract/engine-model.js';
import { readPlaneMesh } from '../core/plane-mesh.js';
import { sharedPath } from '../core/shared-data.js';
import { PIEMONTE_COVARIATES, readPiemonteTraining } from '../piemonte/stations.js';
import type { CaseName } from './reference.js';

export interface SeparableCase {
  readonly model: EngineModel;
  readonly mesh: Mesh;
  /** One for each column of the design. */
  readonly fixedEffectNames: readonly string[];
  /** Engine order. Rough figures from the data and the priors, as a user without a guess would take. */
  readonly initialTheta: readonly number[];
}

/** R-INLA's theta (log precision, log range, log sigma, rho_internal) to the engine's (log range, rho_internal, log sigma, log precision). */
export function engineOrder([precision = NaN, range = NaN, sigma = NaN, rho = NaN]: readonly number[]): number[] {
  return [range, rho, sigma, precision];
}

/** The engine's theta in R-INLA's order. */
export function referenceOrder([range = NaN, rho = NaN, sigma = NaN, precision = NaN]: ArrayLike<number> &
  Iterable<number>): number[] {
  return [precision, range, sigma, rho];
}

/** P(range < value) = probability. */
interface RangePrior {
  readonly value: number;
  readonly probability: number;
}

/** P(sigma > value) = probability. */
interface SigmaPrior {
  readonly value: number;
  readonly probability: number;
}

/** Priors of the README on the internal scale, engine order; R-INLA's default for rho_internal is N(0, 1/0.15). */
function separablePriors(range: RangePrior, sigma: SigmaPrior): ThetaPrior[] {
  return [
    { type: 'penalized-complexity', kind: 'spatial-range', lambda: -Math.log(range.probability) * range.value },
    { type: 'gaussian', mean: 0, precision: 0.15 },
    { type: 'penalized-complexity', kind: 'sigma', lambda: -Math.log(sigma.probability) / sigma.value },
    { type: 'log-gamma', shape: 1, rate: 5e-5 },
  ];
}

interface Observations {
  readonly y: Float64Array;
  readonly timeIndex: Int32Array;
  /** Vertex of the mesh at which each was made. */
  readonly vertex: Int32Array;
  /** Row-major. */
  readonly covariates: Float64Array;
  readonly numTimeSteps: number;
}

function atVertices(vertex: Int32Array, numVertices: number): CsrMatrix {
  return {
    numRows: vertex.length,
    numColumns: numVertices,
    rowPointers: Int32Array.from({ length: vertex.length + 1 }, (_, row) => row),
    columnIndices: vertex,
    values: new Float64Array(vertex.length).fill(1),
  };
}

function standardDeviation(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
}

function largestExtent({ verticesKm }: Mesh): number {
  const extent = (first: number): number => {
    const coordinates = verticesKm.filter((_, i) => i % 2 === first);
    return Math.max(...coordinates) - Math.min(...coordinates);
  };
  return Math.max(extent(0), extent(1));
}

function separableCase(
  mesh: Mesh,
  observations: Observations,
  fixedEffectNames: readonly string[],
  priors: readonly ThetaPrior[],
): SeparableCase {
  const { y, timeIndex, vertex, covariates, numTimeSteps } = observations;
  const projector = atVertices(vertex, mesh.c0.length);
  // Half of the variance for the field and half for the noise; a range of a fifth of the domain, correlation 1/2.
  const logSd = Math.log(standardDeviation(y) / Math.SQRT2);
  return {
    mesh,
    fixedEffectNames,
    initialTheta: [Math.log(largestExtent(mesh) / 5), Math.log(3), logSd, -2 * logSd],
    model: {
      kind: 'separable',
      manifold: 'plane',
      numTimeSteps,
      c0: mesh.c0,
      g1: mesh.g1,
      observations: [{ y, timeIndex, projector, covariates, numCovariates: fixedEffectNames.length }],
      fixedEffectsPriorPrecision: 0.001,
      priors,
    },
  };
}

const referencePath = (file: string): string => sharedPath('data', 'rinla-reference', file);

/** Simulated observations: rows without y are missing. */
async function readSimulated(path: string): Promise<Observations> {
  const table = tableFromIPC(await readFile(path));
  const column = (name: string): ((row: number) => number | null) => {
    const vector = table.getChild(name);
    if (vector === null) {
      throw new TramontanaError('Bench.MalformedTable', `${path}: expected a column ${name}, got none`, {
        facts: { path, column: name },
      });
    }
    return (row) => {
      const value: unknown = vector.get(row);
      return value === null ? null : Number(value);
    };
  };
  const [time, node, x, y] = [column('time'), column('node'), column('x'), column('y')];
  const all = Array.from({ length: table.numRows }, (_, row) => row);
  const observed = all.filter((row) => y(row) !== null);
  const values = (of: (row: number) => number | null): number[] => observed.map((row) => of(row) ?? NaN);
  return {
    y: Float64Array.from(values(y)),
    timeIndex: Int32Array.from(values(time)),
    vertex: Int32Array.from(values(node)),
    covariates: Float64Array.from(values(x).flatMap((value) => [1, value])),
    numTimeSteps: 1 + Math.max(...all.map((row) => time(row) ?? 0)),
  };
}

async function simulatedCase(name: 'B600' | 'B1100'): Promise<SeparableCase> {
  const mesh = await readPlaneMesh(
    referencePath(`${name}_mesh_vertices.csv`),
    referencePath(`${name}_mesh_triangles.csv`),
  );
  const observations = await readSimulated(referencePath(`${name}_obs.arrow`));
  const priors = separablePriors({ value: 1, probability: 0.05 }, { value: 3, probability: 0.05 });
  return separableCase(mesh, observations, ['b0', 'b1'], priors);
}

/** The vertex at each place; the 24 stations are vertices of their mesh. */
function vertexAt({ verticesKm }: Mesh, xKm: number, yKm: number): number {
  for (let vertex = 0; vertex < verticesKm.length / 2; vertex += 1) {
    const distance = Math.hypot(float64At(verticesKm, 2 * vertex) - xKm, float64At(verticesKm, 2 * vertex + 1) - yKm);
    // Coordinates are written with metres.
    if (distance < 1e-3) return vertex;
  }
  throw new TramontanaError('Bench.NotAVertex', `expected a vertex of the mesh at ${xKm}, ${yKm} km, got none`, {
    facts: { xKm, yKm },
  });
}

/** On the mesh of the reference run, or on what `remesh` makes of it. */
export async function piemonteCase(remesh: (mesh: Mesh) => Mesh = (mesh) => mesh): Promise<SeparableCase> {
  const mesh = remesh(
    await readPlaneMesh(referencePath('piemonte_mesh_vertices_km.csv'), referencePath('piemonte_mesh_triangles.csv')),
  );
  const stations = await readPiemonteTraining();
  const observed = stations.rows.filter(({ logPm10 }) => logPm10 !== undefined);
  const observations: Observations = {
    y: Float64Array.from(observed, ({ logPm10 }) => logPm10 ?? NaN),
    timeIndex: Int32Array.from(observed, ({ day }) => day),
    vertex: Int32Array.from(observed, ({ xKm, yKm }) => vertexAt(mesh, xKm, yKm)),
    covariates: Float64Array.from(observed.flatMap(({ covariates }) => [1, ...covariates])),
    numTimeSteps: stations.numDays,
  };
  const priors = separablePriors({ value: 100, probability: 0.1 }, { value: 1, probability: 0.5 });
  return separableCase(mesh, observations, ['Int', ...PIEMONTE_COVARIATES], priors);
}

/** Reads a case from ../shared. */
export function readCase(name: CaseName): Promise<SeparableCase> {
  return name === 'Piemonte' ? piemonteCase() : simulatedCase(name);
}
