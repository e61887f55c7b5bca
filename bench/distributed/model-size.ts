// SPDX-License-Identifier: Apache-2.0
/** A space-time model of bench/native/grid_model.hpp. */
export interface ModelSize {
  readonly nodes: number;
  readonly steps: number;
  readonly processes: number;
}
