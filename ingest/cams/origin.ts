// SPDX-License-Identifier: Apache-2.0
import { basename } from 'node:path';
import type { FieldOrigin } from '../../artifacts/schemas/gridded-field.js';
import { textAttribute, type NetcdfFile, type NetcdfVariable } from '../netcdf/types.js';

/** Where the values of a file come from, and how we know. */
export interface OriginVerdict {
  readonly origin: FieldOrigin;
  /** For people, e.g. "CAMS regional forecast". */
  readonly layout: string;
  /** False when the file does not say and the origin is a default. */
  readonly isStated: boolean;
  readonly evidence: string;
}

/** EAC4 is published on 0.75 degree cells, the global forecasts on 0.4 degree [CAMS data catalogue]. */
const EAC4_STEP_DEGREES = 0.75;
const GLOBAL_FORECAST_STEP_DEGREES = 0.4;

/**
 * Analysis, forecast or reanalysis: stated by the file's attributes (regional files name it in global attributes and in the
 * time's long_name; cfgrib keeps GRIB_dataType), else by the grid that the product uses, else by the file's name.
 */
export function originOf(
  file: NetcdfFile,
  variable: NetcdfVariable,
  timeLabel: string,
  stepDegrees: number,
): OriginVerdict {
  const { attributes } = file;
  const regional = /^\s*(re-?analysis|analysis|forecast)\s+time from/i
    .exec(timeLabel)?.[1]
    ?.toLowerCase()
    .replace('-', '');
  const flagged =
    attributes['FORECAST'] !== undefined ? 'forecast' : attributes['ANALYSIS'] !== undefined ? 'analysis' : undefined;
  const words = regional ?? flagged;
  if (words !== undefined) {
    return {
      origin: words as FieldOrigin,
      layout: `CAMS regional ${words}`,
      isStated: true,
      evidence: regional === undefined ? 'global attributes' : timeLabel,
    };
  }
  const title = ['title', 'Title', 'summary', 'source', 'history']
    .map((name) => textAttribute(attributes, name) ?? '')
    .find((text) => /re-?analysis|EAC4/i.test(text));
  if (title !== undefined) {
    const isRegional = /europe/i.test(title);
    return {
      origin: 'reanalysis',
      layout: isRegional ? 'CAMS regional reanalysis' : 'CAMS global reanalysis',
      isStated: true,
      evidence: title.slice(0, 80),
    };
  }
  const near = (step: number): boolean => Math.abs(stepDegrees - step) < 1e-3;
  const dataType = textAttribute(variable.attributes, 'GRIB_dataType');
  if (dataType === 'fc')
    return { origin: 'forecast', layout: 'CAMS global forecast', isStated: true, evidence: 'GRIB_dataType fc' };
  if (near(EAC4_STEP_DEGREES)) {
    return {
      origin: 'reanalysis',
      layout: 'CAMS global reanalysis (EAC4)',
      isStated: true,
      evidence: '0.75 degree grid',
    };
  }
  if (dataType === 'an')
    return { origin: 'analysis', layout: 'CAMS global analysis', isStated: true, evidence: 'GRIB_dataType an' };
  if (near(GLOBAL_FORECAST_STEP_DEGREES)) {
    return { origin: 'forecast', layout: 'CAMS global forecast', isStated: false, evidence: '0.4 degree grid' };
  }
  const name = /(reanalysis|analysis|forecast)/i.exec(basename(file.path))?.[1]?.toLowerCase();
  if (name !== undefined)
    return { origin: name as FieldOrigin, layout: `${name} (by file name)`, isStated: false, evidence: 'file name' };
  return {
    origin: 'analysis',
    layout: 'unknown product',
    isStated: false,
    evidence: 'nothing; analysis is the default',
  };
}
