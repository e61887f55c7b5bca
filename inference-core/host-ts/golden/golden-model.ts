// SPDX-License-Identifier: Apache-2.0
import type { CsrMatrix } from '../../../artifacts/schemas/mesh.js';
import { entry, int32At } from '../../../common/entry.js';
import { TramontanaError } from '../../../common/errors.js';
import type { EngineModel, ObservationGroup, TemporalMatrices } from '../contract/engine-model.js';
import type { GoldenCase } from './golden-case.js';
import type { NpzFile } from '../codec/npz.js';

interface Triplet {
  readonly row: number;
  readonly column: number;
  readonly value: number;
}

interface TripletMatrix {
  readonly numRows: number;
  readonly numColumns: number;
  /** Sorted by row and column, without zeros and without duplicates (their values are added). */
  readonly entries: readonly Triplet[];
}

function unexpected(source: string, message: string): TramontanaError {
  return new TramontanaError('Golden.NotACase', `${source}: ${message}`, { facts: { source } });
}

/** Reads `<name>_i, <name>_j, <name>_v, <name>_shape`. */
function readTriplets(inputs: NpzFile, name: string): TripletMatrix {
  const rows = inputs.get(`${name}_i`).values;
  const columns = inputs.get(`${name}_j`).values;
  const values = inputs.get(`${name}_v`).values;
  const [numRows = 0, numColumns = 0] = inputs.get(`${name}_shape`).values;
  if (rows.length !== values.length || columns.length !== values.length) {
    throw unexpected(inputs.path, `${name}: expected as many rows and columns as values (${values.length})`);
  }
  const sums = new Map<number, number>();
  values.forEach((value, index) => {
    const row = entry(rows, index);
    const column = entry(columns, index);
    if (row < 0 || row >= numRows || column < 0 || column >= numColumns) {
      throw unexpected(inputs.path, `${name}: entry (${row}, ${column}) is outside (${numRows}, ${numColumns})`);
    }
    const key = row * numColumns + column;
    sums.set(key, (sums.get(key) ?? 0) + value);
  });
  const entries = [...sums]
    .filter(([, value]) => value !== 0)
    .sort(([a], [b]) => a - b)
    .map(([key, value]) => ({ row: Math.floor(key / numColumns), column: key % numColumns, value }));
  return { numRows, numColumns, entries };
}

/** @param entries - sorted by row and column */
function toCsr(numRows: number, numColumns: number, entries: readonly Triplet[]): CsrMatrix {
  const rowPointers = new Int32Array(numRows + 1);
  for (const { row } of entries) rowPointers[row + 1] = int32At(rowPointers, row + 1) + 1;
  for (let row = 0; row < numRows; row += 1) {
    rowPointers[row + 1] = int32At(rowPointers, row + 1) + int32At(rowPointers, row);
  }
  return {
    numRows,
    numColumns,
    rowPointers,
    columnIndices: Int32Array.from(entries, (entry) => entry.column),
    values: Float64Array.from(entries, (entry) => entry.value),
  };
}

function checkShape(inputs: NpzFile, name: string, matrix: TripletMatrix, size: number): void {
  if (matrix.numRows === size && matrix.numColumns === size) return;
  const found = `(${matrix.numRows}, ${matrix.numColumns})`;
  throw unexpected(inputs.path, `${name}: expected shape (${size}, ${size}), got ${found}`);
}

/** A band of a square matrix: offset 0 is the diagonal, 1 the one above it. */
function band(matrix: TripletMatrix, offset: number): Float64Array {
  const values = new Float64Array(matrix.numRows - offset);
  for (const { row, column, value } of matrix.entries) if (column - row === offset) values[row] = value;
  return values;
}

function readBanded(inputs: NpzFile, name: string, size: number, bandwidth: number): TripletMatrix {
  const matrix = readTriplets(inputs, name);
  checkShape(inputs, name, matrix, size);
  const outside = matrix.entries.find(({ row, column }) => Math.abs(row - column) > bandwidth);
  if (outside === undefined) return matrix;
  throw unexpected(
    inputs.path,
    `${name}: expected ${bandwidth === 0 ? 'a diagonal' : 'a tridiagonal'} matrix, got an entry at (${outside.row}, ${outside.column})`,
  );
}

/** A symmetric matrix may come as one triangle. */
function readSymmetric(inputs: NpzFile, name: string, size: number): CsrMatrix {
  const matrix = readTriplets(inputs, name);
  checkShape(inputs, name, matrix, size);
  const upper = matrix.entries.filter(({ row, column }) => row < column);
  const lower = matrix.entries.filter(({ row, column }) => row > column);
  if (upper.length > 0 && lower.length > 0) return toCsr(size, size, matrix.entries);
  const mirrored = [...upper, ...lower].map(({ row, column, value }) => ({ row: column, column: row, value }));
  const all = [...matrix.entries, ...mirrored].sort((a, b) => a.row - b.row || a.column - b.column);
  return toCsr(size, size, all);
}

function readTemporal(inputs: NpzFile, numTimeSteps: number): TemporalMatrices {
  const m2 = readBanded(inputs, 'm2', numTimeSteps, 1);
  const above = band(m2, 1);
  return {
    m0: band(readBanded(inputs, 'm0', numTimeSteps, 0), 0),
    m1: band(readBanded(inputs, 'm1', numTimeSteps, 0), 0),
    m2Diagonal: band(m2, 0),
    m2OffDiagonal: above,
  };
}

/** First row of each pollutant in y, and the end. */
function rowBounds(golden: GoldenCase, inputs: NpzFile, numObservations: number): number[] {
  const { numProcesses, observationsPerProcess } = golden;
  const processes = Array.from({ length: numProcesses }, (_, process) => process);
  const counts =
    observationsPerProcess ??
    processes.map((process) =>
      inputs.has(`y_${process}`) ? inputs.get(`y_${process}`).values.length : numObservations / numProcesses,
    );
  const bounds = [0];
  for (const length of counts) bounds.push((bounds.at(-1) ?? 0) + length);
  if (counts.length === numProcesses && bounds.at(-1) === numObservations) return bounds;
  throw unexpected(
    inputs.path,
    `y: expected ${numProcesses} groups, together ${numObservations} long, got ${counts.join(' + ')}`,
  );
}

function unsupported(inputs: NpzFile, message: string): TramontanaError {
  return new TramontanaError('Golden.Unsupported', `${inputs.path}: ${message}`, { facts: { path: inputs.path } });
}

/** Which pollutant each column of fixed effects belongs to: the one whose observations it touches. */
function ownersOfFixedEffects(
  inputs: NpzFile,
  entries: readonly Triplet[],
  numField: number,
  numFixed: number,
  processOfRow: (row: number) => number,
): number[] {
  const owners: (number | undefined)[] = Array.from({ length: numFixed }, () => undefined);
  for (const { row, column } of entries) {
    if (column < numField) continue;
    const process = processOfRow(row);
    const owner = owners[column - numField];
    if (owner !== undefined && owner !== process) {
      throw unsupported(
        inputs,
        `A: fixed effect ${column - numField} acts on pollutants ${owner} and ${process}, expected one`,
      );
    }
    owners[column - numField] = process;
  }
  // a column of zeros acts on nothing, wherever it is put: with the effect before it
  let previous = 0;
  return owners.map((owner, effect) => {
    const process = owner ?? previous;
    if (process < previous) throw unsupported(inputs, `A: fixed effect ${effect} is out of the order of pollutants`);
    previous = process;
    return process;
  });
}

/**
 * Splits the joint observation matrix A (columns: for each time step, for each pollutant, the nodes; then fixed effects) into groups
 * of observations with time index, projector and covariates. Stored zeros count for nothing.
 */
function readObservations(golden: GoldenCase, inputs: NpzFile): ObservationGroup[] {
  const { numNodes, numTimeSteps, numProcesses } = golden;
  const matrix = readTriplets(inputs, 'A');
  const y = Float64Array.from(inputs.get('y').values);
  if (matrix.numRows !== y.length) {
    throw unexpected(inputs.path, `A: expected ${y.length} rows as y, got ${matrix.numRows}`);
  }
  const stepSize = numNodes * numProcesses;
  const numField = stepSize * numTimeSteps;
  const numFixed = matrix.numColumns - numField;
  if (numFixed < 0) throw unexpected(inputs.path, `A: expected at least ${numField} columns, got ${matrix.numColumns}`);
  const bounds = rowBounds(golden, inputs, y.length);
  const processOfRow = (row: number): number => bounds.findIndex((bound) => row < bound) - 1;
  const owners = ownersOfFixedEffects(inputs, matrix.entries, numField, numFixed, processOfRow);

  const timeOfRow = new Int32Array(y.length).fill(-1);
  const projectors: Triplet[][] = Array.from({ length: numProcesses }, () => []);
  const firstEffect = Array.from(
    { length: numProcesses },
    (_, process) => owners.filter((owner) => owner < process).length,
  );
  const numCovariates = Array.from(
    { length: numProcesses },
    (_, process) => owners.filter((o) => o === process).length,
  );
  const covariates = numCovariates.map(
    (size, process) => new Float64Array(size * (entry(bounds, process + 1) - entry(bounds, process))),
  );
  for (const { row, column, value } of matrix.entries) {
    const process = processOfRow(row);
    const localRow = row - entry(bounds, process);
    if (column >= numField) {
      const effect = column - numField - entry(firstEffect, process);
      const target = covariates[process];
      if (target !== undefined) target[localRow * entry(numCovariates, process) + effect] = value;
      continue;
    }
    const time = Math.floor(column / stepSize);
    const fieldProcess = Math.floor((column % stepSize) / numNodes);
    if (fieldProcess !== process || (timeOfRow[row] !== -1 && timeOfRow[row] !== time)) {
      throw unsupported(
        inputs,
        `A: observation ${row} of pollutant ${process} sees pollutant ${fieldProcess} at time step ${time}; expected its own pollutant at one time step`,
      );
    }
    timeOfRow[row] = time;
    projectors[process]?.push({ row: localRow, column: column % numNodes, value });
  }
  return projectors.map((entries, process) => {
    const [start, end] = [entry(bounds, process), entry(bounds, process + 1)];
    return {
      likelihood: golden.likelihood,
      y: y.slice(start, end),
      // an observation of fixed effects alone may stand at any time step
      timeIndex: timeOfRow.slice(start, end).map((time) => Math.max(0, time)),
      projector: toCsr(end - start, numNodes, entries),
      covariates: entry(covariates, process),
      numCovariates: entry(numCovariates, process),
      // `e` holds the exposures of counts
      ...(golden.likelihood === 'poisson' && inputs.has('e')
        ? { exposure: Float64Array.from(inputs.get('e').values).slice(start, end) }
        : {}),
    };
  });
}

/**
 * Builds the engine's model of a golden case.
 *
 * @throws TramontanaError `Golden.NotACase` when the arrays do not fit together, `Golden.Unsupported` when they describe a model that the
 *   engine does not have
 */
export function buildGoldenModel(golden: GoldenCase, inputs: NpzFile): EngineModel {
  const { numNodes, numTimeSteps, sphereSeriesTerms } = golden;
  return {
    kind: golden.model,
    manifold: golden.manifold,
    ...(sphereSeriesTerms === undefined ? {} : { sphereSeriesTerms }),
    numTimeSteps,
    c0: band(readBanded(inputs, 'c0', numNodes, 0), 0),
    g1: readSymmetric(inputs, 'g1', numNodes),
    ...(golden.model === 'spatial' ? {} : { temporal: readTemporal(inputs, numTimeSteps) }),
    observations: readObservations(golden, inputs),
    fixedEffectsPriorPrecision: golden.fixedEffectsPriorPrecision,
    priors: golden.priors,
  };
}
