// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { float64At } from '../common/entry.js';
import { cellSizeKm } from './coarse-data.js';
import { buildGridDesigns } from './grid-designs.js';
import { fineGrid } from './prediction-designs.js';

test('fine cells beyond the coarse ones lie at their edge to the last bit of what the engine allows', () => {
  const frame = {
    pollutants: ['pm10' as const],
    dayTable: [],
    covariates: { names: ['intercept'] },
  } as unknown as Parameters<typeof buildGridDesigns>[0]['frame'];
  for (let north = 36; north <= 60; north += 3) {
    for (let count = 12; count <= 40; count += 1) {
      const field = {
        latitudesDegrees: Float64Array.from({ length: count }, (_, i) => north - 0.05 - 0.1 * i),
        longitudesDegrees: Float64Array.from({ length: count }, (_, j) => 6.05 + 0.1 * j),
      };
      // two fine cells further than the coarse ones
      const box = { north: north + 0.1, west: 5.9, south: north - 0.1 * count - 0.1, east: 6.1 + 0.1 * count };
      const [design] = buildGridDesigns({ grid: fineGrid(box, 0.05), field, frame });
      const { heightKm, widthKm } = cellSizeKm(field);
      for (const [axis, sideKm] of [
        ['rows', heightKm],
        ['columns', widthKm],
      ] as const) {
        const centres = design?.[axis].centres ?? new Float64Array();
        // the engine's product, in its order: numbers of the same format give the same bits
        const limit = sideKm * count;
        assert.ok(
          centres.every((centre) => centre >= 0 && centre <= limit),
          `${axis} of ${count} cells from ${north} N`,
        );
        assert.equal(float64At(centres, centres.length - 1), limit);
      }
    }
  }
});
