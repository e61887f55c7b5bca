// SPDX-License-Identifier: Apache-2.0
/**
 * Fields on the sphere with a known law, for domains that no plane serves: random Fourier features [RahimiRecht2007] of a Matern
 * covariance in space, with diffusion from day to day.
 *
 * @module
 */
import { entry, float64At } from '../../common/entry.js';
import { normalNumbers, uniformNumbers } from '../core/random.js';

const EARTH_RADIUS_KM = 6371.0088;

/** Matern smoothness nu = 1: the fields of the engine. */
const SMOOTHNESS = 1;

export interface SphereLaw {
  /** Distance at which the correlation is about .14: sqrt(8 nu) / kappa; along the chord. */
  readonly rangeKm: number;
  /** Days after which waves of the length of the domain's range have forgotten 1 - 1/e of themselves; shorter ones forget faster. */
  readonly memoryDays: number;
  /** Of each pollutant's field; fields are mixed by `shared`. */
  readonly sds: readonly number[];
  /** Share of the variance of every pollutant that all have in common. */
  readonly shared: number;
}

export interface SphereGrid {
  /** North to south, and west to east. */
  readonly latitudesDegrees: Float64Array;
  readonly longitudesDegrees: Float64Array;
  readonly days: number;
}

/**
 * Draws the fields, one a pollutant, [day, latitude, longitude]. The spectral law of a Matern field of smoothness nu in three dimensions
 * is a multivariate t with 2 nu degrees of freedom; each feature is a cosine of one frequency, whose amplitude and phase follow an AR(1).
 * Cost: features x cells x days x pollutants.
 */
export function drawSphereFields(grid: SphereGrid, law: SphereLaw, numFeatures: number, seed: number): Float64Array[] {
  const { latitudesDegrees, longitudesDegrees, days } = grid;
  const uniform = uniformNumbers(seed);
  const normal = normalNumbers(uniform);
  const kappa = Math.sqrt(8 * SMOOTHNESS) / law.rangeKm;
  const numCells = latitudesDegrees.length * longitudesDegrees.length;
  const fields = law.sds.map(() => new Float64Array(days * numCells));
  const cosine = new Float64Array(numCells);
  const sine = new Float64Array(numCells);
  const radians = Math.PI / 180;
  for (let feature = 0; feature < numFeatures; feature += 1) {
    // chi square with 2 nu = 2 degrees of freedom
    const scale = kappa / Math.sqrt(-2 * Math.log(1 - uniform()));
    const [wx, wy, wz] = [normal() * scale, normal() * scale, normal() * scale];
    fillWaves();
    // diffusion: the exponent of forgetting is (kappa^2 + |w|^2) / kappa^2 a memory
    const rate = 1 + (wx ** 2 + wy ** 2 + wz ** 2) / kappa ** 2;
    const amplitudes = drawAmplitudes(Math.exp(-rate / law.memoryDays));
    fields.forEach((field, pollutant) => {
      for (let day = 0; day < days; day += 1) {
        const [a, b] = entry(entry(amplitudes, pollutant), day);
        const from = day * numCells;
        for (let cell = 0; cell < numCells; cell += 1) {
          field[from + cell] = float64At(field, from + cell) + a * float64At(cosine, cell) + b * float64At(sine, cell);
        }
      }
    });

    function fillWaves(): void {
      let cell = 0;
      for (const latitude of latitudesDegrees) {
        const [across, up] = [
          EARTH_RADIUS_KM * Math.cos(latitude * radians),
          EARTH_RADIUS_KM * Math.sin(latitude * radians),
        ];
        for (const longitude of longitudesDegrees) {
          const phase = across * (wx * Math.cos(longitude * radians) + wy * Math.sin(longitude * radians)) + up * wz;
          cosine[cell] = Math.cos(phase);
          sine[cell] = Math.sin(phase);
          cell += 1;
        }
      }
    }
  }
  return fields;

  function drawAmplitudes(rho: number): [number, number][][] {
    const walk = (): [number, number][] => {
      let [a, b] = [normal(), normal()];
      return Array.from({ length: days }, (_, day) => {
        if (day > 0)
          [a, b] = [rho * a + Math.sqrt(1 - rho ** 2) * normal(), rho * b + Math.sqrt(1 - rho ** 2) * normal()];
        return [a, b];
      });
    };
    const common = walk();
    return law.sds.map((sd) => {
      const own = walk();
      const [toCommon, toOwn] = [Math.sqrt(law.shared), Math.sqrt(1 - law.shared)];
      const factor = sd / Math.sqrt(numFeatures);
      return own.map(([a, b], day) => {
        const [c, d] = entry(common, day);
        return [factor * (toCommon * c + toOwn * a), factor * (toCommon * d + toOwn * b)];
      });
    });
  }
}
