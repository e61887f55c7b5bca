// SPDX-License-Identifier: Apache-2.0
import { openCamsFile, type CamsVariable } from './cams/cams-file.js';
import { readValues } from './cams/read-values.js';
import { assessQuality } from './quality/assess-quality.js';
import { assessTimes, isoTime } from './quality/assess-times.js';
import { issue, type QualityIssue } from './quality/issue.js';
import { summarise } from './quality/statistics.js';

/** One pollutant of a file, after normalisation; plain JSON. */
export interface InspectedPollutant {
  /** Our name of the species (`pm2_5`, `o3`, `so2`, ...); a total column has its ECMWF short name (`tcno2`). */
  readonly pollutant: string;
  /** Name of the variable in the file. */
  readonly variable: string;
  /** 'ug m-3' for concentrations, 'kg m-2' for total columns. */
  readonly units: string;
  /** [times, latitudes, longitudes]. */
  readonly shape: readonly [number, number, number];
  /** Degrees north, north to south. */
  readonly latitudes: readonly number[];
  /** Degrees east in [-180, 180), ascending. */
  readonly longitudes: readonly number[];
  /** ISO 8601, UTC. */
  readonly times: readonly string[];
  /** null when all values are missing. */
  readonly min: number | null;
  readonly mean: number | null;
  readonly max: number | null;
  /** Number of missing values. */
  readonly missing: number;
}

/** What a file holds. */
export interface FileInspection {
  readonly file: string;
  readonly format: string;
  /** For people, e.g. "CAMS regional forecast". */
  readonly product: string;
  readonly pollutants: readonly InspectedPollutant[];
  readonly issues: readonly QualityIssue[];
}

/**
 * Reads every pollutant of a file, one at a time, and says what is there and what is odd about it.
 *
 * @throws TramontanaError as readCamsFile, when nothing of the file can be read; the message says what the file is instead
 */
export async function inspectFile(
  path: string,
  options: { readonly signal?: AbortSignal } = {},
): Promise<FileInspection> {
  const cams = await openCamsFile(path, options);
  try {
    const issues: QualityIssue[] = [...cams.issues];
    const pollutants: InspectedPollutant[] = [];
    const grids = new Set<CamsVariable['grid']>();
    for (const source of cams.variables) {
      const { values, issues: found } = await readValues(cams.file, source, options);
      issues.push(...found, ...qualityOf(source, values));
      if (!grids.has(source.grid)) issues.push(...assessTimes(source.grid.times.timesMs, 'hourly').issues);
      grids.add(source.grid);
      pollutants.push(describe(source, values));
    }
    for (const { match, variable, error } of cams.unreadable) {
      issues.push(
        issue('error', 'unreadable-variable', error.message, {
          species: match.species,
          variable: variable.name,
          tag: error.tag,
        }),
      );
    }
    return { file: path, format: cams.file.format, product: cams.product.layout, pollutants, issues };
  } finally {
    await cams.close();
  }
}

function describe(source: CamsVariable, values: Float64Array): InspectedPollutant {
  const { latitude, longitude, times } = source.grid;
  const { min, mean, max, missing } = summarise(values);
  return {
    pollutant: source.match.species,
    variable: source.variable.name,
    units: source.conversion.units,
    shape: [times.timesMs.length, latitude.values.length, longitude.values.length],
    latitudes: Array.from(latitude.values),
    longitudes: Array.from(longitude.values),
    times: Array.from(times.timesMs, isoTime),
    min,
    mean,
    max,
    missing,
  };
}

/** Issues of the values; a total column has no plausible range in ug m-3 and is only named. */
function qualityOf(source: CamsVariable, values: Float64Array): readonly QualityIssue[] {
  const { species, quantity } = source.match;
  if (quantity === 'column') {
    return [
      issue(
        'info',
        'total-column',
        `variable "${source.variable.name}" is a total column (kg m-2), not a concentration near the surface; a forecast does not use it`,
        {
          species,
          variable: source.variable.name,
        },
      ),
    ];
  }
  const { latitude, longitude, times } = source.grid;
  const report = assessQuality({
    cadence: 'hourly',
    latitudesDegrees: latitude.values,
    longitudesDegrees: longitude.values,
    timesMs: times.timesMs,
    origins: Array.from(times.timesMs, () => source.origin),
    variables: [{ species, units: 'ug m-3', statistic: 'instantaneous', values }],
  });
  // Issues of the time axis carry no species and are told once a grid.
  return report.issues.filter(({ facts }) => facts['species'] === species);
}
