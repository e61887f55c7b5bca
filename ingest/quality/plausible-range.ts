// SPDX-License-Identifier: Apache-2.0
/** Concentrations outside of which a value is a mistake rather than weather, ug m-3. */
export interface PlausibleRange {
  /** Highest hourly value that a 0.1 to 0.75 degree model cell may have, dust storms and volcanoes included. */
  readonly maximum: number;
  /** A mean below this tells of a wrong unit (kg taken as ug is 1e-9 of the truth), not of clean air. */
  readonly minimumMean: number;
}

const RANGES: Readonly<Record<string, PlausibleRange>> = {
  pm2_5: { maximum: 3000, minimumMean: 1e-3 },
  pm10: { maximum: 10_000, minimumMean: 1e-3 },
  pm1: { maximum: 3000, minimumMean: 1e-3 },
  o3: { maximum: 600, minimumMean: 1e-2 },
  no2: { maximum: 1000, minimumMean: 1e-5 },
  no: { maximum: 2000, minimumMean: 1e-7 },
  so2: { maximum: 10_000, minimumMean: 1e-6 },
  co: { maximum: 50_000, minimumMean: 1 },
};

/** Range of a species; undefined where we claim nothing. */
export function plausibleRange(species: string): PlausibleRange | undefined {
  return RANGES[species];
}
