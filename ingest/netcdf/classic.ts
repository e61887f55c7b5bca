// SPDX-License-Identifier: Apache-2.0
/**
 * NetCDF-3 (classic and 64-bit offset). netcdfjs parses the header; the numbers are read from the file by
 * position, so that a large file is never in memory as a whole.
 *
 * @module
 */
import type { FileHandle } from 'node:fs/promises';
import { NetCDFReader } from 'netcdfjs';
import { TramontanaError, messageOf } from '../../common/errors.js';
import { openRegular } from '../../common/regular-file.js';
import type {
  AttributeValue,
  Attributes,
  NetcdfDimension,
  NetcdfFile,
  NetcdfVariable,
  ReadOptions,
  StorageType,
} from './types.js';
import { resolveRange, variableNamed } from './select.js';
import { requireAllocatable } from './size-limit.js';
import { decodeNumbers } from './typed-bytes.js';

type Header = NetCDFReader['header'];
type HeaderVariable = Header['variables'][number];

type HeaderAttribute = { readonly name: string; readonly type: string };

/** netcdfjs leaves out empty lists although its types do not say so. */
type PartialHeader = Partial<Pick<Header, 'variables' | 'dimensions'>>;

interface ClassicVariable extends NetcdfVariable {
  readonly offset: number;
  readonly isRecord: boolean;
  /** Bytes of one record (record variables) or of the whole variable, without padding. */
  readonly dataBytes: number;
  readonly elementBytes: number;
}

const ELEMENT_BYTES: Readonly<Record<string, number>> = { byte: 1, char: 1, short: 2, int: 4, float: 4, double: 8 };
const FIRST_HEADER_BYTES = 64 * 1024;
/** numrecs of a file whose writer did not come to count its records. */
const STREAMING_RECORDS = 0xffffffff;
/** Bytes read between two looks at the abort signal. */
const SLAB_BYTES = 16 * 1024 * 1024;

/**
 * Opens a NetCDF-3 file and checks that it is as long as its header declares.
 *
 * @throws TramontanaError `Ingest.TruncatedFile`, `Ingest.CorruptFile`
 */
export async function openClassic(path: string): Promise<NetcdfFile> {
  const { file, bytes: size } = await openRegular(path);
  try {
    const header = await readHeader(file, path, size);
    return buildFile(file, path, size, header);
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function readHeader(file: FileHandle, path: string, fileBytes: number): Promise<Header> {
  for (let bytes = Math.min(fileBytes, FIRST_HEADER_BYTES); ; bytes = Math.min(fileBytes, bytes * 4)) {
    const head = new Uint8Array(bytes);
    await file.read(head, 0, bytes, 0);
    try {
      return new NetCDFReader(head).header;
    } catch (error) {
      // Reading past the end of the prefix is a RangeError; anything else is a header that is wrong at any length.
      if (!(error instanceof RangeError)) {
        throw new TramontanaError(
          'Ingest.CorruptFile',
          `${path}: expected a valid NetCDF-3 header; ${messageOf(error)}`,
          {
            facts: { file: path },
            cause: error,
          },
        );
      }
      if (bytes >= fileBytes) {
        throw new TramontanaError(
          'Ingest.TruncatedFile',
          `${path}: the file ends within its NetCDF-3 header; expected more than the ${fileBytes} bytes that are there`,
          { facts: { file: path, actualBytes: fileBytes }, cause: error },
        );
      }
    }
  }
}

function buildFile(file: FileHandle, path: string, fileBytes: number, header: Header): NetcdfFile {
  const headerVariables: readonly HeaderVariable[] = (header as PartialHeader).variables ?? [];
  const recordId = header.recordDimension.id;
  const headerDimensions = (header as PartialHeader).dimensions ?? [];
  const describe = (variable: HeaderVariable): ClassicVariable =>
    describeVariable(variable, headerDimensions, recordId, path);
  const layouts = headerVariables.map(describe);
  const recordVariables = layouts.filter((variable) => variable.isRecord);
  // A single record variable is not padded to four bytes between records [NetCDF classic format, note on padding].
  const single = recordVariables.length === 1 ? recordVariables[0] : undefined;
  const recordBytes =
    single === undefined
      ? recordVariables.reduce((sum, variable) => sum + roundUp4(variable.dataBytes), 0)
      : single.dataBytes;
  const records =
    header.recordDimension.length === STREAMING_RECORDS
      ? countRecords(recordVariables, recordBytes, fileBytes)
      : header.recordDimension.length;
  const lengthOf = (index: number): number => (index === recordId ? records : (headerDimensions[index]?.size ?? 0));

  const variables = layouts.map((variable, index) => ({
    ...variable,
    shape: (headerVariables[index]?.dimensions ?? []).map(lengthOf),
  }));
  checkLength(path, fileBytes, variables, records, recordBytes);
  const dimensions: NetcdfDimension[] = headerDimensions.map((dimension, index) => ({
    name: decodeText(dimension.name),
    length: lengthOf(index),
  }));

  return {
    path,
    format: header.version === 1 ? 'NetCDF-3 classic' : 'NetCDF-3 64-bit offset',
    dimensions,
    attributes: decodeAttributes(header.globalAttributes),
    variables,
    readRaw: async (name, options = {}) =>
      readVariable(file, path, variableNamed(path, variables, name), recordBytes, options),
    close: () => file.close(),
  };
}

function describeVariable(
  variable: HeaderVariable,
  dimensions: Header['dimensions'],
  recordId: number | undefined,
  path: string,
): ClassicVariable {
  const name = decodeText(variable.name);
  const elementBytes = ELEMENT_BYTES[variable.type];
  const unknownDimension = variable.dimensions.find((index) => dimensions[index] === undefined);
  if (elementBytes === undefined || unknownDimension !== undefined) {
    throw new TramontanaError(
      'Ingest.CorruptFile',
      `${path}: variable "${name}" refers to ${elementBytes === undefined ? `unknown type ${variable.type}` : `dimension ${String(unknownDimension)} of ${dimensions.length}`}; expected a valid NetCDF-3 header`,
      { facts: { file: path, variable: name } },
    );
  }
  const isRecord = recordId !== undefined && variable.dimensions[0] === recordId;
  const fixed = isRecord ? variable.dimensions.slice(1) : variable.dimensions;
  return {
    name,
    type: variable.type as StorageType,
    dimensions: variable.dimensions.map((index) => decodeText(dimensions[index]?.name ?? '')),
    shape: [],
    attributes: decodeAttributes(variable.attributes),
    attributeTypes: Object.fromEntries(
      (variable.attributes as readonly HeaderAttribute[]).map(({ name: key, type }) => [
        decodeText(key),
        type as StorageType,
      ]),
    ),
    offset: variable.offset,
    isRecord,
    dataBytes: fixed.reduce((product, index) => product * (dimensions[index]?.size ?? 0), elementBytes),
    elementBytes,
  };
}

function countRecords(recordVariables: readonly ClassicVariable[], recordBytes: number, fileBytes: number): number {
  if (recordBytes === 0) return 0;
  const first = Math.min(...recordVariables.map((variable) => variable.offset));
  return Math.max(0, Math.floor((fileBytes - first) / recordBytes));
}

function checkLength(
  path: string,
  fileBytes: number,
  variables: readonly ClassicVariable[],
  records: number,
  recordBytes: number,
): void {
  let expected = 0;
  let last = '';
  for (const variable of variables) {
    const end = variable.isRecord
      ? records === 0
        ? 0
        : variable.offset + (records - 1) * recordBytes + variable.dataBytes
      : variable.offset + variable.dataBytes;
    if (end > expected) {
      expected = end;
      last = variable.name;
    }
  }
  if (fileBytes < expected) {
    throw new TramontanaError(
      'Ingest.TruncatedFile',
      `${path}: the file is truncated: its header declares at least ${expected} bytes (to the end of variable "${last}"), it has ${fileBytes}`,
      { facts: { file: path, variable: last, expectedBytes: expected, actualBytes: fileBytes } },
    );
  }
}

async function readVariable(
  file: FileHandle,
  path: string,
  variable: ClassicVariable,
  recordBytes: number,
  options: ReadOptions,
): Promise<Float64Array> {
  const { start, count, rowElements } = resolveRange(variable.shape, options);
  requireAllocatable(path, `variable "${variable.name}"`, count * rowElements * Float64Array.BYTES_PER_ELEMENT);
  const values = new Float64Array(count * rowElements);
  const rowBytes = rowElements * variable.elementBytes;
  // Rows of a record variable lie recordBytes apart; others are contiguous.
  const stride = variable.isRecord ? recordBytes : rowBytes;
  const contiguous = stride === rowBytes;
  const rowsPerRead = contiguous ? Math.max(1, Math.floor(SLAB_BYTES / Math.max(1, rowBytes))) : 1;
  const buffer = new Uint8Array(Math.min(rowsPerRead, count) * rowBytes);
  for (let row = 0; row < count; row += rowsPerRead) {
    options.signal?.throwIfAborted();
    const bytes = Math.min(rowsPerRead, count - row) * rowBytes;
    await readFully(file, path, buffer.subarray(0, bytes), variable.offset + (start + row) * stride, variable.name);
    decodeNumbers(
      buffer.buffer,
      bytes / variable.elementBytes,
      variable.type,
      variable.elementBytes,
      false,
      values,
      row * rowElements,
    );
  }
  return values;
}

async function readFully(
  file: FileHandle,
  path: string,
  target: Uint8Array,
  position: number,
  variable: string,
): Promise<void> {
  let done = 0;
  while (done < target.length) {
    const { bytesRead } = await file.read(target, done, target.length - done, position + done);
    if (bytesRead === 0) {
      throw new TramontanaError(
        'Ingest.TruncatedFile',
        `${path}: variable "${variable}": expected ${target.length} bytes at ${position}, the file ends after ${done}`,
        { facts: { file: path, variable, expectedBytes: position + target.length, actualBytes: position + done } },
      );
    }
    done += bytesRead;
  }
}

function decodeAttributes(attributes: readonly { readonly name: string; readonly value: unknown }[]): Attributes {
  const result: Record<string, AttributeValue> = {};
  for (const { name, value } of attributes) {
    if (typeof value === 'string') result[decodeText(name)] = decodeText(value);
    else if (typeof value === 'number') result[decodeText(name)] = value;
    else if (Array.isArray(value)) {
      const numbers = value.map(Number);
      result[decodeText(name)] = numbers.length === 1 ? (numbers[0] ?? NaN) : numbers;
    }
  }
  return result;
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

/** netcdfjs gives one character a byte; names and texts are UTF-8, or Latin-1 in old files ("\xB5g/m3"). */
function decodeText(latin1: string): string {
  // Only the low byte of each character is data: netcdfjs reads bytes as signed.
  const bytes = Buffer.from(latin1.replace(/\0+$/, ''), 'latin1');
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return bytes.toString('latin1');
  }
}

function roundUp4(bytes: number): number {
  return Math.ceil(bytes / 4) * 4;
}
