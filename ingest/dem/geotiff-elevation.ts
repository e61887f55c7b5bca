// SPDX-License-Identifier: Apache-2.0
import { stat } from 'node:fs/promises';
import { fromFile, type GeoTIFFImage } from 'geotiff';
import { TramontanaError } from '../../common/errors.js';
import { windowOf } from '../bounding-box.js';
import { wrapLongitude } from '../cams/coordinates.js';
import { requireAllocatable } from '../netcdf/size-limit.js';
import type { ElevationGrid } from './elevation-grid.js';
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
    await checkBlocks(image, path);
    requireBelievableSize(image, path);
    const { latitudes, longitudes } = pixelCentres(image, path);
    const window =
      options.boundingBox === undefined
        ? { latitudeIndices: [...latitudes.keys()], longitudeIndices: [...longitudes.keys()] }
        : windowOf(latitudes, Float64Array.from(longitudes, wrapLongitude), options.boundingBox, path);
    const rows = window.latitudeIndices;
    // Longitudes may wrap at the 180th meridian: order columns by their longitude in [-180, 180).
    const columns = [...window.longitudeIndices].sort(
      (a, b) => wrapLongitude(longitudes[a]!) - wrapLongitude(longitudes[b]!),
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
    const noData = image.getGDALNoData();
    const width = right - left + 1;
    const elevationM = new Float64Array(rows.length * columns.length);
    let at = 0;
    for (const row of rows) {
      for (const column of columns) {
        const value = Number(raster[(row - top) * width + (column - left)]);
        elevationM[at++] = value === noData ? NaN : value;
      }
    }
    return {
      file: path,
      latitudesDegrees: Float64Array.from(rows, (row) => latitudes[row]!),
      longitudesDegrees: Float64Array.from(columns, (column) => wrapLongitude(longitudes[column]!)),
      elevationM,
    };
  } finally {
    await tiff.close();
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
      `${path}: expected geographic coordinates (GTModelTypeGeoKey ${MODEL_TYPE_GEOGRAPHIC}, e.g. EPSG:4326), got ${Number.isNaN(model) ? 'no georeference' : `model type ${model}`}; reproject it first`,
      { facts: { file: path, modelType: Number.isNaN(model) ? null : model } },
    );
  }
  requireAllocatable(path, 'its image', 8 * (image.getHeight() + image.getWidth()));
  const [originX, originY] = image.getOrigin();
  const [stepX, stepY] = image.getResolution();
  if (originX === undefined || originY === undefined || !(stepX! > 0) || !(stepY! < 0)) {
    throw new TramontanaError(
      'Ingest.BadCoordinate',
      `${path}: expected rows from north to south and columns from west to east, got steps ${String(stepX)}, ${String(stepY)} degrees`,
      {
        facts: { file: path, stepX, stepY },
      },
    );
  }
  const shift = keys?.GTRasterTypeGeoKey === RASTER_PIXEL_IS_POINT ? 0 : 0.5;
  return {
    latitudes: Float64Array.from({ length: image.getHeight() }, (_, row) => originY + (row + shift) * stepY!),
    longitudes: Float64Array.from({ length: image.getWidth() }, (_, column) => originX + (column + shift) * stepX!),
  };
}
