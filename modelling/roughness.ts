// SPDX-License-Identifier: Apache-2.0
import { maternCorrelation } from './matern.js';

/** A Matern field with smoothness 1. */
export interface Roughness {
  readonly variance: number;
  readonly rangeKm: number;
}

export interface RoughnessInputs {
  /** Of cell means, noise excluded. */
  readonly variance: number;
  /** Of neighbouring cell means, noise excluded. */
  readonly semivariance: number;
  readonly widthKm: number;
  readonly heightKm: number;
}

/**
 * The Matern field whose cell means have the given variance and semivariance between neighbours (mean of both directions).
 *
 * @returns undefined when there is no semivariance to match: the field is smooth at the size of a cell
 */
export function matchRoughness({ variance, semivariance, widthKm, heightKm }: RoughnessInputs): Roughness | undefined {
  if (!(variance > 0) || !(semivariance > 1e-6 * variance)) return undefined;
  // Cell means that are almost independent: the range is about a cell, and shorter ones cannot be told from noise.
  const wanted = Math.min(semivariance / variance, 0.8);
  const relative = (rangeKm: number): number => {
    const covariance = (dx: number, dy: number): number =>
      meanCorrelation([widthKm, heightKm], [widthKm, heightKm], dx, dy, rangeKm);
    const own = covariance(0, 0);
    return 1 - (covariance(widthKm, 0) + covariance(0, heightKm)) / (2 * own);
  };
  let [shorter, longer] = [0.1 * widthKm, 1e4 * widthKm];
  for (let step = 0; step < 60; step += 1) {
    const middle = Math.sqrt(shorter * longer);
    if (relative(middle) > wanted) shorter = middle;
    else longer = middle;
  }
  const rangeKm = Math.sqrt(shorter * longer);
  return { variance: variance / meanCorrelation([widthKm, heightKm], [widthKm, heightKm], 0, 0, rangeKm), rangeKm };
}

type Size = readonly [widthKm: number, heightKm: number];

/**
 * Mean correlation between the points of two rectangles whose centres are (dx, dy) apart. One is represented by 4 x 4, the
 * other by 3 x 3 sub-points, so that no two coincide where the rectangles do.
 */
export function meanCorrelation(first: Size, second: Size, dx: number, dy: number, rangeKm: number): number {
  let sum = 0;
  for (let a = 0; a < 4; a += 1) {
    for (let b = 0; b < 4; b += 1) {
      const x = ((a + 0.5) / 4 - 0.5) * first[0];
      const y = ((b + 0.5) / 4 - 0.5) * first[1];
      for (let c = 0; c < 3; c += 1) {
        for (let d = 0; d < 3; d += 1) {
          const u = dx + ((c + 0.5) / 3 - 0.5) * second[0];
          const v = dy + ((d + 0.5) / 3 - 0.5) * second[1];
          sum += maternCorrelation(Math.hypot(u - x, v - y), rangeKm);
        }
      }
    }
  }
  return sum / 144;
}
