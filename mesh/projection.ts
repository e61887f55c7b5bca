// SPDX-License-Identifier: Apache-2.0
import proj4 from 'proj4';
import { TramontanaError } from '../common/errors.js';

/** A longitude-latitude box in degrees; the domain is south..north times west..east, without a date-line crossing. */
export interface GeographicBox {
  readonly north: number;
  readonly south: number;
  readonly west: number;
  readonly east: number;
}

/** A planar projection and its inverse; coordinates in km. */
export interface LocalProjection {
  /** PROJ string, units km. */
  readonly definition: string;
  /** (longitude, latitude) in degrees to (x, y) in km. */
  forward(longitudeDegrees: number, latitudeDegrees: number): readonly [number, number];
  /** (x, y) in km to (longitude, latitude) in degrees. */
  inverse(xKm: number, yKm: number): readonly [number, number];
}

const GEOGRAPHIC = '+proj=longlat +datum=WGS84 +no_defs';

/**
 * Refuses boxes that no mesh can be built on.
 *
 * @throws {TramontanaError} `Mesh.InvalidDomain`, naming the limit and its value.
 */
export function checkDomain(domain: GeographicBox): void {
  const fail = (expectation: string): never => {
    throw new TramontanaError(
      'Mesh.InvalidDomain',
      `Domain: ${expectation}, got north ${domain.north}, south ${domain.south}, west ${domain.west}, east ${domain.east}`,
      { facts: { ...domain } },
    );
  };
  const limits = [domain.north, domain.south, domain.west, domain.east];
  if (!limits.every(Number.isFinite)) fail('all four limits must be finite degrees');
  if (domain.north <= domain.south) fail('north must be greater than south');
  if (domain.east <= domain.west) fail('east must be greater than west');
  if (domain.north > 89 || domain.south < -89) fail('latitudes must lie in [-89, 89]');
  if (domain.west < -180 || domain.east > 180) fail('longitudes must lie in [-180, 180]');
  if (domain.east - domain.west > 150) fail('the width must not exceed 150 degrees');
}

/**
 * Lambert azimuthal equal-area projection (WGS84) centred on the domain, in km. Areas are exact everywhere; lengths are
 * off by less than 1 - cos(c/2) at angular distance c from the centre (0.4 % at 10 degrees).
 *
 * @throws {TramontanaError} `Mesh.InvalidDomain`
 */
export function createLocalProjection(domain: GeographicBox): LocalProjection {
  checkDomain(domain);
  // Six decimals (0.1 m) keep the string short, and equal domains give equal strings.
  const latitude = Number(((domain.north + domain.south) / 2).toFixed(6));
  const longitude = Number(((domain.west + domain.east) / 2).toFixed(6));
  return projectionFromDefinition(
    `+proj=laea +lat_0=${latitude} +lon_0=${longitude} +x_0=0 +y_0=0 +datum=WGS84 +units=km +no_defs`,
  );
}

/** The projection of a stored mesh, from its PROJ string. */
export function projectionFromDefinition(definition: string): LocalProjection {
  let converter: proj4.Converter;
  try {
    converter = proj4(GEOGRAPHIC, definition);
  } catch (cause) {
    throw new TramontanaError('Mesh.InvalidProjection', `Projection: expected a PROJ string, got "${definition}"`, {
      facts: { definition },
      cause,
    });
  }
  return {
    definition,
    forward: (longitudeDegrees, latitudeDegrees) => {
      const [x, y] = converter.forward([longitudeDegrees, latitudeDegrees]);
      return [x, y];
    },
    inverse: (xKm, yKm) => {
      const [longitude, latitude] = converter.inverse([xKm, yKm]);
      return [longitude, latitude];
    },
  };
}
