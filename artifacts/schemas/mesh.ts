// SPDX-License-Identifier: Apache-2.0
/** Compressed sparse row matrix; column indices ascend within a row. */
export interface CsrMatrix {
  readonly numRows: number;
  readonly numColumns: number;
  /** Length numRows + 1. */
  readonly rowPointers: Int32Array;
  readonly columnIndices: Int32Array;
  readonly values: Float64Array;
}

/** A triangulation in a local planar projection with its P1 finite-element matrices [Lindgren2011]. */
export interface Mesh {
  /** PROJ string of the planar projection, units km. */
  readonly projection: string;
  /** Interleaved x, y in km; length 2 n_s. */
  readonly verticesKm: Float64Array;
  /** Vertex indices, counter-clockwise; length 3 n_triangles. */
  readonly triangles: Int32Array;
  /** 1 for vertices inside the domain, 0 in the extension; length n_s. */
  readonly interior: Uint8Array;
  /** Lumped mass (diagonal) in km^2; length n_s. */
  readonly c0: Float64Array;
  /** Stiffness matrix, dimensionless, both triangles stored. */
  readonly g1: CsrMatrix;
}

/** Eigen-decomposition of K = C0^-1/2 G1 C0^-1/2 = V diag(eigenvalues) V'. */
export interface SpectralBasis {
  /** Ascending, in km^-2; length n_s. */
  readonly eigenvalues: Float64Array;
  /** Column-major n_s x n_s; column j belongs to eigenvalues[j]. */
  readonly eigenvectors: Float64Array;
}
