// SPDX-License-Identifier: Apache-2.0
/**
 * One view over NetCDF-3 and NetCDF-4: names, shapes, attributes and raw numbers. Formats know nothing of pollutants.
 *
 * @module
 */

/** Value of an attribute; one-element arrays are given as their element. */
export type AttributeValue = string | number | readonly number[] | readonly string[];

export type Attributes = Readonly<Record<string, AttributeValue>>;

export interface NetcdfDimension {
  readonly name: string;
  readonly length: number;
}

/** Storage type, in the words of CDL. `other` cannot be read as numbers. */
export type StorageType =
  | 'byte'
  | 'ubyte'
  | 'char'
  | 'short'
  | 'ushort'
  | 'int'
  | 'uint'
  | 'int64'
  | 'uint64'
  | 'float'
  | 'double'
  | 'string'
  | 'other';

export interface NetcdfVariable {
  readonly name: string;
  readonly type: StorageType;
  /** Names of the dimensions, slowest first; empty for a scalar. */
  readonly dimensions: readonly string[];
  readonly shape: readonly number[];
  readonly attributes: Attributes;
  /** Storage types of the numeric attributes, where the format tells them: packed or unpacked, a valid range says so by its type. */
  readonly attributeTypes?: Readonly<Record<string, StorageType>>;
}

/** Part of a variable along its first dimension, and how to cancel. */
export interface ReadOptions {
  /** First index along the slowest dimension; default 0. */
  readonly start?: number;
  /** Number of indices along the slowest dimension; default: to the end. */
  readonly count?: number;
  readonly signal?: AbortSignal;
}

export interface NetcdfFile {
  readonly path: string;
  readonly format: 'NetCDF-3 classic' | 'NetCDF-3 64-bit offset' | 'NetCDF-4';
  readonly dimensions: readonly NetcdfDimension[];
  readonly attributes: Attributes;
  readonly variables: readonly NetcdfVariable[];
  /**
   * Numbers as stored (no scale, offset or fill applied), row-major. Only the asked part is in memory.
   * 64-bit integers are rounded to the nearest double.
   *
   * @throws TramontanaError `Ingest.MissingVariable`, `Ingest.NotNumeric`, `Ingest.TruncatedFile`, `Ingest.CorruptFile`;
   *   the signal's reason when aborted
   */
  readRaw(variableName: string, options?: ReadOptions): Promise<Float64Array>;
  close(): Promise<void>;
}

/** Text of an attribute, or undefined when it is absent or not text. */
export function textAttribute(attributes: Attributes, name: string): string | undefined {
  const value = attributes[name];
  return typeof value === 'string' ? value : undefined;
}
