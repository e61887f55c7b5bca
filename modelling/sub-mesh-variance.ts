// SPDX-License-Identifier: Apache-2.0
/**
 * What the field does between the nodes. Piecewise linear functions cannot follow a field within a triangle, so the engine's
 * posterior variance of a small cell lacks a part, and 95 % intervals would cover too little.
 *
 * The part is found by predicting a small cell from the coarse cells around it twice: with the field itself, and with its
 * linear interpolant on the mesh. Both predictions know the same data of one day (5 x 5 cells); the difference of their error
 * variances is what linear interpolation hides. It does not depend on the day.
 *
 * The field's roughness comes from the data rather than from theta: the range of a Matern field with smoothness 1 whose
 * cell means have the observed semivariance between neighbours. Theta has no single range for a pollutant: its field is a sum
 * of those of all pollutants before it.
 *
 * @module
 */
import { KM_PER_DEGREE, kmPerDegreeEast } from '../artifacts/schemas/grid.js';
import { entry, float64At } from '../common/entry.js';
import type { GriddedField } from '../artifacts/schemas/gridded-field.js';
import type { CsrMatrix, Mesh } from '../artifacts/schemas/mesh.js';
import { arealProjector } from '../mesh/index.js';
import { cellSizeKm, cellSteps, centreElevation, scalePollutants } from './coarse-data.js';
import type { ModelFrame } from './frame.js';
import { matchRoughness, type Roughness } from './roughness.js';
import { CellCovariance, errorVariances, interpolantCovariance, type Neighbourhood } from './local-prediction.js';
import type { FineGrid } from './prediction-designs.js';
import { meanProduct, nuggetVariance, residualField, semivariance } from './residual-field.js';
import { thetaLayout } from './theta-layout.js';

/** Coarse cells on each side of the one that holds the small cell. */
const REACH = 2;

/** Places a side at which the part is found within a coarse cell. */
const PLACES = 5;

export interface SubMeshVarianceInputs {
  readonly field: GriddedField;
  readonly mesh: Mesh;
  readonly grid: FineGrid;
  readonly frame: Pick<ModelFrame, 'kind' | 'pollutants'>;
  /** Theta of the fit. */
  readonly theta: readonly number[];
  readonly coarseElevationM?: Float64Array | undefined;
}

/**
 * Variance of the field between the nodes, given the data, for each cell of the fine grid.
 *
 * @returns one array a pollutant, [latitude, longitude], squared standardised units, not negative
 */
export function subMeshVariance(inputs: SubMeshVarianceInputs): Float64Array[] {
  const { field, mesh, grid, frame, theta } = inputs;
  const { centredKm } = centreElevation(inputs.coarseElevationM, field);
  const layout = thetaLayout(frame.kind, frame.pollutants);
  const steps = cellSteps(field);
  const cell = cellSizeKm(field);
  const coarseRows = arealProjector(mesh, { ...field, ...steps }, { subPointsPerSide: 4 });
  const placeRows = placeProjector(field, mesh, grid, steps);
  const times = analysisTimes(field);
  return scalePollutants(field, frame.pollutants).map(({ scale, values }, k) => {
    const residual = residualField(values, scale, times, field, centredKm);
    const fittedNoise = Math.exp(-entry(theta, entry(layout.logNoisePrecision, k)));
    const nugget = nuggetVariance(residual);
    // On a mesh coarser than the cells the fitted noise holds structure of the field; the nugget does not.
    const noiseVariance = Number.isFinite(nugget) ? Math.min(fittedNoise, nugget) : fittedNoise;
    const roughness = matchRoughness({
      variance: meanProduct(residual, residual, 0, 0, 0) - noiseVariance,
      semivariance: semivariance(residual, 1) - noiseVariance,
      ...cell,
    });
    if (roughness === undefined) return new Float64Array(grid.latitudesDegrees.length * grid.longitudesDegrees.length);
    const atPlaces = variancesAtPlaces(field, mesh, grid, steps, coarseRows, placeRows, roughness, fittedNoise);
    return nearestPlaces(field, grid, steps, atPlaces);
  });
}

type Steps = ReturnType<typeof cellSteps>;

function analysisTimes(field: GriddedField): number[] {
  const all = field.origins.map((_, time) => time);
  const analysed = all.filter((time) => field.origins[time] !== 'forecast');
  return analysed.length > 0 ? analysed : all;
}

/** Offsets of the places from the centre of a coarse cell, in cells, ascending. */
const OFFSETS = Array.from({ length: PLACES }, (_, p) => (p + 0.5) / PLACES - 0.5);

/** Means of the basis over small cells at the places of all coarse cells; rows [latitude, place, longitude, place]. */
function placeProjector(field: GriddedField, mesh: Mesh, grid: FineGrid, steps: Steps): CsrMatrix {
  const spread = (centres: Float64Array, step: number): number[] =>
    Array.from(centres).flatMap((centre) => OFFSETS.map((offset) => centre + offset * step));
  return arealProjector(
    mesh,
    {
      latitudesDegrees: spread(field.latitudesDegrees, steps.latitudeStepDegrees),
      longitudesDegrees: spread(field.longitudesDegrees, steps.longitudeStepDegrees),
      latitudeStepDegrees: grid.resolutionDegrees,
      longitudeStepDegrees: grid.resolutionDegrees,
    },
    { subPointsPerSide: 3 },
  );
}

/** Missing variance at the places of all coarse cells; [latitude, place, longitude, place]. */
function variancesAtPlaces(
  field: GriddedField,
  mesh: Mesh,
  grid: FineGrid,
  steps: Steps,
  coarseRows: CsrMatrix,
  placeRows: CsrMatrix,
  roughness: Roughness,
  noiseVariance: number,
): Float64Array {
  const [numLatitudes, numLongitudes] = [field.latitudesDegrees.length, field.longitudesDegrees.length];
  const interpolant = interpolantCovariance(mesh, roughness, coarseRows);
  const result = new Float64Array(numLatitudes * numLongitudes * PLACES * PLACES);
  for (let row = 0; row < numLatitudes; row += 1) {
    const east = kmPerDegreeEast(float64At(field.latitudesDegrees, row));
    const exact = new CellCovariance(roughness, {
      cellKm: [steps.longitudeStepDegrees * east, steps.latitudeStepDegrees * KM_PER_DEGREE],
      placeKm: [grid.resolutionDegrees * east, grid.resolutionDegrees * KM_PER_DEGREE],
    });
    // Cells of a row with the same neighbours have the same errors.
    const known = new Map<string, Float64Array>();
    for (let column = 0; column < numLongitudes; column += 1) {
      const around = neighbourhood(row, column, numLatitudes, numLongitudes);
      const shape = around.map(({ columns }) => columns).join();
      const withField = known.get(shape) ?? errorVariances(around, exact.covariances(around, OFFSETS), noiseVariance);
      known.set(shape, withField);
      const places = OFFSETS.flatMap((_, p) =>
        OFFSETS.map((__, q) => (row * PLACES + p) * numLongitudes * PLACES + column * PLACES + q),
      );
      const cells = around.map(({ rows, columns }) => (row + rows) * numLongitudes + column + columns);
      const withInterpolant = errorVariances(around, interpolant(cells, placeRows, places), noiseVariance);
      places.forEach((place, i) => {
        result[place] = Math.max(0, float64At(withField, i) - float64At(withInterpolant, i));
      });
    }
  }
  return result;
}

function neighbourhood(row: number, column: number, numLatitudes: number, numLongitudes: number): Neighbourhood {
  const around: { rows: number; columns: number }[] = [];
  for (let rows = -REACH; rows <= REACH; rows += 1) {
    for (let columns = -REACH; columns <= REACH; columns += 1) {
      const inside = row + rows >= 0 && row + rows < numLatitudes;
      if (inside && column + columns >= 0 && column + columns < numLongitudes) around.push({ rows, columns });
    }
  }
  return around;
}

/** Each fine cell takes the value of the nearest place; cells outside the coarse grid that of its border. */
function nearestPlaces(field: GriddedField, grid: FineGrid, steps: Steps, atPlaces: Float64Array): Float64Array {
  const numRows = field.latitudesDegrees.length * PLACES;
  const numColumns = field.longitudesDegrees.length * PLACES;
  const north = float64At(field.latitudesDegrees, 0) + steps.latitudeStepDegrees / 2;
  const west = float64At(field.longitudesDegrees, 0) - steps.longitudeStepDegrees / 2;
  const clampTo = (count: number, index: number): number => Math.min(count - 1, Math.max(0, index));
  const result = new Float64Array(grid.latitudesDegrees.length * grid.longitudesDegrees.length);
  grid.latitudesDegrees.forEach((latitude, i) => {
    // Places run with ascending latitude inside a cell, cells from north to south.
    const fromNorth = clampTo(numRows, Math.floor(((north - latitude) / steps.latitudeStepDegrees) * PLACES));
    const row = Math.floor(fromNorth / PLACES) * PLACES + (PLACES - 1 - (fromNorth % PLACES));
    grid.longitudesDegrees.forEach((longitude, j) => {
      const column = clampTo(numColumns, Math.floor(((longitude - west) / steps.longitudeStepDegrees) * PLACES));
      result[i * grid.longitudesDegrees.length + j] = float64At(atPlaces, row * numColumns + column);
    });
  });
  return result;
}
