// SPDX-License-Identifier: Apache-2.0
import { basename } from 'node:path';
import { textAttribute, type NetcdfFile, type NetcdfVariable } from '../netcdf/types.js';

/** Models of the regional service as they appear in file names [CAMS data catalogue]; capitals, for MATCH is also a word. */
const NAMES =
  'ENSEMBLE|ENS[ar]?|CHIMERE|DEHM|EMEP|EURAD(?:-?IM)?|GEM-?AQ|LOTOS(?:-?EUROS)?|MATCH|MINNI|MOCAGE|MONARCH|SILAM';
/** Short forms of one name. */
const ALIASES: Readonly<Record<string, string>> = {
  ENS: 'ENSEMBLE',
  ENSA: 'ENSEMBLE',
  ENSR: 'ENSEMBLE',
  EURAD: 'EURAD-IM',
  EURADIM: 'EURAD-IM',
  GEMAQ: 'GEM-AQ',
  LOTOS: 'LOTOS-EUROS',
  LOTOSEUROS: 'LOTOS-EUROS',
};

/**
 * The model that computed a file, in capitals: from the attributes of the regional service ("Data from CHIMERE model", "Model
 * ENSEMBLE ANALYSIS", "... from Ensemble median"), else from the file's name. Undefined when neither says.
 */
export function modelOf(file: NetcdfFile, variable: NetcdfVariable): string | undefined {
  const text = (name: string): string => textAttribute(file.attributes, name) ?? '';
  const found =
    /\b([A-Z][\w-]*) model\b/.exec(text('source'))?.[1] ??
    /^(?:SIMULATED )?([A-Z][\w-]*) model hourly\b/.exec(text('summary'))?.[1] ??
    /\bModel ([A-Z][\w-]*) (?:RE-?ANALYSIS|ANALYSIS|FORECAST)\b/.exec(text('history'))?.[1] ??
    /\bfrom (\w[\w-]*) median\b/i.exec(textAttribute(variable.attributes, 'source') ?? '')?.[1] ??
    // Reanalyses are called cams.eaq.vra.MONARCHa.no2.l0.2023-01.nc.
    new RegExp(`(?<![A-Za-z])(${NAMES})(?:(?<=\\.eaq\\..*)[ar])?(?![A-Za-z])`).exec(basename(file.path))?.[1];
  const name = found?.toUpperCase();
  return name === undefined ? undefined : (ALIASES[name] ?? name);
}
