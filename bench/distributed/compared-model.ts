// SPDX-License-Identifier: Apache-2.0
/** A space-time model of bench/native/grid_model.hpp. */
export interface ModelSize {
  readonly nodes: number;
  readonly steps: number;
  readonly processes: number;
}

/** Seconds on some ranks beside those on one. */
export interface RanksRow {
  readonly layer: string;
  readonly model: string;
  readonly n: number;
  readonly n_t: number;
  readonly ranks: number;
  readonly seconds: number;
  /** Of one rank; of one process, with the order of one side and the same threads. */
  readonly secondsOneRank: number;
  readonly speedup: number;
}
