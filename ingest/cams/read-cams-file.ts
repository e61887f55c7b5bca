// SPDX-License-Identifier: Apache-2.0
import { entry, float64At } from '../../common/entry.js';
import { TramontanaError } from '../../common/errors.js';
import type { FieldOrigin, FieldVariable } from '../../artifacts/schemas/gridded-field.js';
import { windowOf } from '../bounding-box.js';
import type { BoundingBox, LabelledField } from '../labelled-field.js';
import { issue, type QualityIssue } from '../quality/issue.js';
import { openCamsFile, type CamsFile } from './cams-file.js';
import { chooseVariables } from './choose-variables.js';
import { timesOf } from './read-cams-times.js';
import { readValues } from './read-values.js';

export interface ReadCamsOptions {
  readonly signal?: AbortSignal;
  /** Read only these species (PollutantId or another species of the file); default: every concentration in the file. */
  readonly species?: readonly string[];
  /** Read only cells whose centres lie in this box; of a large file only the window is kept in memory. */
  readonly boundingBox?: BoundingBox;
  /** Density of the air, kg m-3; converts mass mixing ratios, which are refused without it. */
  readonly airDensityKgPerM3?: number;
  /** Origin of a file that does not state its own. */
  readonly assumedOrigin?: FieldOrigin;
}

/**
 * Reads a CAMS file (regional, global, EAC4; NetCDF-3 or NetCDF-4) as a labelled field of concentrations: instantaneous ones,
 * or daily statistics where the file holds those already.
 *
 * Scale, offset and fill value are applied; missing values are NaN. Latitudes are north to south, longitudes ascending in
 * [-180, 180), times ascending and each once (of two runs the later wins). Total columns are no concentrations and are left out.
 *
 * @returns values of shape [time, latitude, longitude] in ug m-3; `cadence` is 'hourly' for instantaneous values whatever their step, 'daily' for daily statistics
 * @throws TramontanaError `Ingest.NotNetcdf`, `Ingest.TruncatedFile`, `Ingest.CorruptFile`, `Ingest.NoPollutants`,
 *   `Ingest.MissingVariable` (with what is available), `Ingest.UnknownUnits`, `Ingest.MixingRatio`, `Ingest.BadTime`,
 *   `Ingest.ContradictoryTimes`, `Ingest.ContradictoryOrigin`, `Ingest.WrongStatistic`, `Ingest.BadCoordinate`, `Ingest.ExtraDimension`, `Ingest.AllMissing`, `Ingest.EmptyBoundingBox`
 */
export async function readCamsFile(path: string, options: ReadCamsOptions = {}): Promise<LabelledField> {
  const cams = await openCamsFile(path, options);
  try {
    return await readConcentrations(cams, path, options);
  } finally {
    await cams.close();
  }
}

async function readConcentrations(cams: CamsFile, path: string, options: ReadCamsOptions): Promise<LabelledField> {
  const issues: QualityIssue[] = [...cams.issues];
  const { chosen, grid } = chooseVariables(cams, path, options.species, issues);
  const { latitude, longitude } = grid;
  const window =
    options.boundingBox === undefined
      ? undefined
      : windowOf(latitude.values, longitude.values, options.boundingBox, path);

  const variables: FieldVariable[] = [];
  for (const source of chosen) {
    const { values, issues: found } = await readValues(cams.file, source, {
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      ...(window === undefined ? {} : { window }),
    });
    issues.push(...found);
    if (values.every((value) => Number.isNaN(value))) {
      issues.push(
        issue(
          'warning',
          'all-missing',
          `${path}: variable "${source.variable.name}": all ${values.length} values are missing`,
          {
            file: path,
            variable: source.variable.name,
            species: source.match.species,
          },
        ),
      );
    }
    issues.push(...source.statistic.issues);
    variables.push({ species: source.match.species, units: 'ug m-3', statistic: source.statistic.statistic, values });
  }
  if (variables.every((variable) => variable.values.every((value) => Number.isNaN(value)))) {
    const names = chosen.map((source) => source.variable.name);
    throw new TramontanaError(
      'Ingest.AllMissing',
      `${path}: variable ${names.map((name) => `"${name}"`).join(', ')}: expected at least one value, all ${entry(variables, 0).values.length} are missing`,
      { facts: { file: path, variables: names, values: entry(variables, 0).values.length } },
    );
  }

  const pick = (values: Float64Array, indices: readonly number[] | undefined): Float64Array =>
    indices === undefined ? values : Float64Array.from(indices, (index) => float64At(values, index));
  return {
    ...timesOf(cams, path, chosen),
    latitudesDegrees: pick(latitude.values, window?.latitudeIndices),
    longitudesDegrees: pick(longitude.values, window?.longitudeIndices),
    variables,
    issues,
  };
}
