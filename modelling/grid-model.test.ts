// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FieldOrigin, GriddedField } from '../artifacts/schemas/gridded-field.js';
import { isTramontanaError } from '../common/errors.js';
import { DAILY_STATISTIC, type PollutantId } from '../common/pollutants.js';
import { buildMesh } from '../mesh/index.js';
import { frameOf } from './forecast-frame.js';
import { buildForecastModel } from './forecast-model.js';
import { buildGridDesigns } from './grid-designs.js';
import { buildForecastGrid } from './grid-model.js';
import { fineGrid } from './prediction-designs.js';

const DAY_MS = 86_400_000;
const START_MS = Date.UTC(2026, 2, 2);
const BOX = { north: 45.6, south: 45.2, west: 9, east: 9.5 };
const ROWS = 4;
const COLUMNS = 5;
const CELLS = ROWS * COLUMNS;
const analysis = (count: number): FieldOrigin[] => new Array<FieldOrigin>(count).fill('analysis');
const forecast = (count: number): FieldOrigin[] => new Array<FieldOrigin>(count).fill('forecast');
const elevationM = Float64Array.from({ length: CELLS }, (_, cell) => 100 + 50 * cell);

/** 4 x 5 cells. */
function waves(pollutants: readonly PollutantId[], origins: readonly FieldOrigin[]): GriddedField {
  return {
    cadence: 'daily',
    latitudesDegrees: Float64Array.of(45.55, 45.45, 45.35, 45.25),
    longitudesDegrees: Float64Array.of(9.05, 9.15, 9.25, 9.35, 9.45),
    timesMs: Float64Array.from(origins, (_, t) => START_MS + t * DAY_MS),
    origins,
    variables: pollutants.map((species, k) => ({
      species,
      units: 'ug m-3',
      statistic: DAILY_STATISTIC[species],
      values: Float64Array.from({ length: CELLS * origins.length }, (_, i) => 30 + 10 * k + 5 * Math.sin(0.7 * i + k)),
    })),
  };
}

function withGap(field: GriddedField, from: number, to: number): GriddedField {
  field.variables[1]?.values.fill(Number.NaN, from, to);
  return field;
}

test('a grid says what the mesh says: the same values on the same days, units, covariates, theta and priors but for the scale', () => {
  const pollutants = ['pm2_5', 'o3'] as const;
  // a day of ozone is missing as a whole, among the analyses and among the forecasts
  const field = withGap(waves(pollutants, [...analysis(5), ...forecast(3)]), 2 * CELLS, 3 * CELLS);
  withGap(field, 6 * CELLS, 7 * CELLS);
  // both priors from the configuration: defaults follow from the resolution, which differs
  const config = { pollutants, model: { priors: { spatialRangeKm: { threshold: 20, probability: 0.05 } } } };
  const sources = { field, config, coarseElevationM: elevationM };
  const grid = buildForecastGrid(sources);
  const mesh = buildForecastModel({ ...sources, mesh: buildMesh(BOX, { interiorEdgeKm: 8 }) });
  assert.deepEqual(grid.thetaNames, mesh.thetaNames);
  assert.deepEqual(grid.model.priors, mesh.model.priors);
  assert.deepEqual(grid.dayTable, mesh.dayTable);
  assert.deepEqual(grid.standardisation, mesh.standardisation);
  assert.deepEqual(grid.covariates, mesh.covariates);
  const { numNodes, numLatent: _, ...facts } = mesh.facts;
  const { numCells, numLatent: __, ...ofGrid } = grid.facts;
  assert.deepEqual(ofGrid, facts);
  assert.ok(numNodes !== undefined && numCells === CELLS);
  assert.deepEqual(grid.initialTheta.length, mesh.initialTheta.length);
  grid.model.groups.forEach((group, g) => {
    const { process, y, timeIndex, covariates, weights } = mesh.model.observations[g] ?? assert.fail();
    assert.equal(group.process, process);
    assert.deepEqual(group.y, y);
    assert.deepEqual([...new Set(timeIndex)], [...group.timeIndex]);
    // by observation there, [observation][covariate], and by cell here, [covariate][cell]
    const firstDay = Array.from({ length: CELLS }, (_, cell) => [covariates[2 * cell], covariates[2 * cell + 1]]);
    assert.deepEqual(
      firstDay,
      Array.from({ length: CELLS }, (_, cell) => [group.covariates[cell], group.covariates[CELLS + cell]]),
    );
    const byStep = weights === undefined ? undefined : [...group.timeIndex].map((t) => weights[timeIndex.indexOf(t)]);
    assert.deepEqual(group.weights === undefined ? undefined : [...group.weights], byStep);
  });
  assert.equal(grid.model.groups.length, mesh.model.observations.length);
  assert.equal(grid.model.numTimeSteps, mesh.model.numTimeSteps);
  assert.equal(grid.model.kind, 'exact-diffusion');
});

test('cells have the sides of the middle latitude; the scale of the domain is the rectangle and the longer side', () => {
  const { model, facts, thetaBounds } = buildForecastGrid({
    field: waves(['pm2_5'], analysis(3)),
    config: { pollutants: ['pm2_5'] },
  });
  const { numRows, numColumns, cellHeight, cellWidth } = model.grid;
  assert.deepEqual([numRows, numColumns], [ROWS, COLUMNS]);
  // .1 degree on a sphere of 111.2 km a degree, by rounding of the steps
  assert.ok(
    Math.abs(cellHeight - 11.12) < 1e-9 && Math.abs(cellWidth - 11.12 * Math.cos((45.4 * Math.PI) / 180)) < 1e-9,
  );
  assert.ok(Math.abs(Math.exp(thetaBounds.lower[0] ?? NaN) - cellHeight / 10) < 1e-12);
  // twice the longer side is more than a tenth of the diagonal
  assert.equal(facts.priors[0], 'P(range < 22.2 km) = 0.05');
});

test('one day is a spatial model; forecasts alone have no weights', () => {
  const { model, thetaNames } = buildForecastGrid({
    field: waves(['o3'], ['forecast']),
    config: { pollutants: ['o3'] },
    horizonDaysWithoutForecast: 0,
  });
  assert.equal(model.kind, 'spatial');
  assert.equal(model.groups.length, 1);
  assert.equal(model.groups[0]?.weights, undefined);
  assert.deepEqual(thetaNames, ['log_range_km_o3', 'log_sigma_o3', 'log_noise_precision_o3']);
});

test('cells may be missing; too many are refused with pollutant and numbers; so is a strip of cells', () => {
  const pollutants = ['pm2_5', 'o3'] as const;
  const build = (field: GriddedField) => () => buildForecastGrid({ field, config: { pollutants } });
  const few = build(withGap(waves(pollutants, analysis(4)), CELLS, CELLS + 3))();
  const gaps = few.model.groups[1]?.y ?? new Float64Array();
  assert.deepEqual(
    Array.from(gaps.keys()).filter((i) => Number.isNaN(gaps[i])),
    [CELLS, CELLS + 1, CELLS + 2],
  );
  // a day that lacks all of its cells is no gap: 21 of the 60 values of the others are
  const many = withGap(withGap(waves(pollutants, analysis(4)), 0, CELLS), CELLS, 2 * CELLS - 1);
  assert.throws(build(withGap(many, 2 * CELLS, 2 * CELLS + 2)), (error) => {
    assert.ok(isTramontanaError(error, 'Modelling.IncompleteGrid'));
    assert.match(error.message, /of o3: expected at most 25 % of the values of its analyses.*21 of 60 are/u);
    const { pollutant, kind, missing, values } = error.facts;
    assert.deepEqual([pollutant, kind, missing, values], ['o3', 'analyses', 21, 60]);
    return true;
  });
  const whole = waves(pollutants, analysis(2));
  const strip: GriddedField = {
    ...whole,
    latitudesDegrees: Float64Array.of(45.4),
    variables: whole.variables.map((variable) => ({ ...variable, values: variable.values.slice(0, 2 * COLUMNS) })),
  };
  assert.throws(
    build(strip),
    (error) => isTramontanaError(error, 'Modelling.GridTooSmall') && /got 1 x 5/u.test(error.message),
  );
});

test('fine cells lie where their centres are, from the corner of cell 0, with the covariates of their own cells', () => {
  const field = waves(['pm2_5', 'o3'], analysis(3));
  const frame = buildForecastGrid({ field, config: { pollutants: ['pm2_5', 'o3'] }, coarseElevationM: elevationM });
  const grid = fineGrid(BOX, 0.02);
  const fineElevationM = Float64Array.from({ length: 20 * 25 }, (_, cell) => cell);
  const designs = buildGridDesigns({ grid, field, frame: frameOf(frame), fineElevationM });
  assert.deepEqual(
    designs.map(({ process, modesPerCell, timeIndices }) => [process, modesPerCell, ...timeIndices]),
    [
      [0, 5, 0, 1, 2, 3],
      [1, 5, 0, 1, 2, 3],
    ],
  );
  const { rows, columns, covariates } = designs[0] ?? assert.fail();
  const { cellHeight, cellWidth } = frame.model.grid;
  // the box is the rectangle of the cells: five fine cells in each, the third in its middle
  assert.equal(rows.centres.length, 20);
  assert.ok(Math.abs((rows.centres[2] ?? NaN) - cellHeight / 2) < 1e-9);
  assert.ok(Math.abs((columns.centres[24] ?? NaN) - 4.9 * cellWidth) < 1e-9);
  assert.ok(Math.abs(rows.width - cellHeight / 5) < 1e-9 && Math.abs(columns.width - cellWidth / 5) < 1e-9);
  const reference = frame.covariates.referenceElevationM ?? NaN;
  assert.equal(covariates.length, 2 * 20 * 25);
  assert.ok(covariates.subarray(0, 500).every((value) => value === 1));
  assert.equal(covariates[500 + 37], (37 - reference) / 1000);
});

test('fine cells beyond the rectangle take its edge; south-up rows run the other way; modes are odd, from 3 to 15', () => {
  const field = waves(['pm2_5'], analysis(3));
  const frame = frameOf(buildForecastGrid({ field, config: { pollutants: ['pm2_5'] } }));
  const wider = { north: 45.64, south: 45.16, west: 8.96, east: 9.54 };
  const designOf = (resolution: number, of = field) =>
    buildGridDesigns({ grid: fineGrid(wider, resolution), field: of, frame })[0] ?? assert.fail();
  const { rows, columns } = designOf(0.02);
  const lengths = [4 * 11.12, 5 * 11.12 * Math.cos((45.4 * Math.PI) / 180)] as const;
  for (const [{ centres }, length] of [
    [rows, lengths[0]],
    [columns, lengths[1]],
  ] as const) {
    assert.deepEqual([...centres.subarray(0, 2)], [0, 0]);
    assert.ok([...centres.subarray(-2)].every((km) => Math.abs(km - length) < 1e-9));
    assert.ok(centres.every((km, i) => i === 0 || km >= (centres[i - 1] ?? NaN)));
  }
  const southUp = designOf(0.02, { ...field, latitudesDegrees: field.latitudesDegrees.toReversed() });
  southUp.rows.centres.forEach((km, i) => assert.ok(Math.abs(km - (rows.centres[23 - i] ?? NaN)) < 1e-9));
  assert.deepEqual(
    [0.1, 0.05, 0.034, 0.025, 0.02, 0.01, 0.005].map((resolution) => designOf(resolution).modesPerCell),
    [3, 3, 3, 5, 5, 11, 15],
  );
});
