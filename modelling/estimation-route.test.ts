// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EstimationRoute } from '../artifacts/schemas/estimation-route.js';
import type { GriddedField } from '../artifacts/schemas/gridded-field.js';
import type { ErrorTag } from '../common/error-tags.js';
import { isTramontanaError, TramontanaError } from '../common/errors.js';
import type { Tile, TilePlan } from '../artifacts/schemas/tile-plan.js';
import {
  chooseRoute,
  gridFacts,
  tiledRoute,
  type GridFacts,
  type MeshCandidate,
  type RouteOptions,
} from './estimation-route.js';

const GIB = 1024 ** 3;

/** 20 x 22 cells of 11 x 8 km: 176 km across the shorter side; three days. */
const SMALL: GridFacts = {
  missingShare: 0,
  grid: { numRows: 20, numColumns: 22, cellHeight: 11, cellWidth: 8 },
  numDays: 3,
  numPollutants: 1,
  rangeKm: 150,
  widthVariation: 0.02,
};
const FINE: MeshCandidate = { interiorEdgeKm: 10, interiorNodes: 440, nodes: 600, bytes: GIB / 100 };
const USUAL: MeshCandidate = { interiorEdgeKm: 12, interiorNodes: 330, nodes: 460, bytes: GIB / 150 };
const OPTIONS: RouteOptions = {
  requested: 'automatic',
  allowCoarseMesh: false,
  isEdgeConfigured: false,
  fine: FINE,
  usual: USUAL,
  memoryLimitBytes: 4 * GIB,
};
const GAP = new TramontanaError('Modelling.IncompleteGrid', '3 are missing on 2026-03-03');
const WITH_GAP: GridFacts = { ...SMALL, obstacle: GAP };
/** As fine as the cells of a country. */
const HUGE = { interiorEdgeKm: 10, interiorNodes: 12_000, nodes: 15_000, bytes: 7 * GIB };

function choose(facts: Partial<GridFacts>, options: Partial<RouteOptions> = {}): EstimationRoute {
  return chooseRoute({ ...SMALL, ...facts }, { ...OPTIONS, ...options });
}

function refused(tag: ErrorTag, message: RegExp, facts: Partial<GridFacts>, options: Partial<RouteOptions>): void {
  assert.throws(
    () => choose(facts, options),
    (error) => isTramontanaError(error, tag) && message.test(error.message),
  );
}

test('automatic: a complete grid of three ranges and more is estimated by itself', () => {
  const { name, maps, reason, issues } = choose({ rangeKm: 50 });
  assert.deepEqual([name, maps, issues.length], ['grid', 'grid', 0]);
  assert.equal(reason, '20 x 22 complete cells of 11 km, 3.5 ranges of about 50 km across, at least 3');
});

test('automatic: a smaller box takes a mesh as fine as the cells where that is affordable, and maps from the grid', () => {
  const small = choose({});
  assert.deepEqual([small.name, small.maps, small.interiorEdgeKm], ['mesh', 'grid', 10]);
  assert.match(
    small.reason,
    /1\.2 ranges of about 150 km across, fewer than 3, and a mesh with edges of 10 km is affordable: about 440 nodes/u,
  );
  for (const [facts, options, why] of [
    // three pollutants multiply the flops by 27
    [{ numPollutants: 3, numDays: 18 }, {}, /440 nodes inside and takes 16 minutes a fit/u],
    [{}, { fine: { ...HUGE, bytes: 0 } }, /12000 nodes inside/u],
    [{}, { memoryLimitBytes: 1 }, /440 nodes/u],
    [{}, { isEdgeConfigured: true, fine: { ...FINE, interiorEdgeKm: 12 } }, /12 km \(configured\) is coarser/u],
    [
      {},
      { fine: new TramontanaError('Mesh.InvalidOptions', 'at most 50,000 nodes') },
      /no mesh can be as fine \(at most/u,
    ],
  ] as readonly (readonly [Partial<GridFacts>, Partial<RouteOptions>, RegExp])[]) {
    const route = choose(facts, options);
    assert.equal(route.name, 'grid');
    assert.match(route.reason, why);
  }
});

test('automatic: gaps take a mesh as fine as the cells, and its maps', () => {
  const { name, maps, reason, interiorEdgeKm, issues } = choose(WITH_GAP);
  assert.deepEqual([name, maps, interiorEdgeKm, issues.length], ['mesh', 'mesh', 10, 0]);
  assert.equal(reason, 'no grid (3 are missing on 2026-03-03); edges of 10 km for cells of 11 km');
});

test('the grid where it is asked for, or what is in its way', () => {
  assert.deepEqual(choose({}, { requested: 'grid' }).name, 'grid');
  refused('Modelling.IncompleteGrid', /3 are missing/u, WITH_GAP, { requested: 'grid' });
});

test('the mesh where it is asked for; its maps are those of a complete grid', () => {
  const { name, maps, interiorEdgeKm } = choose({ rangeKm: 10 }, { requested: 'mesh' });
  assert.deepEqual([name, maps, interiorEdgeKm], ['mesh', 'grid', 10]);
});

test('no mesh is coarser than the cells unless that is allowed, and then the products say so', () => {
  const coarse = { ...FINE, interiorEdgeKm: 33 };
  const asked = { isEdgeConfigured: true, fine: coarse, usual: coarse };
  refused(
    'Modelling.MeshTooCoarse',
    /at most the 11 km .* got 33 km.*model\.route: automatic/u,
    {},
    { ...asked, requested: 'mesh' },
  );
  refused('Modelling.MeshTooCoarse', /got 33 km/u, WITH_GAP, asked);
  for (const [facts, maps, consequence] of [
    [SMALL, 'grid', /hyperparameters/u],
    [WITH_GAP, 'mesh', /maps are coarser than their input/u],
  ] as const) {
    const route = choose(facts, { ...asked, requested: 'mesh', allowCoarseMesh: true });
    assert.deepEqual([route.name, route.maps, route.interiorEdgeKm], ['mesh', maps, 33]);
    assert.deepEqual(
      route.issues.map(({ code, severity }) => [code, severity]),
      [['coarse-mesh', 'warning']],
    );
    assert.match(route.issues[0]?.message ?? '', consequence);
    assert.match(route.issues[0]?.message ?? '', /33 km exceeds the 11 km/u);
  }
  // permission is no wish: a mesh that can be as fine is as fine
  assert.deepEqual(choose(WITH_GAP, { allowCoarseMesh: true }).issues, []);
});

test('a mesh as fine as the cells that is out of reach is refused with nodes, memory and time, or coarser where that is allowed', () => {
  const national = { fine: HUGE, usual: { ...USUAL, interiorEdgeKm: 33 } };
  refused(
    'Config.TooCostly',
    /cells of 11 km, got about 15000 nodes, which need 7\.00 GiB of 4\.00 GiB and 25 hours a fit \(a mesh has to serve: 3 are missing/u,
    WITH_GAP,
    national,
  );
  // a day's time is a limit too, but not for an edge that somebody names
  const slow = { ...national, memoryLimitBytes: 64 * GIB };
  refused('Config.TooCostly', /130 hours a fit/u, { ...WITH_GAP, numDays: 15 }, slow);
  assert.equal(choose({ ...WITH_GAP, numDays: 15 }, { ...slow, isEdgeConfigured: true }).interiorEdgeKm, 10);
  const allowed = choose(WITH_GAP, { ...national, allowCoarseMesh: true });
  assert.equal(allowed.interiorEdgeKm, 33);
  assert.equal(allowed.issues[0]?.code, 'coarse-mesh');
  const impossible = new TramontanaError('Mesh.InvalidOptions', 'at most 50,000 nodes');
  refused('Config.TooCostly', /got at most 50,000 nodes/u, WITH_GAP, { fine: impossible });
  refused('Mesh.InvalidOptions', /50,000/u, WITH_GAP, { fine: impossible, isEdgeConfigured: true });
});

test('a rectangle whose cells differ in width says so, as long as it makes the maps', () => {
  const tall = { widthVariation: 0.3, rangeKm: 10 };
  assert.match(choose(tall).issues[0]?.message ?? '', /differs by 30 %/u);
  assert.deepEqual(choose({ ...tall, obstacle: GAP }).issues, []);
});

test('the facts are those of the field: cells, gaps, days, the longest range, how cells narrow to the north', () => {
  const [rows, columns, days] = [12, 10, 3];
  const cells = rows * columns;
  // two waves: the second pollutant's is twice as long
  const wave = (km: number) =>
    Float64Array.from(
      { length: days * cells },
      (_, i) => 20 + 5 * Math.sin((11 * ((i % cells) % columns)) / km + i / cells),
    );
  const field: GriddedField = {
    cadence: 'daily',
    latitudesDegrees: Float64Array.from({ length: rows }, (_, i) => 56.1 - 0.1 * i),
    longitudesDegrees: Float64Array.from({ length: columns }, (_, j) => 9 + 0.1 * j),
    timesMs: Float64Array.from({ length: days }, (_, t) => Date.UTC(2026, 2, 2 + t)),
    origins: ['analysis', 'analysis', 'analysis'],
    variables: [
      { species: 'pm2_5', units: 'ug m-3', statistic: 'daily_mean', values: wave(8) },
      { species: 'pm10', units: 'ug m-3', statistic: 'daily_mean', values: wave(16) },
    ],
  };
  const config = { pollutants: ['pm2_5', 'pm10'] as const };
  const facts = gridFacts({ field, config });
  assert.deepEqual([facts.grid.numRows, facts.grid.numColumns, facts.numDays, facts.numPollutants], [12, 10, 4, 2]);
  assert.equal(facts.obstacle, undefined);
  // from 55.55 degrees to 55: the cosine changes by 1.4 % a degree
  assert.ok(Math.abs(facts.widthVariation - 0.014) < 2e-3, String(facts.widthVariation));
  const alone = gridFacts({ field, config: { pollutants: ['pm2_5'] } });
  assert.ok(facts.rangeKm >= alone.rangeKm && alone.rangeKm > 0);
  field.variables[0]?.values.fill(Number.NaN, 5, 6);
  const withGap = gridFacts({ field, config });
  assert.equal(withGap.obstacle, undefined);
  assert.ok(Math.abs(withGap.missingShare - 1 / 720) < 1e-12, String(1 / withGap.missingShare));
  field.variables[0]?.values.fill(Number.NaN, 1, 241);
  assert.ok(isTramontanaError(gridFacts({ field, config }).obstacle, 'Modelling.IncompleteGrid'));
});

test('tiles are a grid; what they leave out and cells of unequal width even in a tile degrade', () => {
  const tile = (id: string, north: number): Tile => ({
    ...{ id, rows: { first: 0, count: 24 }, columns: { first: 0, count: 24 } },
    ...{ fineRows: { first: 0, count: 120 }, fineColumns: { first: 0, count: 120 } },
    boundingBox: { north, south: north - 2.4, west: 0, east: 2.4 },
  });
  const shape = { numRows: 40, numColumns: 24, numFineRows: 200, numFineColumns: 120 };
  const plan: TilePlan = {
    overlapCells: 8,
    resolutionDegrees: 0.02,
    ...shape,
    tiles: [tile('r01c01', 46)],
    leftOut: [],
  };
  assert.deepEqual(tiledRoute(plan).issues, []);
  const reason = '30 % of the values are missing';
  const partly = tiledRoute({ ...plan, leftOut: [{ tile: tile('r02c01', 44), reason }] });
  assert.deepEqual(
    partly.issues.map(({ code, message }) => [code, message]),
    [['tile-left-out', `tile r02c01 is left out: ${reason}`]],
  );
  const polar = tiledRoute({ ...plan, tiles: [tile('r01c01', 84)] });
  assert.deepEqual(
    polar.issues.map(({ code }) => code),
    ['tall-rectangle'],
  );
});
