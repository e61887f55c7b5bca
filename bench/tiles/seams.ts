// SPDX-License-Identifier: Apache-2.0
import h5wasm, { Dataset } from 'h5wasm/node';

import { float64At } from '../../common/entry.js';

/** A map of tiles beside that of one rectangle, in posterior sds of the latter. */
export interface SeamFigures {
  /** Of the differences between the two maps: how much tiles matter at all. */
  readonly rmsDifferenceSds: number;
  /** Largest change of that difference from a cell to its neighbour: a seam, wherever it may lie. */
  readonly largestJumpSds: number;
}

/** Compares a variable of two forecast.nc over the days up to `numDays`. */
export async function compareMaps(
  tiled: string,
  whole: string,
  pollutant: string,
  numDays: number,
): Promise<SeamFigures> {
  await h5wasm.ready;
  const [mean, ofWhole, sd] = [
    read(tiled, `${pollutant}_mean`),
    read(whole, `${pollutant}_mean`),
    read(whole, `${pollutant}_sd`),
  ];
  const [, numRows = 0, numColumns = 0] = mean.shape;
  const cells = numRows * numColumns;
  const difference = (index: number): number =>
    (float64At(mean.values, index) - float64At(ofWhole.values, index)) / float64At(sd.values, index);
  let squares = 0;
  let jump = 0;
  for (let index = 0; index < numDays * cells; index += 1) {
    const here = difference(index);
    squares += here ** 2;
    if (index % numColumns > 0) jump = Math.max(jump, Math.abs(here - difference(index - 1)));
    if (index % cells >= numColumns) jump = Math.max(jump, Math.abs(here - difference(index - numColumns)));
  }
  return { rmsDifferenceSds: Math.sqrt(squares / (numDays * cells)), largestJumpSds: jump };
}

function read(path: string, name: string): { readonly values: Float64Array; readonly shape: readonly number[] } {
  const file = new h5wasm.File(path, 'r');
  try {
    const found = file.get(name);
    if (!(found instanceof Dataset) || !(found.value instanceof Float32Array))
      throw new Error(`${path}: no variable ${name}`);
    return { values: Float64Array.from(found.value), shape: found.shape ?? [] };
  } finally {
    file.close();
  }
}
