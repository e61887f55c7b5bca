// SPDX-License-Identifier: Apache-2.0
/**
 * Sizes that a GeoTIFF declares, compared with each other before anything is allocated by them.
 *
 * @module
 */
import type { GeoTIFFImage } from 'geotiff';
import { TramontanaError } from '../../common/errors.js';
import { requireAllocatable } from '../netcdf/size-limit.js';

/** Degrees by which a grid may reach over the globe: half-pixel conventions, repeated meridians. */
const MARGIN_DEGREES = 2;

/**
 * Checks that width, height and the size of blocks are one number each: a damaged count makes them lists of any length.
 *
 * @throws TramontanaError `Ingest.CorruptFile`
 */
export function requireNumbers(image: GeoTIFFImage, path: string): void {
  const sizes: Readonly<Record<string, unknown>> = {
    width: image.getWidth(),
    height: image.getHeight(),
    'block width': image.getTileWidth(),
    'block height': image.getTileHeight(),
    'samples per pixel': image.getSamplesPerPixel(),
  };
  for (const [name, size] of Object.entries(sizes)) {
    if (typeof size === 'number' && Number.isInteger(size) && size > 0) continue;
    const got = typeof size === 'number' ? `it is ${size}` : 'it is none';
    throw corrupt(path, `a whole number above 0 as ${name}`, got, {});
  }
}

/**
 * Checks that there are as many strips or tiles as width and height ask for.
 *
 * @throws TramontanaError `Ingest.CorruptFile`
 */
export function requireBlocks(image: GeoTIFFImage, path: string, blocks: number): void {
  const [width, height] = [image.getWidth(), image.getHeight()];
  const [blockWidth, blockHeight] = [image.getTileWidth(), image.getTileHeight()];
  const needed = Math.ceil(width / blockWidth) * Math.ceil(height / blockHeight);
  if (!(needed <= blocks)) {
    throw corrupt(path, `${needed} blocks for ${width} x ${height} pixels`, `it has ${blocks}`, {
      width,
      height,
      blocks,
    });
  }
}

/**
 * Checks that the image is no larger than the globe, and that one block of it can be held.
 *
 * @throws TramontanaError `Ingest.CorruptFile`, `Ingest.DeclaredTooLarge`
 */
export function requireBelievableSize(image: GeoTIFFImage, path: string): void {
  const [width, height] = [image.getWidth(), image.getHeight()];
  requireAllocatable(
    path,
    'one block of its image',
    image.getTileWidth() * image.getTileHeight() * image.getBytesPerPixel(),
  );
  if (!image.fileDirectory.hasTag('ModelPixelScale')) return;
  const [stepX, stepY] = image.getResolution();
  const spanX = Math.abs(width * (stepX ?? 0));
  const spanY = Math.abs(height * (stepY ?? 0));
  if (image.getGeoKeys()?.GTModelTypeGeoKey !== 2) return;
  if (spanX > 360 + MARGIN_DEGREES || spanY > 180 + MARGIN_DEGREES) {
    throw corrupt(
      path,
      'at most 360 x 180 degrees',
      `it declares ${width} x ${height} pixels, ${spanX} x ${spanY} degrees`,
      {
        width,
        height,
      },
    );
  }
}

function corrupt(path: string, expected: string, got: string, facts: Record<string, unknown>): TramontanaError {
  return new TramontanaError('Ingest.CorruptFile', `${path}: the GeoTIFF is damaged: expected ${expected}, ${got}`, {
    facts: { file: path, ...facts },
  });
}
