// SPDX-License-Identifier: Apache-2.0
/**
 * Writes small GeoTIFF files for tests, from the grammar of the format and independently of the reader: one strip, one band.
 *
 * @module
 */

export interface TestRaster {
  readonly width: number;
  readonly height: number;
  readonly values: Int16Array | Float32Array | Float64Array;
  /** West edge, north edge, step east, step north (negative from north to south); written as a matrix. */
  readonly matrix?: readonly [number, number, number, number];
  /** Column, row, longitude, latitude of a tie point, and the pixel scale. */
  readonly tiePoint?: readonly [number, number, number, number];
  readonly pixelScale?: readonly [number, number];
  /** Text of GDAL_NODATA. */
  readonly noData?: string;
  /** Adds a second image that calls itself the mask of the first, as GDAL_TIFF_INTERNAL_MASK does. */
  readonly hasMask?: boolean;
  /** Content of GDAL_METADATA. */
  readonly items?: string;
}

type Entry = readonly [tag: number, type: 2 | 3 | 4 | 12, values: readonly number[] | string];

const TYPE_BYTES = { 2: 1, 3: 2, 4: 4, 12: 8 } as const;
const HEADER_BYTES = 8;

/** Bytes of a little-endian GeoTIFF in geographic coordinates (EPSG:4326, pixels are areas) [TIFF 6.0; OGC GeoTIFF 1.1]. */
export function geotiffBytes(raster: TestRaster): Buffer {
  const { values, width, height } = raster;
  const pixels = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  const [west, north, east, up] = raster.matrix ?? [0, 0, 0, 0];
  const entries: Entry[] = [
    [256, 4, [width]],
    [257, 4, [height]],
    [258, 3, [8 * values.BYTES_PER_ELEMENT]],
    [259, 3, [1]],
    [262, 3, [1]],
    [273, 4, [HEADER_BYTES]],
    [277, 3, [1]],
    [278, 4, [height]],
    [279, 4, [pixels.length]],
    [339, 3, [values instanceof Int16Array ? 2 : 3]],
    ...(raster.pixelScale === undefined ? [] : [[33550, 12, [...raster.pixelScale, 0]] as const]),
    ...(raster.tiePoint === undefined
      ? []
      : [[33922, 12, [raster.tiePoint[0], raster.tiePoint[1], 0, raster.tiePoint[2], raster.tiePoint[3], 0]] as const]),
    ...(raster.matrix === undefined
      ? []
      : [[34264, 12, [east, 0, 0, west, 0, up, 0, north, 0, 0, 0, 0, 0, 0, 0, 1]] as const]),
    [34735, 3, [1, 1, 0, 3, 1024, 0, 1, 2, 1025, 0, 1, 1, 2048, 0, 1, 4326]],
    ...(raster.items === undefined ? [] : [[42112, 2, `<GDALMetadata>${raster.items}</GDALMetadata>\0`] as const]),
    ...(raster.noData === undefined ? [] : [[42113, 2, `${raster.noData}\0`] as const]),
  ];
  const directoryAt = HEADER_BYTES + pixels.length;
  let spillAt = directoryAt + 2 + 12 * entries.length + 4;
  const spilled: Buffer[] = [];
  const directory = entries.map(([tag, type, content]) => {
    const entry = Buffer.alloc(12);
    const bytes = encode(type, content);
    entry.writeUInt16LE(tag, 0);
    entry.writeUInt16LE(type, 2);
    entry.writeUInt32LE(bytes.length / TYPE_BYTES[type], 4);
    if (bytes.length <= 4) bytes.copy(entry, 8);
    else {
      entry.writeUInt32LE(spillAt, 8);
      spilled.push(bytes);
      spillAt += bytes.length;
    }
    return entry;
  });
  const header = Buffer.alloc(HEADER_BYTES);
  header.write('II*\0', 0, 'latin1');
  header.writeUInt32LE(directoryAt, 4);
  const count = Buffer.alloc(2);
  count.writeUInt16LE(entries.length);
  const next = Buffer.alloc(4);
  if (raster.hasMask !== true) return Buffer.concat([header, pixels, count, ...directory, next, ...spilled]);
  next.writeUInt32LE(spillAt);
  return Buffer.concat([header, pixels, count, ...directory, next, ...spilled, maskDirectory(width, height)]);
}

/** A directory of one strip of bits that shares the bytes of the first image, for nobody reads it. */
function maskDirectory(width: number, height: number): Buffer {
  const tags = [
    [254, 4],
    [256, width],
    [257, height],
    [258, 1],
    [259, 1],
    [262, 4],
    [273, HEADER_BYTES],
    [277, 1],
    [278, height],
    [279, Math.ceil(width / 8) * height],
  ] as const;
  const bytes = Buffer.alloc(2 + 12 * tags.length + 4);
  bytes.writeUInt16LE(tags.length);
  tags.forEach(([tag, value], index) => {
    const at = 2 + 12 * index;
    bytes.writeUInt16LE(tag, at);
    bytes.writeUInt16LE(4, at + 2);
    bytes.writeUInt32LE(1, at + 4);
    bytes.writeUInt32LE(value, at + 8);
  });
  return bytes;
}

function encode(type: Entry[1], content: Entry[2]): Buffer {
  if (typeof content === 'string') return Buffer.from(content, 'latin1');
  const bytes = Buffer.alloc(content.length * TYPE_BYTES[type]);
  content.forEach((value, index) => {
    const at = index * TYPE_BYTES[type];
    if (type === 12) bytes.writeDoubleLE(value, at);
    else if (type === 4) bytes.writeUInt32LE(value, at);
    else bytes.writeUInt16LE(value, at);
  });
  return bytes;
}
