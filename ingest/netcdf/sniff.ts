// SPDX-License-Identifier: Apache-2.0
import { TramontanaError, messageOf } from '../../common/errors.js';
import { openRegular } from '../../common/regular-file.js';

export type FileKind =
  | 'netcdf3-classic'
  | 'netcdf3-64bit-offset'
  | 'netcdf3-64bit-data'
  | 'hdf5'
  | 'grib'
  | 'zip'
  | 'gzip'
  | 'tiff'
  | 'html'
  | 'xml'
  | 'json'
  | 'arrow'
  | 'parquet'
  | 'text'
  | 'empty'
  | 'binary';

/** What a file looks like, judged by its first bytes and never by its name. */
export interface FileSniff {
  readonly kind: FileKind;
  /** For people, e.g. "a GRIB edition 2 message". */
  readonly description: string;
  readonly bytes: number;
  /** Where the HDF5 superblock starts (a user block may precede it); 0 for other kinds. */
  readonly signatureOffset: number;
}

const HEAD_BYTES = 8192;
/** Local file header, end of an empty archive, spanned archive [APPNOTE 4.3]. */
const ZIP_STARTS = ['PK\x03\x04', 'PK\x05\x06', 'PK\x07\x08'];
const HDF5_SIGNATURE = Buffer.from([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]);
/** The HDF5 signature lies at 0 or at 512 times a power of two. */
const HDF5_OFFSETS = [0, 512, 1024, 2048, 4096];

/**
 * Reads the first bytes of a file and says what it is.
 *
 * @throws TramontanaError `Ingest.FileNotReadable` when there is no such file, it is no regular file (folder,
 *   pipe, device), or it may not be read
 */
export async function sniffFile(path: string): Promise<FileSniff> {
  try {
    const { file, bytes: size } = await openRegular(path);
    try {
      const head = Buffer.alloc(Math.min(size, HEAD_BYTES));
      await file.read(head, 0, head.length, 0);
      return { ...sniffBytes(head), bytes: size };
    } finally {
      await file.close();
    }
  } catch (error) {
    throw new TramontanaError('Ingest.FileNotReadable', `${path}: expected a readable file; ${messageOf(error)}`, {
      facts: { file: path },
      cause: error,
    });
  }
}

/** What these first bytes of a file look like. */
export function sniffBytes(head: Buffer): Omit<FileSniff, 'bytes'> {
  const kind = (name: FileKind, description: string, signatureOffset = 0): Omit<FileSniff, 'bytes'> => ({
    kind: name,
    description,
    signatureOffset,
  });
  if (head.length === 0) return kind('empty', 'an empty file (0 bytes)');
  const start = head.toString('latin1', 0, 8);
  if (start.startsWith('CDF\x01')) return kind('netcdf3-classic', 'NetCDF-3 classic');
  if (start.startsWith('CDF\x02')) return kind('netcdf3-64bit-offset', 'NetCDF-3 64-bit offset');
  if (start.startsWith('CDF\x05')) return kind('netcdf3-64bit-data', 'NetCDF-3 64-bit data (CDF-5)');
  const offset = HDF5_OFFSETS.find((at) => head.subarray(at, at + 8).equals(HDF5_SIGNATURE));
  if (offset !== undefined) return kind('hdf5', 'NetCDF-4/HDF5', offset);
  if (start.startsWith('GRIB')) return kind('grib', `a GRIB edition ${String(head[7] ?? '?')} message`);
  if (ZIP_STARTS.some((signature) => start.startsWith(signature))) return kind('zip', 'a zip archive');
  if (start.startsWith('\x1f\x8b')) return kind('gzip', 'a gzip-compressed file');
  if (/^(II[*+]\0|MM\0[*+])/.test(start)) return kind('tiff', 'a TIFF image');
  if (start.startsWith('ARROW1')) return kind('arrow', 'an Arrow IPC file');
  if (start.startsWith('PAR1')) return kind('parquet', 'a Parquet file');
  return sniffText(head);
}

function sniffText(head: Buffer): Omit<FileSniff, 'bytes'> {
  const text = head
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trimStart();
  const result = (kind: FileKind, description: string): Omit<FileSniff, 'bytes'> => ({
    kind,
    description,
    signatureOffset: 0,
  });
  if (/^<(!doctype\s+html|html|head|body)/i.test(text))
    return result('html', 'an HTML page (perhaps an error or log-in page)');
  if (text.startsWith('<?xml') || /^<[a-z]/i.test(text)) return result('xml', 'an XML document');
  if (/^[[{]\s*["{[\]}\d-]/.test(text)) return result('json', 'a JSON document (perhaps an error response)');
  // Control characters other than tab, line feed and carriage return do not occur in text.
  // eslint-disable-next-line no-control-regex
  if (!/[\u0000-\u0008\u000e-\u001f\uFFFD]/.test(text.slice(0, 512))) {
    return result('text', `text starting with ${JSON.stringify(text.slice(0, 40))}`);
  }
  return result('binary', `binary data starting with bytes ${head.toString('hex', 0, 8)}`);
}
