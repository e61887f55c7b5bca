// SPDX-License-Identifier: Apache-2.0
import { float64At, int32At } from '../../common/entry.js';
import { type Canvas, createCanvas } from '@napi-rs/canvas';

import { bracketOf, mix } from '../bilinear.js';
import type { Rgb } from './colour-ramps.js';
import { classOf, type ColourScale } from './colour-scale.js';
import type { Bounds } from './map-frame.js';
import { LITTLE_ENDIAN } from './pixels.js';

/** One map's worth of values on a regular grid. */
export interface MapField {
  readonly latitudes: Float64Array;
  readonly longitudes: Float64Array;
  /** Shape [latitudes.length, longitudes.length]; NaN where missing. */
  readonly values: ArrayLike<number>;
}

/** Colour of missing values: a neutral grey that no ramp holds. */
const MISSING: Rgb = [214, 214, 214];

/**
 * Colours each pixel by the class of the field there.
 *
 * `smooth` interpolates bilinearly between cell centres, so that class limits become contour lines; `cells` shows every
 * cell with its own value, as it is. Pixels near missing cells and beyond the outermost centres take the nearest cell.
 *
 * @param widthPx - Device pixels.
 * @param heightPx - Device pixels.
 */
export function paintField(
  field: MapField,
  scale: ColourScale,
  bounds: Bounds,
  widthPx: number,
  heightPx: number,
  mode: 'smooth' | 'cells',
): Canvas {
  const canvas = createCanvas(widthPx, heightPx);
  const context = canvas.getContext('2d');
  const image = context.createImageData(widthPx, heightPx);
  const pixels = new Int32Array(image.data.buffer, image.data.byteOffset, widthPx * heightPx);
  const palette = Int32Array.from([...scale.colours, MISSING], packPixel);
  const values = Float64Array.from(field.values);
  const numColumns = field.longitudes.length;
  const columns = Array.from({ length: widthPx }, (_, px) =>
    bracketOf(field.longitudes, bounds.west + ((px + 0.5) / widthPx) * (bounds.east - bounds.west)),
  );
  const left = Int32Array.from(columns, ({ lower }) => lower);
  const right = Int32Array.from(columns, ({ upper }) => upper);
  const weights = Float64Array.from(columns, ({ weight }) => (mode === 'cells' ? Math.round(weight) : weight));
  const rowValues = new Float64Array(numColumns);
  for (let py = 0; py < heightPx; py += 1) {
    const row = bracketOf(field.latitudes, bounds.north - ((py + 0.5) / heightPx) * (bounds.north - bounds.south));
    const rowWeight = mode === 'cells' ? Math.round(row.weight) : row.weight;
    const upper = row.lower * numColumns;
    const lower = row.upper * numColumns;
    for (let column = 0; column < numColumns; column += 1) {
      rowValues[column] = mix(float64At(values, upper + column), float64At(values, lower + column), rowWeight);
    }
    for (let px = 0; px < widthPx; px += 1) {
      const weight = float64At(weights, px);
      let value = mix(float64At(rowValues, int32At(left, px)), float64At(rowValues, int32At(right, px)), weight);
      if (Number.isNaN(value)) {
        const nearest = (row.weight < 0.5 ? upper : lower) + ((weight < 0.5 ? left[px] : right[px]) as number);
        value = float64At(values, nearest);
      }
      const index = classOf(scale, value);
      pixels[py * widthPx + px] = int32At(palette, index < 0 ? palette.length - 1 : index);
    }
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

/** RGBA bytes of an opaque pixel as one signed 32-bit word, in the machine's order of bytes. */
function packPixel([red, green, blue]: Rgb): number {
  return LITTLE_ENDIAN
    ? (255 << 24) | (blue << 16) | (green << 8) | red
    : (red << 24) | (green << 16) | (blue << 8) | 255;
}
