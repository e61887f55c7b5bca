// SPDX-License-Identifier: Apache-2.0
/**
 * Exact simulation of the unit space-time field of the model, frequency by frequency.
 *
 * The "121" diffusion SPDE [Lindgren2024] turns, for spatial frequency k (rad/km), into an Ornstein-Uhlenbeck process with
 *
 *     stationary spectral density   g^2 / (pi (g^2 + |k|^2)^2)      (Matern, smoothness 1, unit variance)
 *     decay rate per day            (g^2 + |k|^2) / gt
 *     g = sqrt(8) / range_km        gt = range_days g^2 / 2
 *
 * so that a day's step is exact: z <- d z + sqrt(1 - d^2) noise with d = exp(-rate). No mesh and no time discretisation
 * enter: what the engine is compared with does not share its approximations.
 *
 * @module
 */
import { cosineAndSineOfTurns, exponential } from './elementary.mjs';
import { inverseFourierTransform } from './fourier.mjs';
import { normalDeviates } from './random.mjs';

/**
 * Draws two independent fields with the same law (real and imaginary part of one complex field).
 *
 * The torus must exceed the window by several ranges. Values are means over the cells: each frequency carries the
 * factor sinc(kx dx / 2) sinc(ky dy / 2). Frequencies beyond half a wave per cell are absent; they hold less than
 * 0.1 % of the variance of a point and still less of that of a cell mean.
 *
 * @param {{rangeKm: number, rangeDays: number}} law
 * @param {{columns: number, rows: number, cellWidthKm: number, cellHeightKm: number}} torus - sizes are powers of two
 * @param {{columns: number, rows: number, days: number}} window - the part that is returned
 * @param {number} seed
 * @returns {{first: Float64Array, second: Float64Array}} each of shape [days, rows, columns], unit variance (of a point)
 */
export function drawUnitFields(law, torus, window, seed) {
  const { amplitude, decay } = spectrumOf(law, torus);
  const size = torus.columns * torus.rows;
  const normal = normalDeviates(seed);
  const real = new Float64Array(size);
  const imaginary = new Float64Array(size);
  const first = new Float64Array(window.days * window.rows * window.columns);
  const second = new Float64Array(first.length);
  for (let day = 0; day < window.days; day++) {
    for (let mode = 0; mode < size; mode++) {
      const kept = day === 0 ? 0 : decay[mode];
      const fresh = Math.sqrt(1 - kept * kept);
      real[mode] = kept * real[mode] + fresh * normal();
      imaginary[mode] = kept * imaginary[mode] + fresh * normal();
    }
    const offset = day * window.rows * window.columns;
    synthesise(real, imaginary, amplitude, torus, window, (index, re, im) => {
      first[offset + index] = re;
      second[offset + index] = im;
    });
  }
  return { first, second };
}

/** Amplitude (cell means) and decay over one day of every mode, shape [rows, columns]. */
function spectrumOf({ rangeKm, rangeDays }, torus) {
  const g2 = 8 / (rangeKm * rangeKm);
  const gt = (rangeDays * g2) / 2;
  const stepX = (2 * Math.PI) / (torus.columns * torus.cellWidthKm);
  const stepY = (2 * Math.PI) / (torus.rows * torus.cellHeightKm);
  const amplitude = new Float64Array(torus.columns * torus.rows);
  const decay = new Float64Array(amplitude.length);
  for (let row = 0; row < torus.rows; row++) {
    const waveY = row < torus.rows / 2 ? row : row - torus.rows;
    for (let column = 0; column < torus.columns; column++) {
      const waveX = column < torus.columns / 2 ? column : column - torus.columns;
      const a = g2 + (waveX * stepX) ** 2 + (waveY * stepY) ** 2;
      const density = g2 / (Math.PI * a * a);
      const cellMean = sincOfTurns(waveX / (2 * torus.columns)) * sincOfTurns(waveY / (2 * torus.rows));
      const mode = row * torus.columns + column;
      amplitude[mode] = Math.sqrt(density * stepX * stepY) * cellMean;
      decay[mode] = exponential(-a / gt);
    }
  }
  return { amplitude, decay };
}

/** sin(x) / x with x given in turns. */
function sincOfTurns(turns) {
  return turns === 0 ? 1 : cosineAndSineOfTurns(turns)[1] / (2 * Math.PI * turns);
}

/** Sums the modes over the window: all columns along y, then only the rows that are wanted along x. */
function synthesise(real, imaginary, amplitude, torus, window, emit) {
  const columnReal = new Float64Array(torus.rows);
  const columnImaginary = new Float64Array(torus.rows);
  const partReal = new Float64Array(window.rows * torus.columns);
  const partImaginary = new Float64Array(partReal.length);
  for (let column = 0; column < torus.columns; column++) {
    for (let row = 0; row < torus.rows; row++) {
      const mode = row * torus.columns + column;
      columnReal[row] = amplitude[mode] * real[mode];
      columnImaginary[row] = amplitude[mode] * imaginary[mode];
    }
    inverseFourierTransform(columnReal, columnImaginary);
    for (let row = 0; row < window.rows; row++) {
      partReal[row * torus.columns + column] = columnReal[row];
      partImaginary[row * torus.columns + column] = columnImaginary[row];
    }
  }
  for (let row = 0; row < window.rows; row++) {
    const lineReal = partReal.subarray(row * torus.columns, (row + 1) * torus.columns);
    const lineImaginary = partImaginary.subarray(row * torus.columns, (row + 1) * torus.columns);
    inverseFourierTransform(lineReal, lineImaginary);
    for (let column = 0; column < window.columns; column++) {
      emit(row * window.columns + column, lineReal[column], lineImaginary[column]);
    }
  }
}
