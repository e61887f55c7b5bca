// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { entry, float64At } from '../../common/entry.js';
import type { PosteriorBand } from '../../artifacts/schemas/posterior-bands.js';
import { AXES, FINE_COLUMNS, FINE_ROWS, sourceOf, type Law } from '../../modelling/tiles/testing/tile-scene.js';
import { tiledPosterior, type TiledPosterior } from './tiled-posterior.js';

const GRID = { resolutionDegrees: 0.02, ...AXES };
const [DAYS, CELLS] = [2, FINE_ROWS * FINE_COLUMNS];

/** Sds below 1 serve as probabilities of days in a row. */
const law: Law = ({ id }, row, column, day) => ({
  mean: 20 + (id === 'r01c01' ? 0.3 : 0) + Math.sin(row / 9) + column / 50 + day,
  sd: 0.2 + 0.7 * Math.abs(Math.sin(row / 31 + column / 17)) * (day === 0 ? 0.5 : 1),
});

function inBands(valuesABand: number, drawnCells: number): Promise<TiledPosterior> {
  return tiledPosterior(sourceOf(law), GRID, DAYS, () => undefined, { valuesABand, drawnCells });
}

async function bandsOf({ bands }: TiledPosterior): Promise<PosteriorBand[]> {
  const found: PosteriorBand[] = [];
  for await (const band of bands?.read() ?? []) found.push(band);
  return found;
}

describe('the posterior of tiles', () => {
  it('is whole where it is small', async () => {
    const { posterior, bands } = await inBands(1e9, 1e9);
    assert.equal(bands, undefined);
    assert.equal(entry(posterior.variables, 0).mean.length, DAYS * CELLS);
  });

  it('comes in bands with the same values, and what is drawn are cells of it', async () => {
    const whole = (await inBands(1e9, 1e9)).posterior;
    const tiled = await inBands(23 * FINE_COLUMNS * DAYS, CELLS / 9);
    const bands = await bandsOf(tiled);
    assert.ok(bands.length > 5);
    const { mean, sd } = entry(whole.variables, 0);
    let rows = 0;
    for (const { firstRow, posterior } of bands) {
      assert.equal(firstRow, rows);
      const count = posterior.latitudesDegrees.length;
      const own = entry(posterior.variables, 0);
      for (let day = 0; day < DAYS; day += 1) {
        const from = day * CELLS + firstRow * FINE_COLUMNS;
        const band = own.mean.subarray(day * count * FINE_COLUMNS, (day + 1) * count * FINE_COLUMNS);
        assert.deepEqual(band, mean.subarray(from, from + count * FINE_COLUMNS));
      }
      rows += count;
    }
    assert.equal(rows, FINE_ROWS);

    const { posterior: drawn } = tiled;
    assert.ok(Math.abs(drawn.resolutionDegrees - 0.06) < 1e-12);
    const [drawnRows, drawnColumns] = [drawn.latitudesDegrees.length, drawn.longitudesDegrees.length];
    assert.deepEqual([drawnRows, drawnColumns], [Math.floor((FINE_ROWS + 1) / 3), Math.floor((FINE_COLUMNS + 1) / 3)]);
    for (let index = 0; index < DAYS * drawnRows * drawnColumns; index += 41) {
      const [day, cell] = [Math.floor(index / (drawnRows * drawnColumns)), index % (drawnRows * drawnColumns)];
      const [row, column] = [3 * Math.floor(cell / drawnColumns) + 1, 3 * (cell % drawnColumns) + 1];
      const at = day * CELLS + row * FINE_COLUMNS + column;
      assert.equal(float64At(entry(drawn.variables, 0).mean, index), float64At(mean, at));
      assert.equal(float64At(entry(drawn.variables, 0).sd, index), float64At(sd, at));
      assert.equal(
        float64At(drawn.latitudesDegrees, Math.floor(cell / drawnColumns)),
        float64At(AXES.latitudesDegrees, row),
      );
    }
  });

  it('keeps the highest probability of days in a row, whatever is drawn', async () => {
    const highest = ({ exceedanceRuns, posterior }: TiledPosterior): number[] => {
      const { probability } = entry(exceedanceRuns, 0);
      const cells = posterior.latitudesDegrees.length * posterior.longitudesDegrees.length;
      return [0, 1].map((day) => Math.max(...probability.subarray(day * cells, (day + 1) * cells)));
    };
    const expected = highest(await inBands(1e9, 1e9));
    for (const rows of [1, 9, 64]) {
      assert.deepEqual(highest(await inBands(rows * FINE_COLUMNS * DAYS, CELLS / 20)), expected);
    }
  });
});
