// SPDX-License-Identifier: Apache-2.0
import type { PollutantId } from '../../common/pollutants.js';
import type { ExposureRecord } from '../headline.js';
import type { Evaluation, ProductInputs, StageReport } from '../product-types.js';

/** A rendered map of one pollutant, quantity and day. */
export interface ReportMap {
  readonly pollutant: PollutantId;
  readonly quantity: string;
  /** UTC day, YYYY-MM-DD. */
  readonly day: string;
  /** File name relative to the report. */
  readonly path: string;
  readonly png: Uint8Array;
}

export interface ReportInputs {
  readonly inputs: ProductInputs;
  readonly exceedance: readonly ExposureRecord[];
  readonly evaluation?: Evaluation;
  /** All stages, publishing included as far as it is known. */
  readonly stages: readonly StageReport[];
  readonly maps: readonly ReportMap[];
  /** Coarse and fine side by side, one a pollutant. */
  readonly comparisons: readonly ReportMap[];
  readonly meshPng?: Uint8Array;
}
