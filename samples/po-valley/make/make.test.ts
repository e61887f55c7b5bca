// SPDX-License-Identifier: Apache-2.0
/** The parts of the script that makes the sample, each against a law that it has to obey. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

interface UnitFieldModule {
  readonly drawUnitFields: (
    law: { rangeKm: number; rangeDays: number },
    torus: { columns: number; rows: number; cellWidthKm: number; cellHeightKm: number },
    window: { columns: number; rows: number; days: number },
    seed: number,
  ) => { first: Float64Array; second: Float64Array };
}
interface HourlyModule {
  readonly hourlyOzone: (daily: ArrayLike<number>, elevationM: number) => Float32Array;
  readonly hourlyParticles: (daily: ArrayLike<number>, elevationM: number, amplitude: number) => Float32Array;
}
interface ElementaryModule {
  readonly exponential: (x: number) => number;
  readonly logarithm: (x: number) => number;
  readonly cosineAndSineOfTurns: (turns: number) => [number, number];
}
interface RandomModule {
  readonly normalDeviates: (seed: number) => () => number;
}

/** The script is plain JavaScript without declarations: its parts are typed here. */
async function part<T>(name: string): Promise<T> {
  return (await import(new URL(`./${name}.mjs`, import.meta.url).href)) as T;
}

const { drawUnitFields } = await part<UnitFieldModule>('unit-field');
const { hourlyOzone, hourlyParticles } = await part<HourlyModule>('hourly');
const { exponential, logarithm, cosineAndSineOfTurns } = await part<ElementaryModule>('elementary');
const { normalDeviates } = await part<RandomModule>('random');

/** z K_1(z), the Matern correlation of smoothness 1: K_1 by its integral [DLMF 10.32.9], trapezoid, exact to 1e-12. */
function maternOne(z: number): number {
  if (z === 0) return 1;
  const step = 0.01;
  let sum = Math.exp(-z) / 2;
  for (let t = step; t < 30 && z * Math.cosh(t) < 700; t += step) sum += Math.exp(-z * Math.cosh(t)) * Math.cosh(t);
  return z * sum * step;
}

/** E_2(x), the correlation in time of the unit field at one place: midpoint rule for the integral over (0, 1). */
function exponentialIntegralTwo(x: number): number {
  const steps = 20_000;
  let sum = 0;
  for (let i = 0; i < steps; i++) sum += Math.exp((-x * steps) / (i + 0.5));
  return sum / steps;
}

describe('elementary functions made of the four operations', () => {
  it('agree with the library to a few units in the last place', () => {
    for (let i = -400; i <= 400; i++) {
      const x = i * 0.37;
      assert.ok(Math.abs(exponential(x) / Math.exp(x) - 1) < 1e-15 * (2 + Math.abs(x)), `exp ${x}`);
      const y = Math.exp(x / 5);
      assert.ok(Math.abs(logarithm(y) - Math.log(y)) < 4e-16 * (1 + Math.abs(Math.log(y))), `log ${y}`);
      const [cosine, sine] = cosineAndSineOfTurns(i / 173);
      // the library is given 2 pi i / 173, which carries a rounding of its own that grows with the angle
      assert.ok(Math.abs(cosine - Math.cos((2 * Math.PI * i) / 173)) < 4e-15, `cos ${i}`);
      assert.ok(Math.abs(sine - Math.sin((2 * Math.PI * i) / 173)) < 4e-15, `sin ${i}`);
    }
  });

  it('normal deviates have the moments of the normal law', () => {
    const normal = normalDeviates(7);
    const count = 400_000;
    const sums = [0, 0, 0, 0];
    for (let i = 0; i < count; i++) {
      const z = normal();
      for (let power = 1; power <= 4; power++) sums[power - 1]! += z ** power / count;
    }
    // five standard errors: var(z^p) = 1, 2, 15, 96
    [0, 1, 0, 3].forEach((moment, index) => {
      const standardError = Math.sqrt([1, 2, 15, 96][index]! / count);
      assert.ok(Math.abs(sums[index]! - moment) < 5 * standardError, `moment ${index + 1}: ${sums[index]}`);
    });
  });
});

describe('the unit field', () => {
  it('has the Matern correlation in space and E_2 in time', () => {
    const law = { rangeKm: 16, rangeDays: 6 };
    // eight ranges wide, so that the periodic images do not matter; oblong cells show that x and y are not confused
    const torus = { columns: 128, rows: 64, cellWidthKm: 1, cellHeightKm: 2 };
    const window = { columns: 128, rows: 64, days: 3 };
    const cells = window.columns * window.rows;
    const at = (field: Float64Array, day: number, row: number, column: number): number =>
      field[day * cells + (row % 64) * 128 + (column % 128)]!;
    const variogram = { east8: 0, north8: 0, nextDay: 0, dayAfter: 0 };
    let variance = 0;
    let cross = 0;
    const draws = 60;
    for (let seed = 1; seed <= draws; seed++) {
      const { first, second } = drawUnitFields(law, torus, window, seed);
      for (const field of [first, second]) {
        for (let row = 0; row < 64; row++) {
          for (let column = 0; column < 128; column++) {
            const here = at(field, 0, row, column);
            variance += here ** 2;
            variogram.east8 += (here - at(field, 0, row, column + 8)) ** 2 / 2;
            variogram.north8 += (here - at(field, 0, row + 4, column)) ** 2 / 2;
            variogram.nextDay += (here - at(field, 1, row, column)) ** 2 / 2;
            variogram.dayAfter += (here - at(field, 2, row, column)) ** 2 / 2;
          }
        }
      }
      for (let i = 0; i < cells; i++) cross += first[i]! * second[i]!;
    }
    const count = 2 * draws * cells;
    const spatial = 1 - maternOne((Math.sqrt(8) / law.rangeKm) * 8);
    // 120 fields of about 30 independent patches each: standard error of the variance sqrt(2 / 3600) = 2.4 %, of the
    // shorter-ranged increments less; cell means of 1 x 2 km take about 2 % off the variance. Bound: 4 errors + 2 %.
    const within = (name: string, value: number, expected: number): void =>
      assert.ok(Math.abs(value / count / expected - 1) < 0.115, `${name}: ${value / count}, expected ${expected}`);
    within('variance', variance, 1);
    within('variogram 8 km east', variogram.east8, spatial);
    within('variogram 8 km north', variogram.north8, spatial);
    within('variogram 1 day', variogram.nextDay, 1 - exponentialIntegralTwo(2 / law.rangeDays));
    within('variogram 2 days', variogram.dayAfter, 1 - exponentialIntegralTwo(4 / law.rangeDays));
    // the two fields of a draw are independent: 1800 patches, five standard errors
    assert.ok(Math.abs(cross / (draws * cells)) < 5 / Math.sqrt(1800), `cross-correlation ${cross / (draws * cells)}`);
  });
});

describe('hourly values', () => {
  // jumps, plateaus and a collapse: harsher than anything in the sample
  const daily = [60, 62, 110, 48, 47, 95, 96, 30, 33, 80, 120, 70, 71, 25, 26];
  // hourly values are stored as float32: relative rounding 6e-8 each
  const exact = 1e-6;

  it('of particles have the daily value as mean over 24 hours and stay positive', () => {
    for (const elevationM of [0, 300, 2300]) {
      const hourly = hourlyParticles(daily, elevationM, 0.2);
      daily.forEach((value, day) => {
        const hours = hourly.subarray(24 * day, 24 * day + 24);
        const mean = hours.reduce((sum, hour) => sum + hour, 0) / 24;
        assert.ok(Math.abs(mean / value - 1) < exact, `day ${day}, ${elevationM} m: mean ${mean}, expected ${value}`);
        assert.ok(Math.min(...hours) > 0);
      });
    }
  });

  it('of ozone have the daily value as highest 8-hour mean, wherever the windows may start', () => {
    for (const elevationM of [0, 300, 2300]) {
      const hourly = hourlyOzone(daily, elevationM);
      const windowMean = (end: number): number => hourly.subarray(end - 7, end + 1).reduce((sum, v) => sum + v, 0) / 8;
      daily.forEach((value, day) => {
        let inDay = 0;
        for (let end = 7; end < 24; end++) inDay = Math.max(inDay, windowMean(24 * day + end));
        assert.ok(Math.abs(inDay / value - 1) < exact, `day ${day}, ${elevationM} m: ${inDay}, expected ${value}`);
        for (let end = 0; end < 7 && day > 0; end++) {
          const smaller = Math.min(value, daily[day - 1]!);
          const mean = windowMean(24 * day + end);
          assert.ok(mean < smaller, `window that ends at hour ${end} of day ${day}: ${mean}, expected < ${smaller}`);
        }
        assert.ok(Math.min(...hourly.subarray(24 * day, 24 * day + 24)) > 0);
      });
    }
  });
});
