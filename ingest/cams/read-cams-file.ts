// SPDX-License-Identifier: Apache-2.0
import { TramontanaError } from '../../common/errors.js';
import { POLLUTANTS } from '../../common/pollutants.js';
import type { FieldOrigin, FieldVariable } from '../../artifacts/schemas/gridded-field.js';
import { windowOf } from '../bounding-box.js';
import type { BoundingBox, LabelledField } from '../labelled-field.js';
import { issue, type QualityIssue } from '../quality/issue.js';
import { openCamsFile, type CamsFile, type CamsGrid, type CamsVariable } from './cams-file.js';
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
  const { latitude, longitude, times } = grid;
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
      `${path}: variable ${names.map((name) => `"${name}"`).join(', ')}: expected at least one value, all ${variables[0]!.values.length} are missing`,
      { facts: { file: path, variables: names, values: variables[0]!.values.length } },
    );
  }

  const pick = (values: Float64Array, indices: readonly number[] | undefined): Float64Array =>
    indices === undefined ? values : Float64Array.from(indices, (index) => values[index]!);
  const isForecast = cams.product.origin === 'forecast';
  const { daysMs } = chosen[0]!.statistic;
  return {
    cadence: daysMs === undefined ? 'hourly' : 'daily',
    latitudesDegrees: pick(latitude.values, window?.latitudeIndices),
    longitudesDegrees: pick(longitude.values, window?.longitudeIndices),
    timesMs: daysMs ?? times.timesMs,
    origins: Array.from(times.timesMs, () => cams.product.origin),
    // Only of a forecast does the age matter; an analysis belongs to its own time.
    ...(isForecast && times.runTimesMs.some((run) => !Number.isNaN(run)) ? { runTimesMs: times.runTimesMs } : {}),
    variables,
    sources: [
      {
        file: path,
        format: cams.file.format,
        layout: cams.product.layout,
        origin: cams.product.origin,
        ...(cams.model === undefined ? {} : { model: cams.model }),
      },
    ],
    issues,
  };
}

function chooseVariables(
  cams: CamsFile,
  path: string,
  requested: readonly string[] | undefined,
  issues: QualityIssue[],
): { readonly chosen: readonly CamsVariable[]; readonly grid: CamsGrid } {
  const concentrations = cams.variables.filter((source) => source.match.quantity === 'concentration');
  const isWanted = (species: string): boolean => requested === undefined || requested.includes(species);
  for (const { match, variable, error } of cams.unreadable) {
    // A pollutant that someone asked for must not vanish in silence; an exotic one must not stop a forecast.
    const isNeeded =
      requested === undefined ? POLLUTANTS.some((pollutant) => pollutant === match.species) : isWanted(match.species);
    if (isNeeded) throw error;
    issues.push(
      issue('warning', 'unreadable-variable', error.message, {
        file: path,
        variable: variable.name,
        species: match.species,
      }),
    );
  }
  const available = concentrations.map((source) => source.match.species);
  if (concentrations.length === 0) {
    const columns = cams.variables.map((source) => source.variable.name);
    throw new TramontanaError(
      'Ingest.NoPollutants',
      `${path}: expected surface concentrations, the file holds ${columns.length === 0 ? 'none that can be read' : `total columns only (${columns.join(', ')}, kg m-2)`}`,
      { facts: { file: path, variables: columns } },
    );
  }
  const missing = requested?.find((species) => !available.includes(species));
  if (missing !== undefined) {
    throw new TramontanaError(
      'Ingest.MissingVariable',
      `${path}: expected a variable with ${missing}; the file holds ${available.join(', ')}`,
      { facts: { file: path, species: missing, available } },
    );
  }
  const wanted = concentrations.filter((source) => isWanted(source.match.species));
  const [first] = wanted;
  if (first === undefined) throw new RangeError('species: expected at least one name');
  const isLike = (source: CamsVariable): boolean =>
    sameGrid(source.grid, first.grid) &&
    source.origin === first.origin &&
    (source.statistic.daysMs === undefined) === (first.statistic.daysMs === undefined);
  const chosen = wanted.filter(isLike);
  for (const source of wanted) {
    if (chosen.includes(source)) continue;
    const message = `${path}: variable "${source.variable.name}" lies on another grid or other times, or is of another origin or cadence, than "${first.variable.name}"`;
    if (requested !== undefined) {
      throw new TramontanaError('Ingest.SeveralGrids', `${message}; expected one grid, read them one at a time`, {
        facts: { file: path, variables: [first.variable.name, source.variable.name] },
      });
    }
    issues.push(
      issue('warning', 'several-grids', `${message}; it was left out`, { file: path, variable: source.variable.name }),
    );
  }
  return { chosen, grid: first.grid };
}

function sameGrid(a: CamsGrid, b: CamsGrid): boolean {
  const same = (x: Float64Array, y: Float64Array): boolean =>
    x.length === y.length && x.every((value, i) => value === y[i]);
  return (
    a === b ||
    (same(a.latitude.values, b.latitude.values) &&
      same(a.longitude.values, b.longitude.values) &&
      same(a.times.timesMs, b.times.timesMs))
  );
}
