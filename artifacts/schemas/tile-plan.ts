// SPDX-License-Identifier: Apache-2.0
import type { AreaMeans } from './area-means.js';

/** Name and version of {@link TilePlan} as a JSON artifact. */
export const TILE_PLAN_SCHEMA = 'tile-plan/1';

/** Neighbouring cells along one axis. */
export interface CellSpan {
  readonly first: number;
  readonly count: number;
}

/** A rectangle of a domain that is estimated and mapped by itself, as a domain of its own. */
export interface Tile {
  /** Part of names, e.g. `r02c13`: row and column of the tile, from the north-west, counted from 1. */
  readonly id: string;
  /** Coarse cells of the domain's daily field; they overlap those of the neighbours. */
  readonly rows: CellSpan;
  readonly columns: CellSpan;
  /** Cells of the domain's fine grid. */
  readonly fineRows: CellSpan;
  readonly fineColumns: CellSpan;
  /** Outer edges, degrees. */
  readonly boundingBox: {
    readonly north: number;
    readonly west: number;
    readonly south: number;
    readonly east: number;
  };
}

/** A tile whose data no grid can use. */
export interface LeftOutTile {
  readonly tile: Tile;
  /** Why, in one sentence. */
  readonly reason: string;
}

/** How a domain is cut: small, travels as JSON. */
export interface TilePlan {
  /** Coarse cells that neighbours share at the least. */
  readonly overlapCells: number;
  /** Coarse cells of the domain. */
  readonly numRows: number;
  readonly numColumns: number;
  /** Fine cells of the domain, and their side. */
  readonly numFineRows: number;
  readonly numFineColumns: number;
  readonly resolutionDegrees: number;
  /** From north to south, then from west to east. */
  readonly tiles: readonly Tile[];
  readonly leftOut: readonly LeftOutTile[];
  /** Areas of which no tile can tell, and those beyond the domain; only where areas are configured. */
  readonly areas?: Pick<AreaMeans, 'leftOut' | 'numBeyond'> & {
    /** Names of the areas that each tile tells of. */
    readonly given: Readonly<Record<string, readonly string[]>>;
  };
}
