// SPDX-License-Identifier: Apache-2.0
import type { CellSpan, Tile, TilePlan } from '../../artifacts/schemas/tile-plan.js';

/** Of what neighbours share the outermost share is not used: there a tile's own edge is felt. */
const UNUSED_SHARE = 1 / 8;

/** Unnormalised weight of a tile in its fine cells: the product of one factor a row and one a column. */
export interface TileWeights {
  readonly rows: Float64Array;
  readonly columns: Float64Array;
}

/**
 * How much a tile says in its fine cells: 1 inside, towards an edge that it shares falling to 0 over the overlap by t^3 (10 - 15 t + 6 t^2),
 * which has two continuous derivatives. Divided by their sum over the tiles that are there, the weights are a smooth partition of unity.
 */
export function tileWeights(plan: TilePlan, tile: Tile): TileWeights {
  return {
    rows: axisWeights(tile.fineRows, plan.numFineRows, (plan.overlapCells * tile.fineRows.count) / tile.rows.count),
    columns: axisWeights(
      tile.fineColumns,
      plan.numFineColumns,
      (plan.overlapCells * tile.fineColumns.count) / tile.columns.count,
    ),
  };
}

/** @param overlap - fine cells, not always a whole number of them */
function axisWeights({ first, count }: CellSpan, total: number, overlap: number): Float64Array {
  const unused = UNUSED_SHARE * overlap;
  const ramp = (distance: number): number => smoothStep((distance - unused) / (overlap - 2 * unused));
  return Float64Array.from({ length: count }, (_, index) => {
    const fromStart = first === 0 ? 1 : ramp(index + 0.5);
    const fromEnd = first + count === total ? 1 : ramp(count - index - 0.5);
    return fromStart * fromEnd;
  });
}

function smoothStep(t: number): number {
  if (t <= 0) return 0;
  return t >= 1 ? 1 : t ** 3 * (10 - 15 * t + 6 * t * t);
}
