// SPDX-License-Identifier: Apache-2.0
import type { FieldOrigin } from '../../artifacts/schemas/gridded-field.js';
import type { FieldSource } from '../labelled-field.js';
import type { QualityIssue } from '../quality/issue.js';
import { openCamsFile } from './cams-file.js';

/** What a CAMS file says about time. */
export interface CamsTimes {
  /** Ascending, each once, ms since 1970. */
  readonly timesMs: Float64Array;
  /** Of each time. */
  readonly origins: readonly FieldOrigin[];
  /** Start of the run of each time, NaN where the file does not say; absent for what is no forecast. */
  readonly runTimesMs?: Float64Array;
  readonly sources: readonly FieldSource[];
  readonly issues: readonly QualityIssue[];
}

/**
 * Reads the times of a CAMS file, with the origin and the run of each, and no values: the coordinates are a few kilobytes of a
 * file of any size. They are those of readCamsFile.
 *
 * @throws TramontanaError as openCamsFile
 */
export async function readCamsTimes(path: string, options: { readonly signal?: AbortSignal } = {}): Promise<CamsTimes> {
  const cams = await openCamsFile(path, options);
  try {
    const { product, variables, issues } = cams;
    const concentration = variables.find((source) => source.match.quantity === 'concentration') ?? variables[0];
    const { timesMs, runTimesMs } = concentration?.grid.times ?? { timesMs: new Float64Array(), runTimesMs: [] };
    const hasRuns = product.origin === 'forecast' && runTimesMs.some((run) => !Number.isNaN(run));
    return {
      timesMs,
      origins: Array.from(timesMs, () => product.origin),
      ...(hasRuns ? { runTimesMs: Float64Array.from(runTimesMs) } : {}),
      sources: [{ file: path, format: cams.file.format, layout: product.layout, origin: product.origin }],
      issues,
    };
  } finally {
    await cams.close();
  }
}
