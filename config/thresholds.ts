// SPDX-License-Identifier: Apache-2.0
import type { ExceedanceThreshold, PollutantId } from '../common/pollutants.js';
import type { DomainConfig } from './schema.js';

/** WHO global air quality guidelines 2021, 24-hour values (ozone: daily maximum 8-hour mean), ug m-3 [WHO2021]. */
export const WHO_2021_DAILY_UG_M3: Readonly<Record<PollutantId, number>> = { pm2_5: 15, pm10: 45, o3: 100, no2: 25 };

/** The thresholds of the configured pollutants: the configured ones, else the WHO daily guideline. */
export function thresholdsOf(config: DomainConfig): ExceedanceThreshold[] {
  return config.pollutants.flatMap((pollutant): ExceedanceThreshold[] => {
    const guideline = WHO_2021_DAILY_UG_M3[pollutant];
    const values = config.products.thresholds?.[pollutant] ?? [guideline];
    return values.map((value_ug_m3) => ({
      pollutant,
      value_ug_m3,
      label: value_ug_m3 === guideline ? 'WHO 2021 daily guideline' : `${value_ug_m3} ug m-3`,
    }));
  });
}
