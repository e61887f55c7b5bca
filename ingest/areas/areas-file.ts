// SPDX-License-Identifier: Apache-2.0
import type { AreaOutline } from '../../artifacts/schemas/area-outline.js';

/** Areas of a file that touch a box, in the order of the file. */
export interface AreasFile {
  readonly areas: readonly AreaOutline[];
  /** Areas of the file that do not. */
  readonly numBeyond: number;
}
