// SPDX-License-Identifier: Apache-2.0
/**
 * A generated terrain with the build of the central Po valley: a plain that falls gently to the east, the Alpine front
 * in the north with side valleys and lakes, the Apennine in the south-west, a few moraine hills. It is not a survey:
 * the outlines are drawn by hand, the relief is ridged multifractal noise [Musgrave1989].
 *
 * @module
 */
import { uniformDeviates } from './random.mjs';

const KM_PER_DEGREE_NORTH = 111.19;
/** At 45.4 degrees north. */
const KM_PER_DEGREE_EAST = 78.07;

/** Where the hills begin: [degrees east, degrees north], joined by straight lines and roughened by noise. */
const ALPINE_FRONT = [
  [8.2, 45.66],
  [8.6, 45.74],
  [9.1, 45.8],
  [9.5, 45.74],
  [9.8, 45.7],
  [10.2, 45.59],
  [10.5, 45.55],
  [11.2, 45.5],
];
const APENNINE_FRONT = [
  [8.2, 44.55],
  [8.75, 44.78],
  [9.05, 44.95],
  [9.3, 45.02],
  [9.6, 44.9],
  [10, 44.76],
  [10.4, 44.62],
  [11.2, 44.5],
];

/** Axes of the main side valleys: mouth and head in degrees, floor at the mouth and at the head in m, half width in km. */
const SIDE_VALLEYS = [
  { mouth: [8.6, 45.7], head: [8.7, 46.4], floorM: [195, 210], halfWidthKm: 2.6 },
  { mouth: [9.07, 45.8], head: [9.25, 46.3], floorM: [200, 205], halfWidthKm: 1.9 },
  { mouth: [9.4, 45.78], head: [9.3, 46.02], floorM: [200, 205], halfWidthKm: 1.7 },
  { mouth: [9.6, 45.7], head: [9.72, 46.2], floorM: [260, 900], halfWidthKm: 1.3 },
  { mouth: [9.77, 45.7], head: [9.95, 46.15], floorM: [300, 950], halfWidthKm: 1.4 },
  { mouth: [10.02, 45.62], head: [10.25, 46.25], floorM: [190, 420], halfWidthKm: 2.1 },
  { mouth: [10.3, 45.56], head: [10.42, 46.0], floorM: [200, 700], halfWidthKm: 1.2 },
  { mouth: [10.66, 45.45], head: [10.88, 45.95], floorM: [65, 80], halfWidthKm: 3.4 },
  { mouth: [9.55, 44.93], head: [9.4, 44.55], floorM: [110, 500], halfWidthKm: 1.3 },
  { mouth: [9.1, 44.97], head: [9.18, 44.6], floorM: [130, 600], halfWidthKm: 1.2 },
  { mouth: [10.02, 44.76], head: [9.85, 44.4], floorM: [130, 500], halfWidthKm: 1.3 },
];

/**
 * Elevation in m, averaged over 4 x 4 points in each cell, rounded to 0.1 m.
 *
 * @param {{latitudes: Float64Array, longitudes: Float64Array, cellDegrees: number}} grid - cell centres
 * @param {number} seed
 * @returns {Float32Array} shape [latitude, longitude]
 */
export function terrain({ latitudes, longitudes, cellDegrees }, seed) {
  const height = heightFunction(seed);
  const perSide = 4;
  const values = new Float32Array(latitudes.length * longitudes.length);
  for (let row = 0; row < latitudes.length; row++) {
    for (let column = 0; column < longitudes.length; column++) {
      let sum = 0;
      for (let i = 0; i < perSide; i++) {
        for (let j = 0; j < perSide; j++) {
          const latitude = latitudes[row] + ((i + 0.5) / perSide - 0.5) * cellDegrees;
          const longitude = longitudes[column] + ((j + 0.5) / perSide - 0.5) * cellDegrees;
          sum += height(longitude, latitude);
        }
      }
      values[row * longitudes.length + column] = Math.round((sum / perSide ** 2) * 10) / 10;
    }
  }
  return values;
}

/** Height in m as a function of longitude and latitude in degrees. */
function heightFunction(seed) {
  const noise = gradientNoise(seed);
  const rough = (x, y, wavelengthKm, octaves) => {
    let sum = 0;
    for (let octave = 0, weight = 1; octave < octaves; octave++, weight /= 2) {
      const frequency = 2 ** octave / wavelengthKm;
      sum += weight * noise(x * frequency + 17 * octave, y * frequency - 31 * octave);
    }
    return sum;
  };
  return (longitude, latitude) => {
    const x = longitude * KM_PER_DEGREE_EAST;
    const y = latitude * KM_PER_DEGREE_NORTH;
    const alpsKm = y - interpolate(ALPINE_FRONT, longitude) * KM_PER_DEGREE_NORTH + 5 * rough(x, y, 22, 3);
    const apennineKm = interpolate(APENNINE_FRONT, longitude) * KM_PER_DEGREE_NORTH - y + 4 * rough(x + 400, y, 22, 3);

    const towardsAlps = clamp((latitude - 45) / 0.75, 0, 1);
    const plain = 22 + 46 * (10.8 - longitude) + 95 * towardsAlps * towardsAlps + 6 * rough(x, y, 12, 3);
    const moraine = 130 * bump((alpsKm + 4) / 5) * Math.max(0, rough(x - 300, y, 9, 3));

    // the ridges are bent by a slow displacement, else they would follow the lattice of the noise
    const bentX = x + 5 * noise(x / 25, y / 25);
    const bentY = y + 5 * noise(x / 25 + 90, y / 25);
    const ridges = ridgedNoise(noise, bentX, bentY, 17, 5);
    const alps = relief(alpsKm, 2350, 11, ridges);
    const apennine = relief(apennineKm, 1650, 16, ridges);
    return Math.max(0, carve(plain + moraine + alps + apennine, longitude, latitude, x, y, noise));
  };
}

/** Height above the plain at a distance behind a mountain front: rises over `scaleKm`, split by the ridges. */
function relief(behindFrontKm, summitM, scaleKm, ridges) {
  if (behindFrontKm <= 0) return 0;
  const rise = behindFrontKm ** 2 / (behindFrontKm ** 2 + scaleKm * behindFrontKm + 30);
  return summitM * rise * (0.12 + 1.2 * ridges);
}

/** Lowers the terrain to the floors of the side valleys, with flanks that steepen away from the axis. */
function carve(height, longitude, latitude, x, y, noise) {
  let carved = height;
  for (const { mouth, head, floorM, halfWidthKm } of SIDE_VALLEYS) {
    const axisX = (head[0] - mouth[0]) * KM_PER_DEGREE_EAST;
    const axisY = (head[1] - mouth[1]) * KM_PER_DEGREE_NORTH;
    const lengthSquared = axisX ** 2 + axisY ** 2;
    const fromX = (longitude - mouth[0]) * KM_PER_DEGREE_EAST;
    const fromY = (latitude - mouth[1]) * KM_PER_DEGREE_NORTH;
    const along = (fromX * axisX + fromY * axisY) / lengthSquared;
    if (along < -0.05 || along > 1.3) continue;
    const meander = 6 * noise((along * Math.sqrt(lengthSquared)) / 13, floorM[1] / 7 + mouth[0]);
    const across = (fromX * axisY - fromY * axisX) / Math.sqrt(lengthSquared) + meander;
    const narrowing = halfWidthKm * (1.15 - 0.45 * clamp(along, 0, 1));
    const floor = floorM[0] + (floorM[1] - floorM[0]) * clamp(along, 0, 1.3) ** 2;
    const depth = bump(Math.max(0, Math.abs(across) - 0.5 * narrowing) / (1.6 * narrowing));
    if (carved > floor) carved = floor + (carved - floor) * (1 - depth);
  }
  return carved;
}

/** Ridged multifractal noise in about [0, 1]: sharp crests, and more detail where the coarser octaves are high. */
function ridgedNoise(noise, x, y, wavelengthKm, octaves) {
  let sum = 0;
  let norm = 0;
  let weight = 1;
  for (let octave = 0, amplitude = 1; octave < octaves; octave++, amplitude *= 0.5) {
    const frequency = 2 ** octave / wavelengthKm;
    const crest = (1 - Math.abs(1.5 * noise(x * frequency + 53 * octave, y * frequency + 29 * octave))) ** 2;
    sum += amplitude * weight * crest;
    norm += amplitude;
    weight = clamp(1.4 * crest, 0, 1);
  }
  return sum / norm;
}

/** Gradient noise [Perlin2002] in about [-0.7, 0.7], wavelength 1, gradients drawn from a shuffled table. */
function gradientNoise(seed) {
  const uniform = uniformDeviates(seed);
  const table = Uint8Array.from({ length: 256 }, (_, i) => i);
  for (let i = 255; i > 0; i--) {
    const j = Math.floor(uniform() * (i + 1));
    [table[i], table[j]] = [table[j], table[i]];
  }
  const diagonal = Math.SQRT1_2;
  const gradients = [
    [1, 0],
    [diagonal, diagonal],
    [0, 1],
    [-diagonal, diagonal],
    [-1, 0],
    [-diagonal, -diagonal],
    [0, -1],
    [diagonal, -diagonal],
  ];
  const fade = (t) => t * t * t * (t * (t * 6 - 15) + 10);
  return (x, y) => {
    const column = Math.floor(x);
    const row = Math.floor(y);
    const fx = x - column;
    const fy = y - row;
    const corner = (i, j) => {
      const [gx, gy] = gradients[table[(table[(column + i) & 255] + row + j) & 255] & 7];
      return gx * (fx - i) + gy * (fy - j);
    };
    const south = corner(0, 0) + fade(fx) * (corner(1, 0) - corner(0, 0));
    const north = corner(0, 1) + fade(fx) * (corner(1, 1) - corner(0, 1));
    return south + fade(fy) * (north - south);
  };
}

function interpolate(points, at) {
  for (let i = 1; i < points.length; i++) {
    if (at <= points[i][0] || i === points.length - 1) {
      const [x0, y0] = points[i - 1];
      const [x1, y1] = points[i];
      return y0 + ((at - x0) / (x1 - x0)) * (y1 - y0);
    }
  }
  throw new RangeError(`interpolate: expected at least two points, got ${points.length}`);
}

/** 1 at 0, falling to 0 like a bell. */
function bump(t) {
  return 1 / (1 + t * t) ** 2;
}

function clamp(value, low, high) {
  return Math.min(high, Math.max(low, value));
}
