// SPDX-License-Identifier: Apache-2.0
import { entry, int32At } from '../common/entry.js';
import type { CsrMatrix } from '../artifacts/schemas/mesh.js';

/**
 * Builds a CSR matrix row by row; repeated columns of a row are summed, columns come out ascending.
 * Sums run in the order of insertion, so equal input gives equal bits.
 */
export class CsrBuilder {
  private readonly columnIndices: number[] = [];
  private readonly values: number[] = [];
  private readonly rowPointers: number[] = [0];
  private readonly row = new Map<number, number>();

  constructor(private readonly numColumns: number) {}

  /** Adds to one entry of the current row. */
  add(column: number, value: number): void {
    this.row.set(column, (this.row.get(column) ?? 0) + value);
  }

  /** Closes the current row; zero entries are dropped. */
  endRow(): void {
    const columns = [...this.row.keys()].sort((a, b) => a - b);
    for (const column of columns) {
      const value = this.row.get(column) ?? 0;
      if (value === 0) continue;
      this.columnIndices.push(column);
      this.values.push(value);
    }
    this.rowPointers.push(this.columnIndices.length);
    this.row.clear();
  }

  build(): CsrMatrix {
    return {
      numRows: this.rowPointers.length - 1,
      numColumns: this.numColumns,
      rowPointers: Int32Array.from(this.rowPointers),
      columnIndices: Int32Array.from(this.columnIndices),
      values: Float64Array.from(this.values),
    };
  }
}

/** Matrix times vector; `vector` has numColumns entries, the result numRows. */
export function multiplyCsr(matrix: CsrMatrix, vector: ArrayLike<number>): Float64Array {
  const result = new Float64Array(matrix.numRows);
  for (let row = 0; row < matrix.numRows; row += 1) {
    let sum = 0;
    const end = int32At(matrix.rowPointers, row + 1);
    for (let k = int32At(matrix.rowPointers, row); k < end; k += 1) {
      sum += (matrix.values[k] ?? NaN) * (vector[matrix.columnIndices[k] ?? NaN] ?? NaN);
    }
    result[row] = sum;
  }
  return result;
}

/** The given rows of a matrix, in that order; a row may be taken more than once. */
export function takeCsrRows(matrix: CsrMatrix, rows: ArrayLike<number>): CsrMatrix {
  const rowPointers = new Int32Array(rows.length + 1);
  for (let i = 0; i < rows.length; i += 1) {
    const row = entry(rows, i);
    rowPointers[i + 1] =
      int32At(rowPointers, i) + int32At(matrix.rowPointers, row + 1) - int32At(matrix.rowPointers, row);
  }
  const numValues = int32At(rowPointers, rows.length);
  const columnIndices = new Int32Array(numValues);
  const values = new Float64Array(numValues);
  for (let i = 0; i < rows.length; i += 1) {
    const row = entry(rows, i);
    const start = int32At(matrix.rowPointers, row);
    const end = int32At(matrix.rowPointers, row + 1);
    columnIndices.set(matrix.columnIndices.subarray(start, end), int32At(rowPointers, i));
    values.set(matrix.values.subarray(start, end), int32At(rowPointers, i));
  }
  return { numRows: rows.length, numColumns: matrix.numColumns, rowPointers, columnIndices, values };
}
