// SPDX-License-Identifier: Apache-2.0
import { gridStepDegrees } from '../artifacts/schemas/grid.js';
import type { ArtifactRef } from '../artifacts/index.js';
import { decodeGriddedField } from '../artifacts/schemas/gridded-field-arrow.js';
import { decodeMesh, decodeSpectralBasis } from '../artifacts/schemas/mesh-arrow.js';
import type { GriddedField } from '../artifacts/schemas/gridded-field.js';
import { TramontanaError } from '../common/errors.js';
import type { DomainConfig } from '../config/index.js';
import {
  readElevation,
  settledElevation,
  type ElevationGrid,
  type QualityIssue,
  type SettledElevation,
} from '../ingest/index.js';
import { buildForecastModel, fineGrid, withoutCells, type ForecastModel } from '../modelling/index.js';
import type { Mesh } from '../artifacts/schemas/mesh.js';
import type { ActivityDependencies } from './dependencies.js';
import type { InputCatalogue } from './resolve-cycle.js';
import type { StageArgs } from './stage-contracts.js';
import { readVerified } from './verified-read.js';

/** One input of a stage. */
export function requireInput(args: StageArgs, name: string): ArtifactRef {
  const ref = args.inputs[name];
  if (ref === undefined) {
    const found = Object.keys(args.inputs).join(', ');
    throw new TramontanaError(
      'Input.Invalid',
      `inputs.${name}: expected an artifact, got ${found === '' ? 'none' : `only ${found}`}`,
      {
        facts: { name },
      },
    );
  }
  return ref;
}

/** What the fit and the downscaling are made from; the same references, the same model. */
export interface ModelSources {
  readonly daily: ArtifactRef;
  readonly mesh: ArtifactRef;
  readonly spectralBasis: ArtifactRef;
  readonly elevation?: ArtifactRef;
}

/** The references behind a model, as inputs of a stage key. */
export async function modelSources(deps: ActivityDependencies, args: StageArgs): Promise<ModelSources> {
  const { elevation } = await deps.store.getJson<InputCatalogue>(args.run.catalogue);
  return {
    daily: requireInput(args, 'daily'),
    mesh: requireInput(args, 'mesh'),
    spectralBasis: requireInput(args, 'spectralBasis'),
    ...(elevation === undefined ? {} : { elevation }),
  };
}

/** The part of a configuration on which the statistical model depends. */
export function modelParameters(config: DomainConfig): Record<string, unknown> {
  return { pollutants: config.pollutants, model: config.model, ...elevationParameters(config) };
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
  settledElevation(dem, fineGrid(config.boundingBox, config.products.resolutionDegrees), elevation.outside);
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

/** A model with the mesh it lives on. */
export interface LoadedModel {
  readonly model: ForecastModel;
  readonly mesh: Mesh;
  /** Without the cells that are left out. */
  readonly daily: GriddedField;
  /** Cell-mean elevation of the coarse cells, m, [latitude, longitude]. */
  readonly coarseElevationM: Float64Array | undefined;
}

/** Reads the artifacts and builds the model; deterministic, so that fit and downscaling have the same one. */
export async function loadModel(
  deps: ActivityDependencies,
  config: DomainConfig,
  sources: ModelSources,
): Promise<LoadedModel> {
  const [dailyBytes, meshBytes, basisBytes] = await Promise.all(
    [sources.daily, sources.mesh, sources.spectralBasis].map((ref) => deps.store.get(ref)),
  );
  const whole = decodeGriddedField(dailyBytes ?? new Uint8Array());
  const mesh = decodeMesh(meshBytes ?? new Uint8Array());
  const coarse = await elevationOf(sources.elevation, config, {
    ...whole,
    resolutionDegrees: gridStepDegrees(whole),
  });
  const daily = { ...whole, variables: withoutCells(whole.variables, coarse?.isExcluded, ['values']) };
  const coarseElevationM = coarse?.elevationM;
  const model = buildForecastModel({
    field: daily,
    mesh,
    spectralBasis: decodeSpectralBasis(basisBytes ?? new Uint8Array()),
    coarseElevationM,
    config,
    horizonDaysWithoutForecast: 1,
  });
  return { model, mesh, daily, coarseElevationM };
}
