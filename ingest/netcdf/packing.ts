// SPDX-License-Identifier: Apache-2.0
import { TramontanaError } from '../../common/errors.js';
import { textAttribute, type NetcdfVariable, type StorageType } from './types.js';

/** Fill values that the NetCDF library writes where nothing was written [netcdf.h]; bytes have none. */
const DEFAULT_FILL: Readonly<Partial<Record<StorageType, number>>> = {
  short: -32767,
  ushort: 65535,
  int: -2147483647,
  uint: 4294967295,
  // Rounded to the nearest double, as the values are.
  int64: -9223372036854775806,
  uint64: 18446744073709551614,
  float: 9.969209968386869e36,
  double: 9.969209968386869e36,
};
const INTEGER_BITS: Readonly<Partial<Record<StorageType, number>>> = {
  byte: 8,
  ubyte: 8,
  short: 16,
  ushort: 16,
  int: 32,
  uint: 32,
};
/** A number as programs of many languages spell it: "0.05", "1.5e-9f", "1d-9". */
const NUMBER_TEXT = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:[ed]([+-]?\d+))?[fdbsl]?$/i;

/** How stored numbers become physical ones [CF-1.8, 2.5.1 and 8.1; NUG, attribute conventions]. */
export interface Packing {
  readonly scaleFactor: number;
  readonly addOffset: number;
  /** Stored values that mean "missing", after `unwrap`. */
  readonly missing: readonly number[];
  /** Stored values beyond these are missing too; infinite where the file sets no bound. */
  readonly validStored: readonly [number, number];
  /** The same for physical values. */
  readonly validPhysical: readonly [number, number];
  /** `_Unsigned`: what is added to stored values below 0 (positive), or subtracted from those above half of it (negative); else 0. */
  readonly unwrap: number;
}

/**
 * Packing of a variable: `scale_factor`, `add_offset`, `_FillValue`, `missing_value`, `valid_range`, `valid_min`, `valid_max`,
 * `_Unsigned`. Numbers written as text are numbers. The valid range is none of a coordinate variable, which has no missing
 * values [CF-1.8, 2.5.1].
 *
 * @param file - for messages
 * @throws TramontanaError `Ingest.BadPacking` when a scale or an offset is no usable number
 */
export function packingOf(variable: NetcdfVariable, file: string): Packing {
  const unwrap = unwrapOf(variable);
  const isFloat = variable.type === 'float';
  // What is written as double meets values stored as float: compare in the precision of the values.
  const asStored = (value: number): number => (isFloat ? Math.fround(value) : unwrapped(value, unwrap));
  const missing = ['_FillValue', 'missing_value', 'GRIB_missingValue'].flatMap((name) => numbersOf(variable, name));
  if (variable.attributes['_FillValue'] === undefined) {
    const fill = DEFAULT_FILL[variable.type];
    if (fill !== undefined) missing.push(fill);
  }
  return {
    scaleFactor: factorOf(variable, 'scale_factor', file) ?? 1,
    addOffset: factorOf(variable, 'add_offset', file) ?? 0,
    missing: [...new Set(missing.filter((value) => !Number.isNaN(value)).map(asStored))],
    ...validBounds(variable, asStored),
    unwrap,
  };
}

/** A stored number as `_Unsigned` means it. */
export function unwrapped(stored: number, unwrap: number): number {
  if (unwrap > 0) return stored < 0 ? stored + unwrap : stored;
  return unwrap < 0 && stored >= -unwrap / 2 ? stored + unwrap : stored;
}

function unwrapOf(variable: NetcdfVariable): number {
  const value = variable.attributes['_Unsigned'];
  const text = typeof value === 'string' ? value.trim().toLowerCase() : String(value);
  const bits = INTEGER_BITS[variable.type];
  if (bits === undefined) return 0;
  const isUnsignedType = variable.type.startsWith('u');
  if (!isUnsignedType && /^(true|t|1)$/.test(text)) return 2 ** bits;
  return isUnsignedType && /^(false|f|0)$/.test(text) ? -(2 ** bits) : 0;
}

/**
 * The valid range in stored or in physical values: a bound is of stored values unless it is a floating-point number where the
 * values are stored as integers [NUG, valid_range].
 */
function validBounds(
  variable: NetcdfVariable,
  asStored: (value: number) => number,
): Pick<Packing, 'validStored' | 'validPhysical'> {
  const everything: [number, number] = [-Infinity, Infinity];
  const bounds = {
    validStored: [...everything] as [number, number],
    validPhysical: [...everything] as [number, number],
  };
  if (variable.dimensions.length === 1 && variable.dimensions[0] === variable.name) return bounds;
  const isInteger = variable.type !== 'float' && variable.type !== 'double';
  const narrow = (name: string, side: 0 | 1, value: number | undefined): void => {
    if (value === undefined || Number.isNaN(value)) return;
    const type = variable.attributeTypes?.[name];
    const isPhysical = isInteger && (type === 'float' || type === 'double');
    const range = isPhysical ? bounds.validPhysical : bounds.validStored;
    const bound = isPhysical ? value : asStored(value);
    range[side] = side === 0 ? Math.max(range[0], bound) : Math.min(range[1], bound);
  };
  const range = numbersOf(variable, 'valid_range');
  if (range.length === 2) {
    narrow('valid_range', 0, range[0]);
    narrow('valid_range', 1, range[1]);
  }
  narrow('valid_min', 0, numbersOf(variable, 'valid_min')[0]);
  narrow('valid_max', 1, numbersOf(variable, 'valid_max')[0]);
  return bounds;
}

function factorOf(variable: NetcdfVariable, name: string, file: string): number | undefined {
  const value = variable.attributes[name];
  if (value === undefined) return undefined;
  const [number, ...others] = numbersOf(variable, name);
  if (
    number !== undefined &&
    others.length === 0 &&
    Number.isFinite(number) &&
    !(name === 'scale_factor' && number === 0)
  )
    return number;
  const hint = /^\s*[+-]?\d+,\d+\s*$/.test(String(value)) ? '; write it with a decimal point' : '';
  throw new TramontanaError(
    'Ingest.BadPacking',
    `${file}: variable "${variable.name}": expected one finite number${name === 'scale_factor' ? ' other than 0' : ''} as ${name}, got ${JSON.stringify(value)}${hint}`,
    { facts: { file, variable: variable.name, attribute: name, found: value } },
  );
}

/** Numbers of an attribute, also of one that is text ("0.05", "0 2000", "0., 2000.f"); none where it is anything else. */
function numbersOf(variable: NetcdfVariable, name: string): number[] {
  const value = variable.attributes[name];
  if (typeof value === 'number') return [value];
  const text = textAttribute(variable.attributes, name);
  const items =
    text === undefined ? (Array.isArray(value) ? (value as readonly unknown[]) : []) : text.trim().split(/\s*,\s*|\s+/);
  const numbers = items.map((item) => (typeof item === 'number' ? item : parseNumber(String(item))));
  return numbers.includes(undefined) ? [] : (numbers as number[]);
}

function parseNumber(text: string): number | undefined {
  const [, mantissa, exponent = '0'] = NUMBER_TEXT.exec(text) ?? [];
  return mantissa === undefined ? undefined : Number(`${mantissa}e${exponent}`);
}
