// SPDX-License-Identifier: Apache-2.0
import type { CsrMatrix, Mesh, SpectralBasis } from '../artifacts/schemas/mesh.js';
import { entry, float64At } from '../common/entry.js';
import type { EngineModel, ObservationGroup } from '../inference-core/host-ts/contract/engine-model.js';
import { arealProjector, takeCsrRows } from '../mesh/index.js';
import { cellSteps } from './coarse-data.js';
import {
  completeForecast,
  groupDays,
  readForecastData,
  standardised,
  type Forecast,
  type ForecastData,
  type ForecastSources,
  type GroupDays,
} from './forecast-frame.js';
import type { DomainScale } from './priors.js';

export interface ForecastModelInputs extends ForecastSources {
  readonly mesh: Mesh;
  /** Saves the engine the eigen-decomposition. */
  readonly spectralBasis?: SpectralBasis | undefined;
  /** Sub-points a side that represent a coarse cell. Default 4: closer than half an interior edge. */
  readonly subPointsPerSide?: number;
}

/** A model on a mesh. */
export type ForecastModel = Forecast<EngineModel>;

/**
 * Builds the statistical model of a domain on a mesh (docs/notation.md).
 *
 * Each non-missing daily cell value is an observation of the mean of the field over the cell (areal support), in units
 * standardised by pollutant. Fixed effects of each pollutant: intercept and, where elevations are given, the cell's mean
 * elevation in km above the mean of the cells.
 *
 * @throws {TramontanaError} `Modelling.*` for a field, elevation, weight or prior that cannot be used (see the functions called);
 *         `Mesh.PointOutside` when a cell lies outside the mesh
 */
export function buildForecastModel(inputs: ForecastModelInputs): ForecastModel {
  const { field, mesh } = inputs;
  const data = readForecastData(inputs);
  const groups = groupDays(data);
  const cells = arealProjector(
    mesh,
    { ...field, ...cellSteps(field) },
    { subPointsPerSide: inputs.subPointsPerSide ?? 4 },
  );
  const places = { scale: domainScale(mesh), facts: { numNodes: mesh.c0.length } };
  return completeForecast(data, groups, places, (parts): EngineModel => ({
    kind: data.kind === 'spatial' ? 'spatial' : 'exact-diffusion',
    manifold: 'plane',
    ...parts,
    c0: mesh.c0,
    g1: mesh.g1,
    ...(inputs.spectralBasis === undefined ? {} : { spectralBasis: inputs.spectralBasis }),
    observations: groups.map((group) => observationGroup(data, group, cells)),
  }));
}

/** The values of one pollutant on these days, cell by cell. */
function observationGroup(
  { scaled, elevation }: ForecastData,
  { process, days, weights }: GroupDays,
  cells: CsrMatrix,
): ObservationGroup {
  const pollutant = entry(scaled, process);
  const y: number[] = [];
  const timeIndex: number[] = [];
  const cellIndex: number[] = [];
  const covariates: number[] = [];
  const precision: number[] = [];
  days.forEach((day, position) => {
    for (let cell = 0; cell < cells.numRows; cell += 1) {
      const value = standardised(pollutant, day.fieldTime * cells.numRows + cell);
      if (Number.isNaN(value)) continue;
      y.push(value);
      timeIndex.push(day.timeIndex);
      cellIndex.push(cell);
      covariates.push(1);
      if (elevation.centredKm !== undefined) covariates.push(float64At(elevation.centredKm, cell));
      if (weights !== undefined) precision.push(entry(weights, position));
    }
  });
  return {
    process,
    y: Float64Array.from(y),
    timeIndex: Int32Array.from(timeIndex),
    projector: takeCsrRows(cells, cellIndex),
    covariates: Float64Array.from(covariates),
    numCovariates: elevation.centredKm === undefined ? 1 : 2,
    ...(weights === undefined ? {} : { weights: Float64Array.from(precision) }),
  };
}

/** Edge of a hexagonal lattice whose nodes have the mean mass of those inside the domain, km. */
export function meshResolutionKm(mesh: Mesh): number {
  return domainScale(mesh).resolutionKm;
}

/** Diagonal of the interior nodes' limits, and the edge of a hexagonal lattice with their mean mass. */
function domainScale(mesh: Mesh): DomainScale {
  let [minX, maxX, minY, maxY, mass, nodes] = [Infinity, -Infinity, Infinity, -Infinity, 0, 0];
  mesh.interior.forEach((flag, i) => {
    if (flag !== 1) return;
    const [x, y] = [float64At(mesh.verticesKm, 2 * i), float64At(mesh.verticesKm, 2 * i + 1)];
    [minX, maxX] = [Math.min(minX, x), Math.max(maxX, x)];
    [minY, maxY] = [Math.min(minY, y), Math.max(maxY, y)];
    mass += float64At(mesh.c0, i);
    nodes += 1;
  });
  // A node of a hexagonal lattice with edge h carries the area h^2 sqrt(3)/2.
  return {
    diagonalKm: Math.hypot(maxX - minX, maxY - minY),
    resolutionKm: Math.sqrt((2 * mass) / (nodes * Math.sqrt(3))),
  };
}
