// SPDX-License-Identifier: Apache-2.0
import { entry } from '../../common/entry.js';
import type { FieldOrigin } from '../../artifacts/schemas/gridded-field.js';
import type { LabelledField } from '../labelled-field.js';

const HOUR_MS = 3_600_000;
/** Midnight at which sample fields start. */
export const START_MS = Date.UTC(2025, 6, 1);

export interface SampleField {
  readonly hours: readonly number[];
  readonly species?: readonly string[];
  readonly latitudes?: readonly number[];
  readonly longitudes?: readonly number[];
  readonly origin?: FieldOrigin;
  /** Hours after START_MS. */
  readonly runHour?: number;
  readonly valueAt?: (hour: number, cell: number, species: string) => number;
  readonly file?: string;
}

/** A field of hourly values for tests; one cell and PM2.5 unless told otherwise. */
export function sampleField(sample: SampleField): LabelledField {
  const latitudes = sample.latitudes ?? [45.05];
  const longitudes = sample.longitudes ?? [9.05];
  const cells = latitudes.length * longitudes.length;
  const origin = sample.origin ?? 'analysis';
  const { hours, runHour } = sample;
  return {
    cadence: 'hourly',
    latitudesDegrees: Float64Array.from(latitudes),
    longitudesDegrees: Float64Array.from(longitudes),
    timesMs: Float64Array.from(hours, (hour) => START_MS + hour * HOUR_MS),
    origins: hours.map(() => origin),
    ...(runHour === undefined ? {} : { runTimesMs: Float64Array.from(hours, () => START_MS + runHour * HOUR_MS) }),
    variables: (sample.species ?? ['pm2_5']).map((species) => ({
      species,
      units: 'ug m-3',
      statistic: 'instantaneous',
      values: Float64Array.from({ length: hours.length * cells }, (_, index) =>
        (sample.valueAt ?? ((hour: number): number => hour))(
          entry(hours, Math.floor(index / cells)),
          index % cells,
          species,
        ),
      ),
    })),
    sources: [
      { file: sample.file ?? `${origin}.nc`, format: 'NetCDF-3 classic', layout: `CAMS regional ${origin}`, origin },
    ],
    issues: [],
  };
}

/** 0, step, 2 step, ... below end. */
export function hoursTo(end: number, step = 1, start = 0): readonly number[] {
  return Array.from({ length: Math.ceil((end - start) / step) }, (_, index) => start + index * step);
}
