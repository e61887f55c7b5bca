// SPDX-License-Identifier: Apache-2.0
import { textAttribute, type NetcdfVariable } from '../netcdf/types.js';

/** True for an instant, the start of a run or a period since it. */
export function isTimeVariable(variable: NetcdfVariable): boolean {
  const standardName = textAttribute(variable.attributes, 'standard_name') ?? '';
  return (
    /^(time|valid_time|forecast_reference_time|reference_time|reftime|forecast_period|step|lead_?time(_hour)?|leadtime)$/i.test(
      variable.name,
    ) ||
    /^(time|forecast_reference_time|forecast_period)$/.test(standardName) ||
    textAttribute(variable.attributes, 'axis') === 'T'
  );
}

/** cfgrib calls the run `time` with this standard name, and the instant `valid_time`. */
export function isReferenceTime(variable: NetcdfVariable): boolean {
  const standardName = textAttribute(variable.attributes, 'standard_name');
  if (standardName === 'forecast_reference_time') return true;
  return standardName === undefined && /^(forecast_reference_time|reference_time|reftime)$/i.test(variable.name);
}

/** True for a time since the start of a run. */
export function isPeriod(variable: NetcdfVariable): boolean {
  if (textAttribute(variable.attributes, 'standard_name') === 'forecast_period') return true;
  return /^(forecast_period|step|lead_?time(_hour)?|leadtime)$/i.test(variable.name);
}

/** The lower, the more surely it holds instants. */
export function instantRank(variable: NetcdfVariable): number {
  if (variable.name === 'valid_time') return 0;
  return textAttribute(variable.attributes, 'standard_name') === 'time' || variable.name === 'time' ? 1 : 2;
}
