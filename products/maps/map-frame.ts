// SPDX-License-Identifier: Apache-2.0
/**
 * Geometry of a map: where degrees fall on paper, which graticule lines and which scale bar to draw.
 *
 * @module
 */
import { KM_PER_DEGREE } from '../../artifacts/schemas/grid.js';
import { float64At } from '../../common/entry.js';

export interface Bounds {
  readonly north: number;
  readonly west: number;
  readonly south: number;
  readonly east: number;
}

/** A rectangle on the canvas, logical pixels. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Edges of a grid of cells with these centres and size. */
export function boundsOfGrid(latitudes: Float64Array, longitudes: Float64Array, cellDegrees: number): Bounds {
  const half = cellDegrees / 2;
  return {
    north: Math.max(float64At(latitudes, 0), float64At(latitudes, latitudes.length - 1)) + half,
    south: Math.min(float64At(latitudes, 0), float64At(latitudes, latitudes.length - 1)) - half,
    west: float64At(longitudes, 0) - half,
    east: float64At(longitudes, longitudes.length - 1) + half,
  };
}

/** Width over height of a map whose kilometres are as long east-west as north-south at its middle latitude. */
export function aspectRatio(bounds: Bounds): number {
  const middle = (((bounds.north + bounds.south) / 2) * Math.PI) / 180;
  return ((bounds.east - bounds.west) * Math.cos(middle)) / (bounds.north - bounds.south);
}

/** Largest size with the aspect ratio of `bounds` within the given limits. */
export function fitFrame(
  bounds: Bounds,
  maximumWidth: number,
  maximumHeight: number,
): { width: number; height: number } {
  const ratio = aspectRatio(bounds);
  const width = Math.min(maximumWidth, maximumHeight * ratio);
  return { width: Math.round(width), height: Math.round(width / ratio) };
}

/** Equirectangular map of degrees to logical pixels. */
export class MapFrame {
  constructor(
    readonly bounds: Bounds,
    readonly box: Box,
  ) {}

  x(longitude: number): number {
    return this.box.x + (this.box.width * (longitude - this.bounds.west)) / (this.bounds.east - this.bounds.west);
  }

  y(latitude: number): number {
    return this.box.y + (this.box.height * (this.bounds.north - latitude)) / (this.bounds.north - this.bounds.south);
  }

  /** Logical pixels in a kilometre. */
  get pixelsPerKm(): number {
    return this.box.height / ((this.bounds.north - this.bounds.south) * KM_PER_DEGREE);
  }

  /** Longest round distance that fills at most `share` of the width, km. */
  scaleBarKm(share = 0.25): number {
    const limit = (share * this.box.width) / this.pixelsPerKm;
    const power = 10 ** Math.floor(Math.log10(limit));
    return ([5, 2, 1].find((factor) => factor * power <= limit) ?? 1) * power;
  }
}

/** Graticule values inside (low, high): round degrees, about `count` of them, at least one. */
export function graticule(low: number, high: number, count: number): number[] {
  const steps = [0.05, 0.1, 0.2, 0.25, 0.5, 1, 2, 5, 10, 20];
  const step = steps.find((candidate) => (high - low) / candidate <= count + 1e-9) ?? 30;
  const values: number[] = [];
  for (let k = Math.ceil(low / step + 1e-9); k * step < high - 1e-9; k += 1) values.push(Number((k * step).toFixed(4)));
  return values;
}

/** "8.5° E", "45° N". */
export function degreesLabel(value: number, positive: string, negative: string): string {
  return `${Number(Math.abs(value).toFixed(2))}°${value === 0 ? '' : ` ${value > 0 ? positive : negative}`}`;
}
