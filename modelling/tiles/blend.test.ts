// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { Tile } from '../../artifacts/schemas/tile-plan.js';
import { entry, float64At } from '../../common/entry.js';
import { isTramontanaError } from '../../common/errors.js';
import { blendRows, type TileSource } from './blend.js';
import { AXES, FINE_COLUMNS, FINE_ROWS, PLAN, sourceOf, TILES, type Law } from './testing/tile-scene.js';
import { tileWeights } from './tile-weights.js';

const WHOLE = { first: 0, count: FINE_ROWS };

/** Differs from tile to tile as an index would. */
function number({ id }: Tile): number {
  return TILES.findIndex((tile) => tile.id === id);
}

describe('blended tiles', () => {
  it('that agree give what they agree on', async () => {
    const law: Law = (_, row, column, day) => ({
      mean: 20 + Math.sin(row / 9) * Math.cos(column / 7) + day,
      sd: 0.4 + 0.001 * row,
    });
    const { posterior, exceedanceRuns } = await blendRows(sourceOf(law), AXES, WHOLE);
    const { mean, sd } = entry(posterior.variables, 0);
    const probability = entry(exceedanceRuns, 0).probability;
    for (let index = 0; index < mean.length; index += 97) {
      const cell = index % (FINE_ROWS * FINE_COLUMNS);
      const expected = law(
        entry(TILES, 0),
        Math.floor(cell / FINE_COLUMNS),
        cell % FINE_COLUMNS,
        index === cell ? 0 : 1,
      );
      // a few roundings of sums of weights; the variance is a difference of squares of 20
      assert.ok(Math.abs(float64At(mean, index) - expected.mean) < 1e-12);
      assert.ok(Math.abs(float64At(sd, index) - expected.sd) < 1e-11);
      assert.ok(Math.abs(float64At(probability, index) - expected.sd) < 1e-14);
    }
  });

  it('that differ are mixed: the moments are those of drawing a tile by its weight', async () => {
    const law: Law = (tile, row) => ({ mean: 20 + number(tile), sd: 0.5 + 0.1 * number(tile) + 0.001 * row });
    const { posterior } = await blendRows(sourceOf(law), AXES, WHOLE);
    const { mean, sd } = entry(posterior.variables, 0);
    let mixed = 0;
    for (let row = 0; row < FINE_ROWS; row += 3) {
      for (let column = 0; column < FINE_COLUMNS; column += 3) {
        const laws = TILES.flatMap((tile) => {
          const weights = tileWeights(PLAN, tile);
          const [r, c] = [row - tile.fineRows.first, column - tile.fineColumns.first];
          const inside = r >= 0 && r < tile.fineRows.count && c >= 0 && c < tile.fineColumns.count;
          const weight = inside ? float64At(weights.rows, r) * float64At(weights.columns, c) : 0;
          return weight > 0 ? [{ weight, ...law(tile, row, column, 0) }] : [];
        });
        const total = laws.reduce((sum, { weight }) => sum + weight, 0);
        const centre = laws.reduce((sum, one) => sum + (one.weight / total) * one.mean, 0);
        // spread within plus spread between, computed about the centre
        const variance = laws.reduce(
          (sum, one) => sum + (one.weight / total) * (one.sd ** 2 + (one.mean - centre) ** 2),
          0,
        );
        const cell = row * FINE_COLUMNS + column;
        assert.ok(Math.abs(float64At(mean, cell) - centre) < 1e-12);
        // squares of 20 to a part in 1e16 beside variances of .25
        assert.ok(Math.abs(float64At(sd, cell) ** 2 - variance) < 1e-11);
        mixed += laws.length > 1 ? 1 : 0;
      }
    }
    assert.ok(mixed > 500);
  });

  it('have no visible seam: a step of a whole sd between tiles is nowhere more than a tenth from cell to cell', async () => {
    const { posterior } = await blendRows(
      sourceOf((tile) => ({ mean: number(tile) % 2, sd: 1 })),
      AXES,
      WHOLE,
    );
    const { mean } = entry(posterior.variables, 0);
    let steepest = 0;
    for (let row = 0; row < FINE_ROWS; row += 1) {
      for (let column = 1; column < FINE_COLUMNS; column += 1) {
        const cell = row * FINE_COLUMNS + column;
        steepest = Math.max(steepest, Math.abs(float64At(mean, cell) - float64At(mean, cell - 1)));
      }
    }
    assert.ok(steepest > 0.01 && steepest < 0.1, `steepest step ${steepest}`);
  });

  it('leave empty what no tile covers, and reach into their overlap where a neighbour is missing', async () => {
    const held = TILES.filter(({ id }) => id !== 'r01c02');
    const { posterior } = await blendRows(
      sourceOf(() => ({ mean: 7, sd: 1 }), held),
      AXES,
      WHOLE,
    );
    const { mean } = entry(posterior.variables, 0);
    const missing = entry(
      TILES.filter(({ id }) => id === 'r01c02'),
      0,
    ).fineColumns;
    const at = (column: number) => float64At(mean, 10 * FINE_COLUMNS + column);
    assert.ok(Number.isNaN(at(missing.first + Math.floor(missing.count / 2))));
    // the outermost eighth of an overlap is never used: there a tile's own edge is felt
    assert.ok(Number.isNaN(at(missing.first + 38)));
    // 7 w / w, to a rounding
    assert.ok(Math.abs(at(missing.first + 20) - 7) < 1e-14);
    assert.ok(Math.abs(at(0) - 7) < 1e-14);
  });

  it('are the same in bands of any height', async () => {
    const source = sourceOf((tile, row, column) => ({
      mean: number(tile) + row * 0.01 + column * 0.02,
      sd: 1 + 0.01 * number(tile),
    }));
    const whole = entry((await blendRows(source, AXES, WHOLE)).posterior.variables, 0);
    for (const count of [1, 37, 199]) {
      const band = entry((await blendRows(source, AXES, { first: 1, count })).posterior.variables, 0);
      assert.deepEqual(
        band.mean.subarray(0, count * FINE_COLUMNS),
        whole.mean.subarray(FINE_COLUMNS, (1 + count) * FINE_COLUMNS),
      );
    }
  });

  it('tell of all days that any of them has data of', async () => {
    const { posterior } = await blendRows(
      sourceOf(() => ({ mean: 1, sd: 1 })),
      AXES,
      { first: 0, count: 5 },
    );
    assert.deepEqual(entry(posterior.variables, 0).hasData, [true, false]);
  });

  it('that do not fit their place are refused', async () => {
    const source = sourceOf(() => ({ mean: 1, sd: 1 }));
    const short = (tile: Tile): Tile => ({ ...tile, fineRows: { ...tile.fineRows, count: tile.fineRows.count - 1 } });
    const other: TileSource = { ...source, read: (tile) => source.read(tile.id === 'r01c02' ? short(tile) : tile) };
    await assert.rejects(blendRows(other, AXES, WHOLE), (error) => isTramontanaError(error, 'Modelling.ShapeMismatch'));
    const later: TileSource = {
      ...source,
      read: async (tile) => {
        const given = await source.read(tile);
        const timesMs = given.posterior.timesMs.map((timeMs) => timeMs + (tile.id === 'r01c02' ? 86_400_000 : 0));
        return { ...given, posterior: { ...given.posterior, timesMs } };
      },
    };
    await assert.rejects(blendRows(later, AXES, WHOLE), (error) => isTramontanaError(error, 'Modelling.ShapeMismatch'));
  });
});
