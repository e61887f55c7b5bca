// SPDX-License-Identifier: Apache-2.0
/**
 * Which estimator a domain takes: the complete grid of its cells, or a mesh (docs/decisions/0006). The rule that holds throughout:
 * no map is coarser than its input without saying so.
 *
 * @module
 */
import type { EstimationRoute } from '../artifacts/schemas/estimation-route.js';
import type { QualityIssue } from '../artifacts/schemas/quality-issue.js';
import type { TilePlan } from '../artifacts/schemas/tile-plan.js';
import { entry, float64At } from '../common/entry.js';
import { isTramontanaError, TramontanaError } from '../common/errors.js';
import type { RegularGrid } from '../inference-core/host-ts/contract/grid-model.js';
import { readForecastData, startOfTheta, type ForecastSources } from './forecast-frame.js';
import { gridObstacle, gridScale, regularGrid } from './grid-model.js';
import { meshFitSeconds } from './reckoning.js';
import { LARGEST_WIDTH_VARIATION, type TileSetting, widthVariation } from './tiles/tile-layout.js';
import { uncoveredShare } from './tiles/tile-plan.js';

/** A mesh that could be built. */
export interface MeshCandidate {
  readonly interiorEdgeKm: number;
  /** About how many, in the domain and in all. */
  readonly interiorNodes: number;
  readonly nodes: number;
  /** Memory of a fit at the least. */
  readonly bytes: number;
}

/** A mesh, or why it cannot be built. */
export type MeshOffer = MeshCandidate | TramontanaError;

/** What the data say; see {@link gridFacts}. */
export interface GridFacts {
  /** Cells, sides in km. */
  readonly grid: RegularGrid;
  /** Why the cells are no grid for the engine; absent where they are. */
  readonly obstacle?: TramontanaError;
  /** Steps of the model. */
  readonly numDays: number;
  readonly numPollutants: number;
  /** Of the values on days that have any. */
  readonly missingShare: number;
  /** The longest one of the pollutants, from the moments of the data. */
  readonly rangeKm: number;
  /** How much wider or narrower than in the middle the cells are at the ends of the box; a share. */
  readonly widthVariation: number;
}

/** What is wanted, and what it would cost. */
export interface RouteOptions {
  /** `model.route` of the configuration. */
  readonly requested: 'automatic' | 'grid' | 'mesh';
  /** Whether a mesh may be coarser than the cells, with products that say so. */
  readonly allowCoarseMesh: boolean;
  /** Whether the configuration names the interior edge; `fine` is then the mesh with that edge. */
  readonly isEdgeConfigured: boolean;
  /** As fine as the cells, or finer. */
  readonly fine: MeshOffer;
  /** With the edge that follows from the size of the domain alone. */
  readonly usual: MeshOffer;
  readonly memoryLimitBytes: number;
}

/** A box narrower than this many ranges has too few independent parts for the grid's estimate, which simulations show unbiased above. */
const RANGES_ACROSS = 3;

/** Beyond it a mesh is no match for the grid, whose cost is linear. */
const MOST_INTERIOR_NODES = 1000;

/** What `automatic` may spend on a fit by a mesh, and what any fit may: the limit of its activity. */
const LONGEST_SECONDS = { preferred: 600, any: 24 * 3600 } as const;

/**
 * Reads off the data what the choice depends on.
 *
 * @throws {TramontanaError} `Modelling.*` for a field or an elevation that no route can use
 */
export function gridFacts(sources: ForecastSources): GridFacts {
  const data = readForecastData(sources);
  const grid = regularGrid(data);
  const obstacle = gridObstacle(data);
  const theta = startOfTheta(data, gridScale(grid));
  const { latitudesDegrees } = data.field;
  const [first, last] = [float64At(latitudesDegrees, 0), float64At(latitudesDegrees, latitudesDegrees.length - 1)];
  return {
    grid,
    ...(obstacle === undefined ? {} : { obstacle }),
    numDays: data.days.length,
    numPollutants: data.scaled.length,
    missingShare: missingShareOf(data),
    rangeKm: Math.exp(Math.max(...data.layout.logRangeKm.map((index) => entry(theta, index)))),
    widthVariation: widthVariation(first, last),
  };
}

function missingShareOf({ field, days, scaled }: ReturnType<typeof readForecastData>): number {
  const numCells = field.latitudesDegrees.length * field.longitudesDegrees.length;
  const present = days.flatMap(({ observations }) => scaled.map((_, process) => entry(observations, process)));
  const withAny = present.filter((found) => found > 0);
  return 1 - withAny.reduce((sum, found) => sum + found, 0) / (numCells * withAny.length);
}

/**
 * Chooses the route.
 *
 * `automatic` takes the grid where it is complete, but for boxes less than three ranges across whose mesh, as fine as the cells, is
 * affordable: there the mesh estimates better. Fields with too many gaps take a mesh. The maps of a grid come from the grid.
 *
 * @throws {TramontanaError} `Modelling.IncompleteGrid` and `Modelling.GridTooSmall` where the grid is asked for; where a mesh has to
 *         serve, `Modelling.MeshTooCoarse` for one with an interior edge above the cells' longer side, `Config.TooCostly` when one as
 *         fine as the cells is out of reach, `Mesh.*` for options that no mesh can have
 */
export function chooseRoute(facts: GridFacts, options: RouteOptions): EstimationRoute {
  const { obstacle } = facts;
  const { requested } = options;
  if (requested === 'mesh') return meshRoute(facts, options, 'as configured (model.route: mesh)');
  if (obstacle === undefined) {
    if (requested === 'grid') return gridRoute(facts, 'as configured (model.route: grid)');
    return automaticRoute(facts, options);
  }
  if (requested === 'grid') throw obstacle;
  return meshRoute(facts, options, `no grid (${obstacle.message})`);
}

/** Of a complete grid. */
function automaticRoute(facts: GridFacts, options: RouteOptions): EstimationRoute {
  const { grid, rangeKm, missingShare } = facts;
  const shorterKm = Math.min(grid.numRows * grid.cellHeight, grid.numColumns * grid.cellWidth);
  const ranges = shorterKm / rangeKm;
  const across =
    `${grid.numRows} x ${grid.numColumns} ${missingShare === 0 ? 'complete cells' : 'cells'} of ${inKm(cellKm(facts))}` +
    `${missingShare === 0 ? '' : `, ${(100 * missingShare).toPrecision(2)} % of their values missing`}, ${ranges.toPrecision(2)} ranges of about ` +
    `${inKm(rangeKm)} across`;
  if (ranges >= RANGES_ACROSS) return gridRoute(facts, `${across}, at least ${RANGES_ACROSS}`);
  const small = `${across}, fewer than ${RANGES_ACROSS}`;
  const { fine } = options;
  if (isTramontanaError(fine)) return gridRoute(facts, `${small}, but no mesh can be as fine (${fine.message})`);
  const { interiorEdgeKm, interiorNodes, bytes } = fine;
  const mesh = `a mesh with edges of ${inKm(interiorEdgeKm)}`;
  const seconds = fitSeconds(fine, facts);
  if (interiorEdgeKm > cellKm(facts))
    return gridRoute(facts, `${small}, but ${mesh} (configured) is coarser than the cells`);
  const isAffordable =
    interiorNodes <= MOST_INTERIOR_NODES && seconds <= LONGEST_SECONDS.preferred && bytes <= options.memoryLimitBytes;
  if (!isAffordable) {
    return gridRoute(
      facts,
      `${small}, but ${mesh} has about ${interiorNodes} nodes inside and takes ${inTime(seconds)} a fit`,
    );
  }
  return meshOf(
    facts,
    interiorEdgeKm,
    `${small}, and ${mesh} is affordable: about ${interiorNodes} nodes inside, at most ${inTime(seconds)} a fit`,
  );
}

function gridRoute(facts: GridFacts, reason: string): EstimationRoute {
  return { name: 'grid', maps: 'grid', reason, tiles: 1, issues: rectangleIssues(facts) };
}

/** A mesh has to serve: as fine as the cells, or coarser where that is allowed. */
function meshRoute(facts: GridFacts, options: RouteOptions, why: string): EstimationRoute {
  const { allowCoarseMesh, isEdgeConfigured, memoryLimitBytes } = options;
  const fine = isEdgeConfigured ? buildable(options.fine) : options.fine;
  const cell = inKm(cellKm(facts));
  if (!isTramontanaError(fine)) {
    const seconds = fitSeconds(fine, facts);
    if (isEdgeConfigured && fine.interiorEdgeKm > cellKm(facts) && !allowCoarseMesh) {
      throw new TramontanaError(
        'Modelling.MeshTooCoarse',
        `mesh.interiorEdgeKm: expected at most the ${cell} of the cells' longer side, got ${inKm(fine.interiorEdgeKm)}: the map would be ` +
          'coarser than its input; give a shorter edge, or leave it out, take model.route: automatic, or allow it by model.allowCoarseMesh: true',
        { facts: { interiorEdgeKm: fine.interiorEdgeKm, cellKm: cellKm(facts) } },
      );
    }
    // whoever names an edge knows the time; the memory is a limit all the same
    const isAffordable = fine.bytes <= memoryLimitBytes && (isEdgeConfigured || seconds <= LONGEST_SECONDS.any);
    if (isAffordable)
      return meshOf(facts, fine.interiorEdgeKm, `${why}; edges of ${inKm(fine.interiorEdgeKm)} for cells of ${cell}`);
    if (isEdgeConfigured || !allowCoarseMesh) throw tooCostly(facts, options, fine);
  } else if (!allowCoarseMesh) {
    throw tooCostly(facts, options, fine);
  }
  const usual = buildable(options.usual);
  return meshOf(
    facts,
    usual.interiorEdgeKm,
    `${why}; edges of ${inKm(usual.interiorEdgeKm)}, for a mesh as fine as the cells (${cell}) is out of reach`,
  );
}

function meshOf(facts: GridFacts, interiorEdgeKm: number, reason: string): EstimationRoute {
  const maps = facts.obstacle === undefined ? 'grid' : 'mesh';
  const issues = [
    ...(interiorEdgeKm > cellKm(facts) ? [coarseMesh(facts, interiorEdgeKm, maps)] : []),
    ...(maps === 'grid' ? rectangleIssues(facts) : []),
  ];
  return { name: 'mesh', maps, reason, tiles: 1, interiorEdgeKm, issues };
}

function coarseMesh(facts: GridFacts, interiorEdgeKm: number, maps: EstimationRoute['maps']): QualityIssue {
  const consequence =
    maps === 'grid'
      ? 'the hyperparameters do not know structures below it'
      : 'the maps are coarser than their input, and their intervals may cover too little';
  return {
    code: 'coarse-mesh',
    severity: 'warning',
    message: `the mesh's interior edge of ${inKm(interiorEdgeKm)} exceeds the ${inKm(cellKm(facts))} of the cells: ${consequence}`,
    facts: { interiorEdgeKm, cellKm: cellKm(facts) },
  };
}

/** The route of a domain in tiles: each one is a grid. Tiles without data are named, for the maps are empty where no neighbour covers them. */
export function tiledRoute(plan: TilePlan, setting: TileSetting = 'automatic'): EstimationRoute {
  const { tiles, leftOut, numRows, numColumns, overlapCells } = plan;
  const [tallest, widest] = [
    Math.max(...tiles.map(({ rows }) => rows.count)),
    Math.max(...tiles.map(({ columns }) => columns.count)),
  ];
  const reason =
    `${numRows} x ${numColumns} cells in ${tiles.length} overlapping tiles of at most ${tallest} x ${widest} cells, ${overlapCells} of them ` +
    `shared: ${setting === 'automatic' ? 'one rectangle and one theta are a poor picture of them all' : 'as configured (model.tiles)'}`;
  const issues = leftOut.map(({ tile, reason: why }): QualityIssue => ({
    code: 'tile-left-out',
    severity: 'warning',
    message: `tile ${tile.id} is left out: ${why}`,
    facts: { tile: tile.id, uncoveredShare: uncoveredShare(plan, tiles) },
  }));
  const variation = Math.max(...tiles.map(({ boundingBox: { north, south } }) => widthVariation(north, south)));
  // the edges of a tile lie half a cell beyond the centres by which it was cut
  const narrow = variation > 1.2 * LARGEST_WIDTH_VARIATION ? rectangleIssues({ widthVariation: variation }) : [];
  return { name: 'grid', maps: 'grid', reason, tiles: tiles.length, issues: [...issues, ...narrow] };
}

/** One rectangle takes all cells for equally wide. */
function rectangleIssues({ widthVariation: found }: Pick<GridFacts, 'widthVariation'>): QualityIssue[] {
  if (found <= LARGEST_WIDTH_VARIATION) return [];
  const percent = Math.round(100 * found);
  return [
    {
      code: 'tall-rectangle',
      severity: 'warning',
      message: `the width of the cells differs by ${percent} % between the middle and the ends of the box: one rectangle is a rough picture of it`,
      facts: { widthVariation: found, largest: LARGEST_WIDTH_VARIATION },
    },
  ];
}

/** @throws {TramontanaError} the reason why it is none */
function buildable(offer: MeshOffer): MeshCandidate {
  if (isTramontanaError(offer)) throw offer;
  return offer;
}

function tooCostly(facts: GridFacts, { memoryLimitBytes }: RouteOptions, fine: MeshOffer): TramontanaError {
  const seconds = isTramontanaError(fine) ? undefined : fitSeconds(fine, facts);
  const found = isTramontanaError(fine)
    ? fine.message
    : `about ${fine.nodes} nodes, which need ${inGib(fine.bytes)} of ${inGib(memoryLimitBytes)} and ${inTime(fitSeconds(fine, facts))} a fit`;
  const why = facts.obstacle === undefined ? '' : ` (a mesh has to serve: ${facts.obstacle.message})`;
  return new TramontanaError(
    'Config.TooCostly',
    `mesh: expected an affordable mesh as fine as the cells of ${inKm(cellKm(facts))}, got ${found}${why}; take a smaller boundingBox, a ` +
      'shorter window or fewer pollutants, fill the gaps, or allow a coarser mesh by model.allowCoarseMesh: true',
    {
      facts: {
        ...(isTramontanaError(fine) ? {} : { nodes: fine.nodes, estimatedBytes: fine.bytes, seconds }),
        ...{ memoryLimitBytes, longestSeconds: LONGEST_SECONDS.any, cellKm: cellKm(facts) },
      },
      ...(isTramontanaError(fine) ? { cause: fine } : {}),
    },
  );
}

/** Longer side of a cell: what a mesh must resolve. */
export function cellKm({ grid }: Pick<GridFacts, 'grid'>): number {
  return gridScale(grid).resolutionKm;
}

function fitSeconds({ nodes }: MeshCandidate, { numPollutants, numDays }: GridFacts): number {
  return meshFitSeconds(nodes, numPollutants, numDays);
}

function inKm(km: number): string {
  return `${Number(km.toPrecision(3))} km`;
}

function inGib(bytes: number): string {
  return `${(bytes / 1024 ** 3).toPrecision(3)} GiB`;
}

function inTime(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  return seconds < 5400 ? `${Math.ceil(seconds / 60)} minutes` : `${Number((seconds / 3600).toPrecision(2))} hours`;
}
