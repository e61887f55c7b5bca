// SPDX-License-Identifier: Apache-2.0
import type { AreaMeans } from '../../artifacts/schemas/area-means.js';
import { dayOrigin, type DayOrigin, type FineGridPosterior } from '../../artifacts/schemas/fine-grid-posterior.js';
import { isoDay } from '../../common/days.js';
import { entry, float64At } from '../../common/entry.js';
import type { PollutantId } from '../../common/pollutants.js';
import { thresholdToken } from '../exceedance.js';

/** What is told of one pollutant over one area on one day; concentrations in ug m-3. */
export interface AreaRow {
  readonly area: string;
  readonly pollutant: PollutantId;
  /** UTC day, YYYY-MM-DD. */
  readonly date: string;
  readonly origin: DayOrigin;
  readonly mean: number;
  readonly sd: number;
  readonly q025: number;
  readonly q975: number;
  /** In the order of the thresholds of the table; undefined for those of other pollutants. */
  readonly exceedance: readonly (number | undefined)[];
  /** Of the surface of the area within the cells. */
  readonly shareInside: number;
}

/** All that is told of areas, a row for each pollutant, area and day, in that order. */
export interface AreaTable {
  /** Ascending, each once, ug m-3. */
  readonly thresholds: readonly number[];
  readonly rows: readonly AreaRow[];
}

/** The means over areas as a table. */
export function areaTable(means: AreaMeans, posterior: FineGridPosterior): AreaTable {
  const values = means.variables.flatMap(({ exceedance }) => exceedance.map(({ value_ug_m3 }) => value_ug_m3));
  const thresholds = [...new Set(values)].sort((a, b) => a - b);
  const numAreas = means.areas.length;
  const rows = means.variables.flatMap(({ pollutant, exceedance, ...moments }) => {
    const variable = posterior.variables.find((candidate) => candidate.pollutant === pollutant);
    return means.areas.flatMap(({ name, shareInside }, area) =>
      Array.from(posterior.timesMs, (timeMs, day): AreaRow => {
        const at = day * numAreas + area;
        const shares = thresholds.map((threshold) => {
          const own = exceedance.find(({ value_ug_m3 }) => value_ug_m3 === threshold);
          return own === undefined ? undefined : float64At(own.probability, at);
        });
        return {
          ...{ area: name, pollutant, date: isoDay(timeMs), origin: dayOrigin(posterior, day, variable) },
          ...{ mean: entry(moments.mean, at), sd: entry(moments.sd, at) },
          ...{ q025: entry(moments.q025, at), q975: entry(moments.q975, at) },
          ...{ exceedance: shares, shareInside },
        };
      }),
    );
  });
  return { thresholds, rows };
}

/** Name of the column of a threshold. */
export function exceedanceColumn(threshold: number): string {
  return `p_exceed_${thresholdToken(threshold)}`;
}
