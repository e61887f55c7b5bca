// SPDX-License-Identifier: Apache-2.0
import { gridStepDegrees } from '../../artifacts/schemas/grid.js';
import { readVerified, type ArtifactRef } from '../../artifacts/index.js';
import { decodeGriddedField } from '../../artifacts/schemas/gridded-field-arrow.js';
import type { GriddedField } from '../../artifacts/schemas/gridded-field.js';
import type { DomainConfig } from '../../config/index.js';
import {
  readElevation,
  settledElevation,
  type ElevationGrid,
  type QualityIssue,
  type SettledElevation,
} from '../../ingest/index.js';
import { fineGrid, MOST_TILED_CELLS, withoutCells } from '../../modelling/index.js';
import type { ActivityDependencies } from '../dependencies.js';

/** The part of a configuration on which the statistical model depends. */
export function modelParameters(config: DomainConfig): Record<string, unknown> {
  const { priors, forecastErrorSds } = config.model;
  return { pollutants: config.pollutants, model: { priors, forecastErrorSds }, ...elevationParameters(config) };
}

/** The cells of a regular grid. */
export interface CellGrid {
  readonly latitudesDegrees: Float64Array;
  readonly longitudesDegrees: Float64Array;
  readonly resolutionDegrees: number;
}

/**
 * Mean elevation of cells, cells without one settled as declared; undefined when the domain has no elevation.
 *
 * @throws {TramontanaError} `Ingest.ElevationOutside`, and those of readElevation
 */
export async function elevationOf(
  ref: ArtifactRef | undefined,
  config: DomainConfig,
  grid: CellGrid,
): Promise<SettledElevation | undefined> {
  const { elevation } = config.covariates;
  if (ref === undefined || elevation === undefined) return undefined;
  const dem = await elevationAround(ref, config, grid.resolutionDegrees);
  return settledElevation(dem, grid, elevation.outside);
}

/**
 * Judges the elevation of a domain with its input, before anything is made from it.
 *
 * @returns what was noticed on the coarse cells
 * @throws {TramontanaError} `Ingest.ElevationOutside`, and those of readElevation, each naming the file
 */
export async function assessElevation(
  ref: ArtifactRef | undefined,
  config: DomainConfig,
  daily: GriddedField,
): Promise<readonly QualityIssue[]> {
  const { elevation } = config.covariates;
  if (ref === undefined || elevation === undefined) return [];
  const resolutionDegrees = gridStepDegrees(daily);
  const dem = await elevationAround(ref, config, resolutionDegrees);
  const coarse = settledElevation(dem, { ...daily, resolutionDegrees }, elevation.outside);
  settledElevation(
    dem,
    fineGrid(config.boundingBox, config.products.resolutionDegrees, MOST_TILED_CELLS),
    elevation.outside,
  );
  return coarse.issues;
}

/** The part of an elevation grid under cells of this side whose centres lie in the domain: of a grid of the globe only that is read. */
function elevationAround(ref: ArtifactRef, config: DomainConfig, resolutionDegrees: number): Promise<ElevationGrid> {
  const { north, west, south, east } = config.boundingBox;
  const half = resolutionDegrees / 2;
  const boundingBox = { north: north + half, west: west - half, south: south - half, east: east + half };
  return readVerified(ref, (path) => readElevation(path, { boundingBox }));
}

/** The part of a configuration on which elevations depend. */
export function elevationParameters(config: DomainConfig): Record<string, unknown> {
  const { elevation } = config.covariates;
  return elevation === undefined ? {} : { elevationOutside: elevation.outside };
}

/** The coarse daily field as models take it. */
export interface CoarseInputs {
  /** Without the cells that are left out. */
  readonly daily: GriddedField;
  /** Cell-mean elevation of the coarse cells, m, [latitude, longitude]. */
  readonly coarseElevationM: Float64Array | undefined;
}

/** Reads the daily field and the elevations of its cells; deterministic, so that all stages see the same. */
export async function loadCoarse(
  deps: Pick<ActivityDependencies, 'store'>,
  config: DomainConfig,
  refs: { readonly daily: ArtifactRef; readonly elevation?: ArtifactRef },
): Promise<CoarseInputs> {
  const whole = decodeGriddedField(await deps.store.get(refs.daily));
  const coarse = await elevationOf(refs.elevation, config, { ...whole, resolutionDegrees: gridStepDegrees(whole) });
  const daily = { ...whole, variables: withoutCells(whole.variables, coarse?.isExcluded, ['values']) };
  return { daily, coarseElevationM: coarse?.elevationM };
}
