// SPDX-License-Identifier: Apache-2.0
/**
 * Correlation x K1(x), x = sqrt(8) d / range, of a Matern field with smoothness 1: the spatial margin of the model's fields
 * [Lindgren2024]. K1 by the polynomials of [Abramowitz1972, 9.8.3, 9.8.7, 9.8.8]; absolute error below 1e-7.
 */
export function maternCorrelation(distanceKm: number, rangeKm: number): number {
  const x = (Math.sqrt(8) * distanceKm) / rangeKm;
  if (x < 1e-8) return 1;
  if (x <= 2) {
    const t = (x / 3.75) ** 2;
    const i1 = x * horner(t, [0.5, 0.87890594, 0.51498869, 0.15084934, 0.02658733, 0.00301532, 0.00032411]);
    const q = (x / 2) ** 2;
    return (
      x * Math.log(x / 2) * i1 +
      horner(q, [1, 0.15443144, -0.67278579, -0.18156897, -0.01919402, -0.00110404, -0.00004686])
    );
  }
  const s = 2 / x;
  const series = horner(s, [1.25331414, 0.23498619, -0.0365562, 0.01504268, -0.00780353, 0.00325614, -0.00068245]);
  return Math.sqrt(x) * Math.exp(-x) * series;
}

function horner(x: number, coefficients: readonly number[]): number {
  return coefficients.reduceRight((sum, coefficient) => sum * x + coefficient, 0);
}
