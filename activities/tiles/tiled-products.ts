// SPDX-License-Identifier: Apache-2.0
/**
 * What the tiles of a domain give to its products.
 *
 * @module
 */
import type { ArtifactRef } from '../../artifacts/index.js';
import type { AreaMeans } from '../../artifacts/schemas/area-means.js';
import { decodeFineGridPosterior } from '../../artifacts/schemas/fine-grid-posterior-arrow.js';
import type { FitResult, ParameterSummary } from '../../artifacts/schemas/fit-result.js';
import type { InferenceSummary } from '../../artifacts/schemas/inference-summary.js';
import { decodeAreaMeans, decodeExceedanceRuns } from '../../artifacts/schemas/joint-products-arrow.js';
import type { QualityIssue } from '../../artifacts/schemas/quality-issue.js';
import type { Tile, TilePlan } from '../../artifacts/schemas/tile-plan.js';
import { artifactsOfTile, tileArtifact } from '../../common/tile-names.js';
import type { DomainConfig } from '../../config/index.js';
import { fineGrid, mergeAreaMeans, MOST_TILED_CELLS, uncoveredShare, type TileSource } from '../../modelling/index.js';
import type { ProductInputs } from '../../products/index.js';
import type { ActivityDependencies } from '../dependencies.js';
import { requireInput } from '../inputs/require-input.js';
import type { PublishArgs } from '../stage-contracts.js';
import type { StageTools } from '../frame/stage-frame.js';
import { mergeFits, mergeInference } from './merge-inference.js';
import { mergeParameters } from './merge-laws.js';
import { tiledPosterior } from './tiled-posterior.js';

/** The artifacts of a tile that products are made of. */
const NEEDED = ['fit', 'inference', 'parameters', 'posterior'] as const;

/** Of the work of publishing, the first blending. */
export const BLENDED_SHARE = 0.2;

/** Where there are days in a row, and areas. */
const OPTIONAL = ['exceedanceRuns', 'areaMeans'] as const;

/** References of all tiles, as inputs of a stage key. */
export function tiledInputs({ inputs }: PublishArgs, plan: TilePlan): Record<string, ArtifactRef> {
  const named = plan.tiles.flatMap(({ id }) => {
    const own = artifactsOfTile(inputs, id);
    return [...NEEDED, ...OPTIONAL].flatMap((name): [string, ArtifactRef][] => {
      const ref = own[name];
      return ref === undefined ? [] : [[tileArtifact(id, name), ref]];
    });
  });
  return Object.fromEntries(named);
}

/** What becomes of the tiles, and what a reader must know of them. */
export type TiledProducts = Pick<
  ProductInputs,
  'posterior' | 'bands' | 'exceedanceRuns' | 'areaMeans' | 'fit' | 'inference' | 'parameters' | 'tiles'
> & { readonly issues: readonly QualityIssue[] };

/** Reads the tiles that are there. */
export async function tiledProducts(
  { store }: Pick<ActivityDependencies, 'store'>,
  config: DomainConfig,
  { args, plan }: { readonly args: PublishArgs; readonly plan: TilePlan },
  { report, signal }: Pick<StageTools, 'report' | 'signal'>,
): Promise<TiledProducts> {
  const failures = new Map((args.failedTiles ?? []).map(({ tile, message }) => [tile, message]));
  const held = plan.tiles.filter(({ id }) => !failures.has(id));
  const load = <Value>({ id }: Tile, name: (typeof NEEDED)[number]): Promise<Value> =>
    store.getJson<Value>(requireInput(args, tileArtifact(id, name)));
  const fits = new Map<string, FitResult>();
  const inferences = new Map<string, InferenceSummary>();
  const parameters: { tile: Tile; parameters: ParameterSummary[] }[] = [];
  for (const tile of held) {
    signal.throwIfAborted();
    fits.set(tile.id, await load(tile, 'fit'));
    inferences.set(tile.id, await load(tile, 'inference'));
    parameters.push({ tile, parameters: await load(tile, 'parameters') });
  }
  const source: TileSource = {
    ...{ plan, tiles: held },
    read: async ({ id }) => {
      signal.throwIfAborted();
      const runs = args.inputs[tileArtifact(id, 'exceedanceRuns')];
      return {
        posterior: decodeFineGridPosterior(await store.get(requireInput(args, tileArtifact(id, 'posterior')))),
        exceedanceRuns: runs === undefined ? [] : decodeExceedanceRuns(await store.get(runs)),
      };
    },
  };
  const { boundingBox, products, pollutants } = config;
  const grid = fineGrid(boundingBox, products.resolutionDegrees, MOST_TILED_CELLS);
  const numDays = parameters.length === 0 ? 1 : await daysOf(source);
  const maps = await tiledPosterior(source, grid, numDays * pollutants.length, (share) =>
    report({ fraction: BLENDED_SHARE * share, phase: 'blending tiles' }),
  );
  const missing = [
    ...plan.leftOut,
    ...plan.tiles.flatMap((tile) => {
      const message = failures.get(tile.id);
      return message === undefined ? [] : [{ tile, reason: message }];
    }),
  ];
  const areaMeans = await areaMeansOf(store, args, { plan, held });
  return {
    ...maps,
    ...(areaMeans === undefined ? {} : { areaMeans }),
    fit: mergeFits(fits),
    inference: mergeInference(inferences),
    parameters: mergeParameters(parameters.map((tile) => tile.parameters)),
    tiles: { plan, held: parameters, missing },
    issues: failedIssues(plan, held, failures),
  };
}

/** Means over the areas of the tiles that are there; undefined where none are configured. */
async function areaMeansOf(
  store: ActivityDependencies['store'],
  { inputs }: PublishArgs,
  { plan, held }: { readonly plan: TilePlan; readonly held: readonly Tile[] },
): Promise<AreaMeans | undefined> {
  const { areas } = plan;
  if (areas === undefined) return undefined;
  const told: AreaMeans[] = [];
  for (const { id } of held) {
    const ref = inputs[tileArtifact(id, 'areaMeans')];
    if (ref !== undefined) told.push(decodeAreaMeans(await store.get(ref)));
  }
  const lost = lostAreas(plan, held);
  if (told.length === 0)
    return {
      areas: [],
      leftOut: [...areas.leftOut, ...lost],
      numBeyond: areas.numBeyond,
      numSamples: 0,
      variables: [],
    };
  const merged = mergeAreaMeans(told);
  return { ...merged, leftOut: [...areas.leftOut, ...lost, ...merged.leftOut], numBeyond: areas.numBeyond };
}

/** Areas of tiles that could not be computed. */
function lostAreas({ tiles, areas }: TilePlan, held: readonly Tile[]): AreaMeans['leftOut'] {
  return tiles
    .filter((tile) => !held.includes(tile))
    .flatMap(({ id }) =>
      (areas?.given[id] ?? []).map((name) => ({ name, reason: `its tile ${id} could not be computed` })),
    );
}

async function daysOf(source: TileSource): Promise<number> {
  const [first] = source.tiles;
  return first === undefined ? 1 : (await source.read(first)).posterior.timesMs.length;
}

function failedIssues(plan: TilePlan, held: readonly Tile[], failures: ReadonlyMap<string, string>): QualityIssue[] {
  return [...failures].map(([tile, message]) => ({
    code: 'tile-failed',
    severity: 'warning',
    message: `tile ${tile} could not be computed: ${message}`,
    facts: { tile, uncoveredShare: uncoveredShare(plan, held) },
  }));
}
