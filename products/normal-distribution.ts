// SPDX-License-Identifier: Apache-2.0
/**
 * Standard normal distribution, accurate in both tails: probabilities of rare exceedances are products of ours,
 * so 1e-9 must be as right as 0.5.
 *
 * @module
 */
import { TramontanaError } from '../common/errors.js';

/** Quantile of order 0.975; half-width of a central 95 % interval in standard deviations. */
export const NORMAL_QUANTILE_975 = 1.959963984540054;

const INVERSE_SQRT_PI = 0.5641895835477563;
const INVERSE_SQRT_2 = Math.SQRT1_2;

/** Rational approximations of erf and erfc in three ranges [Cody1969]; numerator, denominator by descending power. */
const ERF_SMALL = {
  numerator: [
    1.85777706184603153e-1, 3.1611237438705656, 1.13864154151050156e2, 3.77485237685302021e2, 3.20937758913846947e3,
  ],
  denominator: [1, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3],
};
const ERFC_MIDDLE = {
  numerator: [
    2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594, 6.61191906371416295e1, 2.98635138197400131e2,
    8.8195222124176909e2, 1.71204761263407058e3, 2.05107837782607147e3, 1.23033935479799725e3,
  ],
  denominator: [
    1, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2, 1.62138957456669019e3,
    3.29079923573345963e3, 4.36261909014324716e3, 3.43936767414372164e3, 1.23033935480374942e3,
  ],
};
const ERFC_LARGE = {
  numerator: [
    1.63153871373020978e-2, 3.05326634961232344e-1, 3.60344899949804439e-1, 1.25781726111229246e-1,
    1.60837851487422766e-2, 6.58749161529837803e-4,
  ],
  denominator: [
    1, 2.56852019228982242, 1.87295284992346725, 5.27905102951428412e-1, 6.05183413124413191e-2, 2.33520497626869185e-3,
  ],
};

/**
 * Complementary error function, relative error below 1e-14 where the result is a normal number [Cody1969].
 */
export function complementaryErrorFunction(x: number): number {
  if (Number.isNaN(x)) return Number.NaN;
  const magnitude = Math.abs(x);
  if (magnitude <= 0.46875) {
    return 1 - x * ratio(ERF_SMALL.numerator, ERF_SMALL.denominator, x * x);
  }
  const tail = magnitude > 27 ? 0 : upperTail(magnitude);
  return x < 0 ? 2 - tail : tail;
}

/**
 * P(Z <= z) of a standard normal Z: 1/2 erfc(-z / sqrt 2). The lower tail keeps its relative accuracy; for the upper
 * tail call `normalSurvival`, not 1 minus this.
 */
export function normalCdf(z: number): number {
  return 0.5 * complementaryErrorFunction(-z * INVERSE_SQRT_2);
}

/** P(Z > z) of a standard normal Z, without cancellation in the upper tail. */
export function normalSurvival(z: number): number {
  return 0.5 * complementaryErrorFunction(z * INVERSE_SQRT_2);
}

/** Coefficients of PPND16 by descending power [Wichura1988, AS 241]. */
const QUANTILE_CENTRE = {
  numerator: [
    2.5090809287301226727e3, 3.3430575583588128105e4, 6.7265770927008700853e4, 4.5921953931549871457e4,
    1.3731693765509461125e4, 1.9715909503065514427e3, 1.3314166789178437745e2, 3.387132872796366608,
  ],
  denominator: [
    5.226495278852854561e3, 2.8729085735721942674e4, 3.930789580009271061e4, 2.1213794301586595867e4,
    5.3941960214247511077e3, 6.871870074920579083e2, 4.2313330701600911252e1, 1,
  ],
};
const QUANTILE_MIDDLE = {
  numerator: [
    7.7454501427834140764e-4, 2.27238449892691845833e-2, 2.4178072517745061177e-1, 1.27045825245236838258,
    3.64784832476320460504, 5.7694972214606914055, 4.6303378461565452959, 1.42343711074968357734,
  ],
  denominator: [
    1.05075007164441684324e-9, 5.475938084995344946e-4, 1.51986665636164571966e-2, 1.4810397642748007459e-1,
    6.8976733498510000455e-1, 1.6763848301838038494, 2.05319162663775882187, 1,
  ],
};
const QUANTILE_TAIL = {
  numerator: [
    2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.2426609473880784386e-3, 2.6532189526576123093e-2,
    2.9656057182850489123e-1, 1.7848265399172913358, 5.4637849111641143699, 6.6579046435011037772,
  ],
  denominator: [
    2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5, 7.868691311456132591e-4,
    1.48753612908506148525e-2, 1.3692988092273580531e-1, 5.9983220655588793769e-1, 1,
  ],
};

/**
 * Quantile of the standard normal distribution, relative error about 1e-15 [Wichura1988, AS 241].
 *
 * @param probability - In (0, 1).
 * @throws {TramontanaError} `Products.ProbabilityOutOfRange`.
 */
export function normalQuantile(probability: number): number {
  if (!(probability > 0 && probability < 1)) {
    throw new TramontanaError(
      'Products.ProbabilityOutOfRange',
      `normalQuantile: the probability must lie between 0 and 1, both excluded, got ${probability}`,
      { facts: { probability } },
    );
  }
  const centred = probability - 0.5;
  if (Math.abs(centred) <= 0.425) {
    return centred * ratio(QUANTILE_CENTRE.numerator, QUANTILE_CENTRE.denominator, 0.180625 - centred * centred);
  }
  const distance = Math.sqrt(-Math.log(centred < 0 ? probability : 1 - probability));
  const size =
    distance <= 5
      ? ratio(QUANTILE_MIDDLE.numerator, QUANTILE_MIDDLE.denominator, distance - 1.6)
      : ratio(QUANTILE_TAIL.numerator, QUANTILE_TAIL.denominator, distance - 5);
  return centred < 0 ? -size : size;
}

/** erfc of a number above 0.46875. */
function upperTail(x: number): number {
  // exp(-x^2) in two factors: x^2 rounds to a number whose error exp() would magnify.
  const coarse = Math.trunc(x * 16) / 16;
  const scale = Math.exp(-coarse * coarse) * Math.exp(-(x - coarse) * (x + coarse));
  if (x <= 4) return scale * ratio(ERFC_MIDDLE.numerator, ERFC_MIDDLE.denominator, x);
  const inverseSquare = 1 / (x * x);
  const correction = inverseSquare * ratio(ERFC_LARGE.numerator, ERFC_LARGE.denominator, inverseSquare);
  return (scale * (INVERSE_SQRT_PI - correction)) / x;
}

function ratio(numerator: readonly number[], denominator: readonly number[], x: number): number {
  return horner(numerator, x) / horner(denominator, x);
}

function horner(coefficients: readonly number[], x: number): number {
  let value = 0;
  for (const coefficient of coefficients) value = value * x + coefficient;
  return value;
}
