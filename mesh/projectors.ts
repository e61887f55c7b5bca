// SPDX-License-Identifier: Apache-2.0
import type { CsrMatrix, Mesh } from '../artifacts/schemas/mesh.js';
import { entry, float64At } from '../common/entry.js';
import { TramontanaError } from '../common/errors.js';
import { type Location, TriangleLocator } from './point-location.js';
import { projectionFromDefinition } from './projection.js';
import { CsrBuilder } from './sparse.js';

/** Places in degrees; both arrays have the same length. */
export interface GeographicPoints {
  readonly longitudesDegrees: ArrayLike<number>;
  readonly latitudesDegrees: ArrayLike<number>;
}

/** A regular grid of latitude-longitude cells. */
export interface GeographicGrid {
  /** Cell centres of the rows. */
  readonly latitudesDegrees: ArrayLike<number>;
  /** Cell centres of the columns. */
  readonly longitudesDegrees: ArrayLike<number>;
  /** Height of a cell. */
  readonly latitudeStepDegrees: number;
  /** Width of a cell. */
  readonly longitudeStepDegrees: number;
}

export interface ArealOptions {
  /** A cell is represented by k x k equally spaced sub-points. Default 4. */
  readonly subPointsPerSide?: number;
}

/**
 * Projector of the field at points given in the mesh's own coordinates: row i holds the hat functions at point i.
 *
 * @param pointsKm interleaved x, y in km
 * @returns (num_points x n_s); rows sum to 1 and reproduce linear functions of x and y
 * @throws {TramontanaError} `Mesh.PointOutside`, naming the point
 */
export function planarPointProjector(mesh: Mesh, pointsKm: Float64Array): CsrMatrix {
  const locator = new TriangleLocator(mesh);
  const builder = new CsrBuilder(mesh.c0.length);
  for (let i = 0; i < pointsKm.length / 2; i += 1) {
    const [x, y] = [float64At(pointsKm, 2 * i), float64At(pointsKm, 2 * i + 1)];
    const location = locator.locate(x, y);
    if (location === undefined) {
      throw new TramontanaError(
        'Mesh.PointOutside',
        `Point ${i}: expected to lie inside the mesh, got x ${x} km, y ${y} km`,
        { facts: { point: i, xKm: x, yKm: y } },
      );
    }
    addHatFunctions(builder, location, 1);
    builder.endRow();
  }
  return builder.build();
}

/**
 * Projector of the field at geographic points (stations).
 *
 * @returns (num_points x n_s)
 * @throws {TramontanaError} `Mesh.PointOutside`
 */
export function pointProjector(mesh: Mesh, points: GeographicPoints): CsrMatrix {
  const { longitudesDegrees, latitudesDegrees } = points;
  const accumulate = geographicAccumulator(mesh);
  const builder = new CsrBuilder(mesh.c0.length);
  for (let i = 0; i < longitudesDegrees.length; i += 1) {
    accumulate(builder, entry(longitudesDegrees, i), entry(latitudesDegrees, i), 1, `Point ${i}`);
    builder.endRow();
  }
  return builder.build();
}

/**
 * Projector of cell means: row (i * num_longitudes + j) is the mean of the basis over k x k equally spaced sub-points of
 * the cell at latitude i and longitude j (change of support, midpoint rule in degrees).
 *
 * @returns (num_latitudes * num_longitudes x n_s); rows sum to 1
 * @throws {TramontanaError} `Mesh.PointOutside` when a cell sticks out of the mesh, `Mesh.InvalidOptions` for a k below 1
 */
export function arealProjector(mesh: Mesh, grid: GeographicGrid, options: ArealOptions = {}): CsrMatrix {
  const k = options.subPointsPerSide ?? 4;
  if (!Number.isInteger(k) || k < 1) {
    throw new TramontanaError(
      'Mesh.InvalidOptions',
      `subPointsPerSide: expected a whole number of at least 1, got ${k}`,
      {
        facts: { option: 'subPointsPerSide', value: k },
      },
    );
  }
  const accumulate = geographicAccumulator(mesh);
  const builder = new CsrBuilder(mesh.c0.length);
  const shifts = Array.from({ length: k }, (_, p) => (p + 0.5) / k - 0.5);
  for (let i = 0; i < grid.latitudesDegrees.length; i += 1) {
    const latitude = entry(grid.latitudesDegrees, i);
    for (let j = 0; j < grid.longitudesDegrees.length; j += 1) {
      const longitude = entry(grid.longitudesDegrees, j);
      for (const down of shifts) {
        for (const right of shifts) {
          accumulate(
            builder,
            longitude + right * grid.longitudeStepDegrees,
            latitude + down * grid.latitudeStepDegrees,
            1 / (k * k),
            `Cell at latitude ${latitude}, longitude ${longitude}`,
          );
        }
      }
      builder.endRow();
    }
  }
  return builder.build();
}

type Accumulator = (builder: CsrBuilder, longitude: number, latitude: number, weight: number, what: string) => void;

function geographicAccumulator(mesh: Mesh): Accumulator {
  const locator = new TriangleLocator(mesh);
  const projection = projectionFromDefinition(mesh.projection);
  return (builder, longitude, latitude, weight, what) => {
    const isPlace = Number.isFinite(longitude) && Number.isFinite(latitude);
    const [x, y] = isPlace ? projection.forward(longitude, latitude) : [Number.NaN, Number.NaN];
    const location = locator.locate(x, y);
    if (location === undefined) {
      throw new TramontanaError(
        'Mesh.PointOutside',
        `${what}: expected to lie inside the mesh, but latitude ${latitude}, longitude ${longitude} does not`,
        { facts: { latitudeDegrees: latitude, longitudeDegrees: longitude, xKm: x, yKm: y } },
      );
    }
    addHatFunctions(builder, location, weight);
  };
}

function addHatFunctions(builder: CsrBuilder, { vertices, weights }: Location, weight: number): void {
  builder.add(vertices[0], weight * weights[0]);
  builder.add(vertices[1], weight * weights[1]);
  builder.add(vertices[2], weight * weights[2]);
}
