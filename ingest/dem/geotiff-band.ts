// SPDX-License-Identifier: Apache-2.0
import type { GeoTIFFImage } from 'geotiff';
import { TramontanaError } from '../../common/errors.js';
import { metresPerUnit } from './elevation-units.js';

/** Ways in which programs spell "not a number" in GDAL_NODATA. */
const NOT_A_NUMBER = /^[+-]?(nan|1\.#(qnan|ind).*)$/i;
/** SampleFormat: floating point [TIFF 6.0, section 19]. */
const FLOATING_POINT = 3;

/** What the pixels of a band mean. */
export interface BandMeaning {
  /** Elevation of a stored pixel in m; NaN for no data. */
  metresOf(stored: number): number;
}

/**
 * Scale, offset, unit and no-data value of the first band, as GDAL declares them [GDAL GTiff driver, GDAL_METADATA and GDAL_NODATA].
 *
 * The no-data value is compared with stored pixels, in their precision: "-3.4e+38" beside 32-bit floats is the float next to it.
 *
 * @throws TramontanaError `Ingest.BadPacking`, `Ingest.UnknownUnits`
 */
export async function bandMeaning(image: GeoTIFFImage, path: string): Promise<BandMeaning> {
  const metadata = (await image.getGDALMetadata(0)) ?? {};
  const text = (name: string): string | undefined => {
    const value = metadata[name];
    return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
  };
  const number = (name: string, otherwise: number): number => {
    const found = text(name);
    const value = found === undefined ? otherwise : Number(found);
    if (Number.isFinite(value) && !(name === 'SCALE' && value === 0)) return value;
    throw new TramontanaError(
      'Ingest.BadPacking',
      `${path}: expected a finite number as GDAL ${name.toLowerCase()} of band 1, got "${found ?? ''}"`,
      { facts: { file: path, attribute: name, found } },
    );
  };
  const scale = number('SCALE', 1);
  const offset = number('OFFSET', 0);
  const metres = metresPerUnit(text('UNITTYPE'), `${path}: band 1`, { file: path });
  const isFloat32 = image.getSampleFormat(0) === FLOATING_POINT && image.getBitsPerSample(0) === 32;
  const declared = noDataOf(image);
  const noData = declared !== undefined && isFloat32 ? Math.fround(declared) : declared;
  return {
    metresOf: (stored) => (stored === noData ? NaN : (stored * scale + offset) * metres),
  };
}

function noDataOf(image: GeoTIFFImage): number | undefined {
  if (!image.fileDirectory.hasTag('GDAL_NODATA')) return undefined;
  const text = String(image.fileDirectory.getValue('GDAL_NODATA')).replaceAll('\0', '').trim();
  if (text === '' || NOT_A_NUMBER.test(text)) return undefined;
  const value = Number(text);
  return Number.isNaN(value) ? undefined : value;
}
