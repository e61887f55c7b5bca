// SPDX-License-Identifier: Apache-2.0
import { TramontanaError, isTramontanaError, messageOf } from '../../common/errors.js';
import { openClassic } from './classic.js';
import { openHdf5 } from './hdf5.js';
import { sniffFile, type FileSniff } from './sniff.js';
import type { NetcdfFile } from './types.js';
import { listZipMembers } from './zip-listing.js';

/**
 * Opens a NetCDF-3 (classic, 64-bit offset) or NetCDF-4 file, whatever its name. Close it after use.
 *
 * @throws TramontanaError `Ingest.FileNotReadable`, `Ingest.NotNetcdf` (says what the file looks like instead),
 *   `Ingest.TruncatedFile`, `Ingest.CorruptFile`, `Ingest.NoVariables`
 */
export async function openNetcdf(path: string, options: { readonly signal?: AbortSignal } = {}): Promise<NetcdfFile> {
  options.signal?.throwIfAborted();
  const sniff = await sniffFile(path);
  try {
    switch (sniff.kind) {
      case 'netcdf3-classic':
      case 'netcdf3-64bit-offset':
        return await openClassic(path);
      case 'hdf5':
        return await openHdf5(path, sniff.signatureOffset);
      default:
        throw await notNetcdf(path, sniff);
    }
  } catch (error) {
    if (isTramontanaError(error)) throw error;
    throw new TramontanaError('Ingest.CorruptFile', `${path}: expected a readable NetCDF file; ${messageOf(error)}`, {
      facts: { file: path },
      cause: error,
    });
  }
}

async function notNetcdf(path: string, sniff: FileSniff): Promise<TramontanaError> {
  const facts: Record<string, unknown> = { file: path, kind: sniff.kind, bytes: sniff.bytes };
  let advice = '';
  switch (sniff.kind) {
    case 'grib':
      advice =
        ' request data_format "netcdf", or convert it: `cfgrib to_netcdf IN.grib -o OUT.nc` or `cdo -f nc4 copy IN.grib OUT.nc`; where that loses the species (mdens, unknown), `cdo -f nc4 chname,mdens,o3_conc IN.grib OUT.nc` names it';
      break;
    case 'zip': {
      const members = await listZipMembers(path);
      facts['members'] = members ?? [];
      advice =
        members === undefined
          ? ' its list of members cannot be read: the archive is damaged or was not downloaded completely'
          : ` unpack it first; its members are ${members.length === 0 ? '(none)' : members.join(', ')}`;
      break;
    }
    case 'gzip':
      advice = ' unpack it first';
      break;
    case 'netcdf3-64bit-data':
      advice = ' convert it with `nccopy -k nc4`';
      break;
    case 'html':
    case 'json':
      advice = ' the download probably failed; open the file to read the answer of the server';
      break;
    case 'empty':
      advice = ' download it again';
      break;
    default:
  }
  return new TramontanaError(
    'Ingest.NotNetcdf',
    `${path}: expected a NetCDF file (classic, 64-bit offset or NetCDF-4); it is ${sniff.description}.${advice}`,
    { facts },
  );
}
