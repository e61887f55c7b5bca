// SPDX-License-Identifier: Apache-2.0
import { stat } from 'node:fs/promises';
import { fromFile, type GeoTIFF, type GeoTIFFImage } from 'geotiff';

import { entry, float64At } from '../../common/entry.js';
import { TramontanaError } from '../../common/errors.js';
import { wrapLongitude } from '../cams/coordinates.js';
import { requireAllocatable } from '../netcdf/size-limit.js';
import type { ElevationGrid } from './elevation-grid.js';
import { elevationWindow } from './elevation-window.js';
import { bandMeaning } from './geotiff-band.js';
import { requireBelievableSize, requireBlocks, requireNumbers } from './geotiff-size.js';
import type { ReadElevationOptions } from './read-elevation.js';

/** GTModelTypeGeoKey: 2 is a geographic (latitude-longitude) system [OGC GeoTIFF 1.1, 7.2]. */
const MODEL_TYPE_GEOGRAPHIC = 2;
/** GTRasterTypeGeoKey: 2 says that coordinates are those of pixel centres rather than corners. */
const RASTER_PIXEL_IS_POINT = 2;

/** Reads the first band of a GeoTIFF in geographic coordinates; see readElevation. */
export async function readGeotiffElevation(path: string, options: ReadElevationOptions): Promise<ElevationGrid> {
  const tiff = await fromFile(path, options.signal);
  try {
    const image = await tiff.getImage();
    await refuseMask(tiff, path);
    await checkBlocks(image, path);
    requireBelievableSize(image, path);
    const { latitudes, longitudes } = pixelCentres(image, path);
    const window = elevationWindow(latitudes, Float64Array.from(longitudes, wrapLongitude), options.boundingBox, path);
    // Rows of a south-up raster ascend.
    const rows = [...window.latitudeIndices].sort((a, b) => float64At(latitudes, b) - float64At(latitudes, a));
    // Longitudes may wrap at the 180th meridian: order columns by their longitude in [-180, 180).
    const columns = [...window.longitudeIndices].sort(
      (a, b) => wrapLongitude(float64At(longitudes, a)) - wrapLongitude(float64At(longitudes, b)),
    );
    const top = rows.reduce((a, b) => Math.min(a, b));
    const bottom = rows.reduce((a, b) => Math.max(a, b));
    const left = columns.reduce((a, b) => Math.min(a, b));
    const right = columns.reduce((a, b) => Math.max(a, b));
    // Samples as stored and as doubles, of the window only.
    requireAllocatable(path, 'the window of its image', 2 * 8 * (right - left + 1) * (bottom - top + 1));
    const raster = await image.readRasters({
      samples: [0],
      window: [left, top, right + 1, bottom + 1],
      interleave: true,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    const meaning = await bandMeaning(image, path);
    const width = right - left + 1;
    const elevationM = new Float64Array(rows.length * columns.length);
    let at = 0;
    for (const row of rows) {
      for (const column of columns) {
        elevationM[at++] = meaning.metresOf(Number(raster[(row - top) * width + (column - left)]));
      }
    }
    return {
      file: path,
      extent: window.extent,
      latitudesDegrees: Float64Array.from(rows, (row) => float64At(latitudes, row)),
      longitudesDegrees: Float64Array.from(columns, (column) => wrapLongitude(float64At(longitudes, column))),
      elevationM,
    };
  } finally {
    await tiff.close();
  }
}

/** NewSubfileType: bit 2 marks an image as the transparency mask of another [TIFF 6.0, section 8]. */
const MASK_BIT = 4;
/** Masks follow the image and its overviews. */
const SEARCHED_IMAGES = 32;

/**
 * Refuses a raster that tells by a mask image which of its pixels count: those that do not hold any value, often 0.
 */
async function refuseMask(tiff: GeoTIFF, path: string): Promise<void> {
  for (let index = 1; index < SEARCHED_IMAGES; index += 1) {
    const other = await tiff.getImage(index).catch(() => undefined);
    if (other === undefined) return;
    const kind = other.fileDirectory.hasTag('NewSubfileType')
      ? Number(await other.fileDirectory.loadValue('NewSubfileType'))
      : 0;
    if ((kind & MASK_BIT) === 0) continue;
    throw new TramontanaError(
      'Ingest.NotElevation',
      `${path}: expected pixels without an elevation to hold a declared no-data value, got a mask that says which they are; \`gdalwarp -dstnodata -32768 IN.tif OUT.tif\` writes the value`,
      { facts: { file: path, maskImage: index } },
    );
  }
}

/**
 * Checks that every strip or tile lies within the file: past its end the library reads zeros, and zero is an elevation.
 */
async function checkBlocks(image: GeoTIFFImage, path: string): Promise<void> {
  const names = image.isTiled
    ? (['TileOffsets', 'TileByteCounts'] as const)
    : (['StripOffsets', 'StripByteCounts'] as const);
  const offsets = await blockValues(image, names[0]);
  const counts = await blockValues(image, names[1]);
  const end = offsets.reduce((last, offset, index) => Math.max(last, offset + (counts[index] ?? 0)), 0);
  const { size } = await stat(path);
  if (end === 0 || end > size) {
    throw new TramontanaError(
      'Ingest.TruncatedFile',
      `${path}: the file is truncated: its image data ${end === 0 ? 'are not there' : `end at byte ${end}`}, it has ${size} bytes`,
      { facts: { file: path, expectedBytes: end, actualBytes: size } },
    );
  }
  requireNumbers(image, path);
  requireBlocks(image, path, offsets.length);
}

async function blockValues(
  image: GeoTIFFImage,
  name: 'StripOffsets' | 'StripByteCounts' | 'TileOffsets' | 'TileByteCounts',
): Promise<readonly number[]> {
  if (!image.fileDirectory.hasTag(name)) return [];
  const values: unknown = await image.fileDirectory.loadValue(name);
  if (typeof values === 'number') return [values];
  return Array.isArray(values) || ArrayBuffer.isView(values) ? Array.from(values as ArrayLike<number>, Number) : [];
}

function pixelCentres(
  image: GeoTIFFImage,
  path: string,
): { readonly latitudes: Float64Array; readonly longitudes: Float64Array } {
  const keys = image.getGeoKeys();
  const model = Number(keys?.GTModelTypeGeoKey ?? NaN);
  if (model !== MODEL_TYPE_GEOGRAPHIC) {
    throw new TramontanaError(
      'Ingest.UnsupportedProjection',
      `${path}: expected geographic coordinates (GTModelTypeGeoKey ${MODEL_TYPE_GEOGRAPHIC}, e.g. EPSG:4326), got ${Number.isNaN(model) ? 'no georeference' : `model type ${model}`}; \`gdalwarp -t_srs EPSG:4326 IN.tif OUT.tif\` reprojects it`,
      { facts: { file: path, modelType: Number.isNaN(model) ? null : model } },
    );
  }
  requireAllocatable(path, 'its image', 8 * (image.getHeight() + image.getWidth()));
  const { originX, originY, stepX, stepY } = placeOf(image, path);
  const shift = keys?.GTRasterTypeGeoKey === RASTER_PIXEL_IS_POINT ? 0 : 0.5;
  return {
    latitudes: Float64Array.from({ length: image.getHeight() }, (_, row) => originY + (row + shift) * stepY),
    longitudes: Float64Array.from({ length: image.getWidth() }, (_, column) => originX + (column + shift) * stepX),
  };
}

/** Where the outer corner of the first pixel lies, and the steps between pixels, degrees. */
interface RasterPlace {
  readonly originX: number;
  readonly originY: number;
  readonly stepX: number;
  /** Negative from north to south; positive in a south-up raster. */
  readonly stepY: number;
}

/**
 * The affine transformation of the raster [OGC GeoTIFF 1.1, 7.1.2.6]: the matrix, else one tie point and the pixel scale. The
 * library's getResolution turns the sign of a matrix's rows around and its getOrigin takes the tie point for the first pixel.
 */
function placeOf(image: GeoTIFFImage, path: string): RasterPlace {
  const matrix = tagNumbers(image, 'ModelTransformation');
  const tiePoint = tagNumbers(image, 'ModelTiepoint');
  const scale = tagNumbers(image, 'ModelPixelScale');
  let place: RasterPlace | undefined;
  if (matrix.length === 16 && matrix[1] === 0 && matrix[4] === 0) {
    place = { originX: entry(matrix, 3), originY: entry(matrix, 7), stepX: entry(matrix, 0), stepY: entry(matrix, 5) };
  } else if (matrix.length === 0 && tiePoint.length === 6 && scale.length >= 2) {
    const [column = NaN, row = NaN, , x = NaN, y = NaN] = tiePoint;
    const stepX = entry(scale, 0);
    // The scale of rows has no direction: rows go from north to south, also for writers that made it negative (as GDAL reads it).
    const stepY = -Math.abs(entry(scale, 1));
    place = { originX: x - column * stepX, originY: y - row * stepY, stepX, stepY };
  }
  if (
    place === undefined ||
    !(place.stepX > 0 && Math.abs(place.stepY) > 0 && Number.isFinite(place.originX + place.originY))
  ) {
    throw new TramontanaError(
      'Ingest.BadCoordinate',
      `${path}: expected rows along latitudes and columns from west to east, got ${
        place === undefined
          ? 'a raster that is rotated or placed by ground control points'
          : `steps ${place.stepX}, ${place.stepY} degrees`
      }; \`gdalwarp -t_srs EPSG:4326 IN.tif OUT.tif\` makes one`,
      { facts: { file: path, stepX: place?.stepX ?? null, stepY: place?.stepY ?? null } },
    );
  }
  return place;
}

function tagNumbers(
  image: GeoTIFFImage,
  name: 'ModelTransformation' | 'ModelTiepoint' | 'ModelPixelScale',
): readonly number[] {
  if (!image.fileDirectory.hasTag(name)) return [];
  return Array.from(image.fileDirectory.getValue(name) as ArrayLike<number>, Number);
}
