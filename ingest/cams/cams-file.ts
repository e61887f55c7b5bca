// SPDX-License-Identifier: Apache-2.0
/**
 * A CAMS file with its product knowledge applied: species, units, axes in our order, times, origin. Values are read on demand,
 * one variable at a time.
 *
 * @module
 */
import { medianStepDegrees } from '../../artifacts/schemas/grid.js';
import type { FieldOrigin } from '../../artifacts/schemas/gridded-field.js';
import { float64At } from '../../common/entry.js';
import { TramontanaError, isTramontanaError } from '../../common/errors.js';
import { openNetcdf } from '../netcdf/open-netcdf.js';
import { textAttribute, type NetcdfFile, type NetcdfVariable } from '../netcdf/types.js';
import { issue, type QualityIssue } from '../quality/issue.js';
import { readHorizontalAxis, type OrderedAxis } from './coordinates.js';
import { originOf, type OriginVerdict } from './origin.js';
import { valueStatistic, type ValueStatistic } from './cadence.js';
import { modelOf } from './model-name.js';
import { isNameless, matchSpecies, type SpeciesMatch } from './species.js';
import { readTimeAxis, type TimeAxis } from './times.js';
import { unitConversion, type UnitConversion } from './units.js';
import { layoutOf, type VariableLayout } from './variable-layout.js';

/** The grid and times that variables of a file share. */
export interface CamsGrid {
  readonly latitude: OrderedAxis;
  readonly longitude: OrderedAxis;
  readonly times: TimeAxis;
  readonly layout: VariableLayout;
}

/** A species of a file, ready to be read. */
export interface CamsVariable {
  readonly match: SpeciesMatch;
  readonly variable: NetcdfVariable;
  readonly conversion: UnitConversion;
  readonly grid: CamsGrid;
  readonly origin: FieldOrigin;
  readonly statistic: ValueStatistic;
}

/** A species that was recognised but cannot be read, with the error that says why. */
export interface UnreadableVariable {
  readonly match: SpeciesMatch;
  readonly variable: NetcdfVariable;
  readonly error: TramontanaError;
}

export interface CamsFile {
  readonly file: NetcdfFile;
  readonly product: OriginVerdict;
  /** The model that computed the values, in capitals; absent when the file does not say. */
  readonly model?: string;
  readonly variables: readonly CamsVariable[];
  readonly unreadable: readonly UnreadableVariable[];
  readonly issues: readonly QualityIssue[];
  close(): Promise<void>;
}

export interface OpenCamsOptions {
  readonly signal?: AbortSignal;
  /** Density of the air, kg m-3; converts mass mixing ratios, which are refused without it. */
  readonly airDensityKgPerM3?: number;
  /** Origin of a file that does not state its own. */
  readonly assumedOrigin?: FieldOrigin;
}

/**
 * Opens a CAMS file of any layout. Close it after use.
 *
 * @throws TramontanaError as openNetcdf; `Ingest.NoPollutants` when no variable is a pollutant; the error of the first
 *   unreadable variable when none can be read
 */
export async function openCamsFile(path: string, options: OpenCamsOptions = {}): Promise<CamsFile> {
  const file = await openNetcdf(path, options);
  try {
    return await describeFile(file, options);
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function describeFile(file: NetcdfFile, options: OpenCamsOptions): Promise<CamsFile> {
  const matches = file.variables.flatMap((variable) => {
    const match = matchSpecies(variable);
    return match === undefined ? [] : [{ variable, match }];
  });
  if (matches.length === 0) {
    const available = file.variables.map((variable) => variable.name);
    const nameless = file.variables.find((variable) => isNameless(variable) && variable.shape.length > 1);
    throw new TramontanaError(
      'Ingest.NoPollutants',
      `${file.path}: expected at least one pollutant (pm2p5_conc, pm10, o3_conc, no2, go3, ...); the variables are ${available.join(', ')}${nameless === undefined ? '' : namingAdvice(nameless)}`,
      { facts: { file: file.path, available } },
    );
  }

  const grids = new Map<string, CamsGrid>();
  const issues: QualityIssue[] = [];
  const variables: CamsVariable[] = [];
  const unreadable: UnreadableVariable[] = [];
  let product: OriginVerdict | undefined;
  let model: string | undefined;
  for (const { variable, match } of matches) {
    options.signal?.throwIfAborted();
    if (variables.some((other) => other.match.species === match.species)) {
      issues.push(
        issue(
          'warning',
          'repeated-species',
          `${file.path}: variable "${variable.name}" holds ${match.species} again; the first one is used`,
          {
            file: file.path,
            variable: variable.name,
          },
        ),
      );
      continue;
    }
    try {
      const conversion = unitConversion(
        textAttribute(variable.attributes, 'units'),
        match.quantity,
        { file: file.path, variable: variable.name, species: match.species },
        options.airDensityKgPerM3,
      );
      const key = variable.dimensions.join('\0');
      const grid = grids.get(key) ?? (await readGrid(file, variable));
      if (!grids.has(key)) {
        grids.set(key, grid);
        issues.push(...grid.times.issues);
      }
      const verdict = originOf(file, variable, {
        timeLabel: grid.times.label,
        stepDegrees: medianStepDegrees(grid.latitude.values),
        hasLeads: grid.times.timesMs.some((timeMs, index) => timeMs > float64At(grid.times.runTimesMs, index)),
        ...(options.assumedOrigin === undefined ? {} : { assumedOrigin: options.assumedOrigin }),
      });
      const statistic = await valueStatistic(file, variable, match.species, grid.times);
      product ??= verdict;
      model ??= modelOf(file, variable);
      variables.push({ match, variable, conversion, grid, origin: verdict.origin, statistic });
    } catch (error) {
      if (!isTramontanaError(error)) throw error;
      unreadable.push({ match, variable, error });
    }
  }
  if (product === undefined) throw unreadable[0]?.error ?? new Error(`${file.path}: no variable was read`);
  if (!product.isStated) {
    issues.push(
      issue(
        'warning',
        'assumed-origin',
        `${file.path}: the file does not say whether its values are analyses or forecasts; taken as ${product.origin} by ${product.evidence}; set source.origin if you know`,
        {
          file: file.path,
          origin: product.origin,
          evidence: product.evidence,
        },
      ),
    );
  }
  return {
    file,
    product,
    ...(model === undefined ? {} : { model }),
    variables,
    unreadable,
    issues,
    close: () => file.close(),
  };
}

/** What helps a variable whose species got lost on the way from GRIB. */
function namingAdvice(variable: NetcdfVariable): string {
  const { name, attributes } = variable;
  const units = textAttribute(attributes, 'units');
  const areUnitsLost = units === undefined || units === 'unknown';
  const rename = `\`ncrename -v ${name},o3_conc IN.nc OUT.nc\``;
  const remedy = areUnitsLost
    ? `${rename} and \`ncatted -a units,o3_conc,o,c,"kg m-3" OUT.nc\``
    : `${rename} (o3_conc, pm2p5_conc, pm10_conc, no2_conc, ...)`;
  return `; "${name}" (${textAttribute(attributes, 'long_name') ?? 'no long_name'}, units ${units ?? 'none'}) does not say of which species it is; if you know, name it: ${remedy}`;
}

async function readGrid(file: NetcdfFile, variable: NetcdfVariable): Promise<CamsGrid> {
  const layout = await layoutOf(file, variable);
  const latitude = await readHorizontalAxis(file, layout.latitudeVariable, 'latitude');
  const longitude = await readHorizontalAxis(file, layout.longitudeVariable, 'longitude');
  return { latitude, longitude, times: await readTimeAxis(file, variable, layout), layout };
}
