// SPDX-License-Identifier: Apache-2.0
/** Attribute values; text is stored as UTF-8 characters, numbers keep the type of their array. */
export type NetcdfAttributes = Readonly<Record<string, string | Float32Array | Float64Array | Int32Array | Int8Array>>;

export type NetcdfData = Float32Array | Float64Array | Int32Array | Int8Array;

/** Rows of a variable over (time, row, column) as they were written. */
export interface MeantRows {
  readonly first: number;
  readonly count: number;
  /** Of the bytes of the values. */
  readonly sha256: string;
}

/** What a reader must find: the values and attributes of a variable, or the attributes of the file. */
export interface MeantObject {
  readonly data?: NetcdfData;
  /** Of a variable that was written in bands; their values are not kept. */
  readonly rows?: readonly MeantRows[];
  readonly attributes: NetcdfAttributes;
}
