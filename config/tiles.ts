// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';

/** `model.tiles`. */
export const tileSetting = z
  .union(
    [
      z.enum(['automatic', 'none']),
      z.strictObject({
        cells: z.int().min(12).max(1000).describe('Coarse cells along a side of a tile, at most.'),
        overlap: z
          .int()
          .min(4)
          .max(300)
          .default(8)
          .describe('Coarse cells that neighbouring tiles share, at the least.'),
      }),
    ],
    {
      error:
        'must be automatic, none, or {cells, overlap} with whole numbers: cells from 12 to 1000, overlap from 4 to 300',
    },
  )
  .default('automatic')
  .describe(
    'Tiles that are estimated and mapped by themselves and blended; automatic cuts boxes that are no good rectangle or longer than 12.8 degrees.',
  );

/** A tile's own part outweighs what it shares. */
export const LEAST_CELLS_AN_OVERLAP = 3;

/** Refuses tiles that contradict themselves or the route. */
export function checkTiles(
  { tiles, route }: { readonly tiles: z.output<typeof tileSetting>; readonly route: string },
  context: Pick<z.RefinementCtx, 'addIssue'>,
): void {
  if (typeof tiles === 'string') return;
  const { cells, overlap } = tiles;
  if (cells < LEAST_CELLS_AN_OVERLAP * overlap) {
    context.addIssue({
      code: 'custom',
      path: ['model', 'tiles', 'cells'],
      message: `must be at least ${LEAST_CELLS_AN_OVERLAP} times the overlap of ${overlap} cells, got ${cells}`,
    });
  }
  if (route === 'mesh') {
    context.addIssue({ code: 'custom', path: ['model', 'tiles'], message: 'tiles are grids, and model.route is mesh' });
  }
}
