// SPDX-License-Identifier: Apache-2.0
/**
 * The posterior as a CF-1.8 NetCDF-4 file.
 *
 * @module
 */
import type { ExceedanceRun } from '../artifacts/schemas/area-means.js';
import type { PosteriorBand, PosteriorBands } from '../artifacts/schemas/posterior-bands.js';
import { dayOrigin, type FineGridPosterior, type FineGridVariable } from '../artifacts/schemas/fine-grid-posterior.js';
import { breathe } from '../common/breathe.js';
import { DAY_MS } from '../common/days.js';
import { entry } from '../common/entry.js';
import { POLLUTANT_LABEL } from '../common/pollutants.js';
import {
  CAMS_ATTRIBUTION,
  CELL_METHODS,
  CRS_ATTRIBUTES,
  ORIGIN_FLAG,
  SIMULATED_NOTICE,
  STANDARD_NAME,
  STATISTIC_LABEL,
} from './cf-metadata.js';
import { qualityWords } from './formatting.js';
import { exceedanceField, quantileField, thresholdToken } from './exceedance.js';
import { runName } from './exceedance-runs.js';
import { type NetcdfBuilder, writeNetcdfFile } from './netcdf-file.js';
import type { NetcdfAttributes } from './netcdf-types.js';
import type { ExceedanceThreshold, QualitySummary, RunIdentity } from './product-types.js';

const GRID = ['time', 'latitude', 'longitude'] as const;

const QUANTILES = [
  { suffix: 'q025', order: 0.025, label: '2.5 % quantile' },
  { suffix: 'q50', order: 0.5, label: 'median' },
  { suffix: 'q975', order: 0.975, label: '97.5 % quantile' },
] as const;

export interface ForecastNetcdfInputs {
  readonly run: RunIdentity;
  readonly bands: PosteriorBands;
  readonly thresholds: readonly ExceedanceThreshold[];
  /** The quality gate's word on the input; a degraded run says so in the attribute `tramontana_quality`. */
  readonly quality: Pick<QualitySummary, 'decision' | 'reasons'>;
  /** Version of the software, for `source` and `history`. */
  readonly version: string;
  /** Time of writing, for `history`; default now. */
  readonly createdAt?: Date;
  /** Called with each band once it is written. */
  readonly onBand?: (band: PosteriorBand) => Promise<void>;
}

/**
 * Writes mean, standard deviation, quantiles and exceedance probabilities of every pollutant and day.
 *
 * Numbers are float32: its 24 bits are 1e-7 of a concentration, a thousandth of what the posterior sd leaves open.
 * Variables: `<pollutant>_mean`, `_sd`, `_q025`, `_q50`, `_q975`, `_p_exceed_<threshold>`, and
 * `_p_exceed_<threshold>_<n>_days` where asked for, over (time, latitude,
 * longitude), `_origin(time)`, `origin(time)`, `elevation(latitude, longitude)` when known, bounds of all coordinates, `crs`.
 *
 * @param path - Target, written atomically.
 * @throws {TramontanaError} `Products.ShapeMismatch`, `Products.InvalidThreshold`, `Products.NetcdfWrite`.
 */
export async function writeForecastNetcdf(path: string, inputs: ForecastNetcdfInputs): Promise<void> {
  await writeNetcdfFile(path, async (builder) => {
    const elevations: ElevationRows[] = [];
    let head: FineGridPosterior | undefined;
    const told = new Map<string, boolean[]>();
    for await (const band of inputs.bands.read()) {
      const { posterior } = band;
      if (head === undefined) {
        head = posterior;
        builder.addGlobalAttributes(globalAttributes(inputs, posterior));
        addCoordinates(builder, inputs.bands, posterior);
      }
      for (const variable of posterior.variables) {
        await addRows(builder, inputs, band, variable);
        told.set(variable.pollutant, eitherHasData(told.get(variable.pollutant), variable.hasData));
      }
      if (posterior.elevationM !== undefined) elevations.push({ ...band, elevationM: posterior.elevationM });
      await inputs.onBand?.(band);
    }
    if (head === undefined) return;
    const days = {
      ...head,
      variables: head.variables.map((variable) => ({
        ...variable,
        hasData: told.get(variable.pollutant) ?? variable.hasData,
      })),
    };
    addOrigins(builder, 'origin', days);
    for (const variable of days.variables) addOrigins(builder, `${variable.pollutant}_origin`, days, variable);
    addElevation(builder, inputs.bands, elevations);
  });
}

interface ElevationRows extends Pick<PosteriorBand, 'firstRow'> {
  readonly elevationM: Float64Array;
}

function eitherHasData(first: readonly boolean[] | undefined, second: readonly boolean[]): boolean[] {
  return second.map((has, day) => has || first?.[day] === true);
}

function globalAttributes(inputs: ForecastNetcdfInputs, posterior: FineGridPosterior): NetcdfAttributes {
  const { run, quality, version, createdAt = new Date() } = inputs;
  const names = posterior.variables.map((variable) => POLLUTANT_LABEL[variable.pollutant]).join(', ');
  const stamp = `${createdAt.toISOString().slice(0, 19)}Z`;
  const place = run.title ?? run.domain;
  const saysSimulated = run.simulated && !place.toLowerCase().includes('simulated');
  const comment = [
    'Gaussian posterior marginals of cell means; measurement noise excluded.',
    'Quantiles are clipped at 0.',
    ...(run.notice === undefined ? [] : [run.notice]),
  ];
  return {
    Conventions: 'CF-1.8',
    title: `${names} over ${place}, cycle ${run.cycle}${saysSimulated ? ' (simulated data)' : ''}`,
    institution: run.institution ?? 'unspecified',
    source: `Tramontana ${version}: joint spatio-temporal Bayesian downscaling (SPDE fields, linear coregionalisation)`,
    history: `${stamp} tramontana ${version}: published`,
    references: 'Lindgren et al. 2011, J. R. Stat. Soc. B 73(4); Lindgren et al. 2024, SORT 48(1)',
    comment: comment.join(' '),
    license: run.simulated ? SIMULATED_NOTICE : CAMS_ATTRIBUTION,
    forecast_cycle: run.cycle,
    tramontana_quality: qualityWords(quality),
  };
}

function addCoordinates(
  builder: NetcdfBuilder,
  { latitudesDegrees, longitudesDegrees, resolutionDegrees }: PosteriorBands,
  { timesMs }: Pick<FineGridPosterior, 'timesMs'>,
): void {
  const days = Float64Array.from(timesMs, (timeMs) => timeMs / DAY_MS);
  builder.addCoordinate('time', days, {
    standard_name: 'time',
    long_name: 'start of the UTC day',
    units: 'days since 1970-01-01',
    calendar: 'standard',
    axis: 'T',
    bounds: 'time_bnds',
  });
  builder.addCoordinate('latitude', latitudesDegrees, {
    standard_name: 'latitude',
    long_name: 'latitude of the cell centre',
    units: 'degrees_north',
    axis: 'Y',
    bounds: 'latitude_bnds',
  });
  builder.addCoordinate('longitude', longitudesDegrees, {
    standard_name: 'longitude',
    long_name: 'longitude of the cell centre',
    units: 'degrees_east',
    axis: 'X',
    bounds: 'longitude_bnds',
  });
  builder.addDimension('bnds', 2);
  const half = resolutionDegrees / 2;
  builder.addVariable('time_bnds', ['time', 'bnds'], interleave(days, 0, 1), {});
  // Latitudes run north to south, and so do their bounds (CF 7.1: same order as the coordinate).
  builder.addVariable('latitude_bnds', ['latitude', 'bnds'], interleave(latitudesDegrees, half, -half), {});
  builder.addVariable('longitude_bnds', ['longitude', 'bnds'], interleave(longitudesDegrees, -half, half), {});
  builder.addVariable('crs', [], Int32Array.of(0), CRS_ATTRIBUTES);
}

function addElevation(
  builder: NetcdfBuilder,
  { latitudesDegrees, longitudesDegrees }: PosteriorBands,
  bands: readonly ElevationRows[],
): void {
  if (bands.length === 0) return;
  const elevationM = new Float32Array(latitudesDegrees.length * longitudesDegrees.length).fill(Number.NaN);
  for (const band of bands) elevationM.set(band.elevationM, band.firstRow * longitudesDegrees.length);
  builder.addVariable('elevation', ['latitude', 'longitude'], elevationM, {
    standard_name: 'surface_altitude',
    long_name: 'mean elevation of the cell',
    units: 'm',
    cell_methods: 'area: mean',
    grid_mapping: 'crs',
    _FillValue: Float32Array.of(Number.NaN),
  });
}

/** Origins of the days, of one pollutant or of all. */
function addOrigins(
  builder: NetcdfBuilder,
  name: string,
  posterior: FineGridPosterior,
  variable?: FineGridVariable,
): void {
  const flags = Int8Array.from(posterior.timesMs, (_, t) => ORIGIN_FLAG[dayOrigin(posterior, t, variable)]);
  builder.addVariable(name, ['time'], flags, {
    long_name: `what the day was made from${variable === undefined ? '' : `, ${POLLUTANT_LABEL[variable.pollutant]}`}`,
    flag_values: Int8Array.from(Object.values(ORIGIN_FLAG)),
    flag_meanings: Object.keys(ORIGIN_FLAG).join(' '),
    comment: 'none: no data of the day itself, what the days around it tell',
  });
}

async function addRows(
  builder: NetcdfBuilder,
  { thresholds }: ForecastNetcdfInputs,
  { firstRow: first, exceedanceRuns }: PosteriorBand,
  variable: FineGridVariable,
): Promise<void> {
  // packing a band of a continent takes seconds a variable
  const write = async (name: string, values: Float64Array, attributes: NetcdfAttributes): Promise<void> => {
    await breathe();
    builder.writeRows(name, GRID, { first, data: Float32Array.from(values) }, attributes);
  };
  const { pollutant, mean, sd } = variable;
  const label = `${POLLUTANT_LABEL[pollutant]} ${STATISTIC_LABEL[variable.statistic]}`;
  const own = thresholds.filter((threshold) => threshold.pollutant === pollutant);
  const exceedanceNames = own.map(({ value_ug_m3 }) => `${pollutant}_p_exceed_${thresholdToken(value_ug_m3)}`);
  const runs = exceedanceRuns.filter((run) => run.pollutant === pollutant);
  const common: NetcdfAttributes = {
    grid_mapping: 'crs',
    cell_methods: CELL_METHODS[variable.statistic],
    _FillValue: Float32Array.of(Number.NaN),
  };
  const companions = [
    `${pollutant}_sd`,
    ...QUANTILES.map(({ suffix }) => `${pollutant}_${suffix}`),
    ...exceedanceNames,
    ...runs.map(runName),
  ];
  await write(`${pollutant}_mean`, mean, {
    standard_name: STANDARD_NAME[pollutant],
    long_name: `${label}, posterior mean`,
    units: 'ug m-3',
    ancillary_variables: [...companions, `${pollutant}_origin`].join(' '),
    ...common,
  });
  await write(`${pollutant}_sd`, sd, {
    standard_name: `${STANDARD_NAME[pollutant]} standard_error`,
    long_name: `${label}, posterior standard deviation`,
    units: 'ug m-3',
    ...common,
  });
  for (const { suffix, order, label: quantileLabel } of QUANTILES) {
    await write(`${pollutant}_${suffix}`, quantileField(mean, sd, order), {
      long_name: `${label}, posterior ${quantileLabel}`,
      units: 'ug m-3',
      quantile: Float64Array.of(order),
      ...common,
    });
  }
  for (const [index, threshold] of own.entries()) {
    await write(entry(exceedanceNames, index), exceedanceField(mean, sd, threshold.value_ug_m3), {
      long_name: `probability that the ${label} exceeds ${threshold.value_ug_m3} ug m-3 (${threshold.label})`,
      units: '1',
      threshold_ug_m3: Float64Array.of(threshold.value_ug_m3),
      ...common,
    });
  }
  for (const run of runs) await write(runName(run), run.probability, { ...runAttributes(run, label), ...common });
}

function runAttributes({ value_ug_m3, days, numSamples }: ExceedanceRun, label: string): NetcdfAttributes {
  return {
    long_name: `probability that the ${label} exceeds ${value_ug_m3} ug m-3 on ${days} days in a row, of which this is the last`,
    units: '1',
    threshold_ug_m3: Float64Array.of(value_ug_m3),
    days_in_a_row: Int32Array.of(days),
    comment: `share of ${numSamples} joint draws of the posterior`,
  };
}

function interleave(centres: Float64Array, toFirst: number, toSecond: number): Float64Array {
  const bounds = new Float64Array(2 * centres.length);
  centres.forEach((centre, index) => {
    bounds[2 * index] = centre + toFirst;
    bounds[2 * index + 1] = centre + toSecond;
  });
  return bounds;
}
