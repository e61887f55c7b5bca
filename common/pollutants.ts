// SPDX-License-Identifier: Apache-2.0
/** Pollutants that the product forecasts, in the order in which the joint model couples them. */
export const POLLUTANTS = ['pm2_5', 'pm10', 'o3', 'no2'] as const;

export type PollutantId = (typeof POLLUTANTS)[number];

/** How a daily value is formed from hourly ones. */
export type DailyStatistic = 'daily_mean' | 'daily_max_8h_mean';

/** Ozone is regulated by its daily maximum 8-hour mean, the others by the daily mean [WHO2021]. */
export const DAILY_STATISTIC: Readonly<Record<PollutantId, DailyStatistic>> = {
  pm2_5: 'daily_mean',
  pm10: 'daily_mean',
  o3: 'daily_max_8h_mean',
  no2: 'daily_mean',
};

/** Display names for people. */
export const POLLUTANT_LABEL: Readonly<Record<PollutantId, string>> = {
  pm2_5: 'PM2.5',
  pm10: 'PM10',
  o3: 'O3',
  no2: 'NO2',
};

/** A concentration that should not be exceeded, in the statistic of the pollutant (DAILY_STATISTIC). */
export interface ExceedanceThreshold {
  readonly pollutant: PollutantId;
  readonly value_ug_m3: number;
  /** For people, e.g. "WHO 2021 daily guideline". */
  readonly label: string;
}
