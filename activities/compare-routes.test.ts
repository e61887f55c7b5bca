// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { isTramontanaError } from '../common/errors.js';
import { compareRoutes } from './compare-routes.js';
import { routeScene, TOO_MANY, type RouteScene } from './testing/route-scene.js';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tramontana-compare-'));
});
after(() => rm(folder, { recursive: true, force: true }));

describe('the comparison', () => {
  const compare = (scene: RouteScene, phases: string[] = []) =>
    compareRoutes(scene.deps, scene.input, {
      signal: new AbortController().signal,
      onPhase: (text) => phases.push(text),
    });

  it('fits by both routes, pairs the hyperparameters, and takes what was computed before', async () => {
    const scene = await routeScene(folder, 0, {});
    const phases: string[] = [];
    const { routes, parameters } = await compare(scene, phases);
    assert.deepEqual(phases, ['reading the input', 'fitting by the grid', 'fitting by the mesh']);
    assert.deepEqual(
      scene.engine.jobs.map(({ model }) => 'grid' in model),
      [true, false],
    );
    assert.match(routes.grid.reason, /model\.route: grid/u);
    assert.match(routes.mesh.reason, /model\.route: mesh/u);
    assert.deepEqual(
      parameters.map(({ name }) => name),
      ['range_km_pm2_5', 'range_days_pm2_5', 'sigma_ug_m3_pm2_5', 'noise_sd_ug_m3_pm2_5'],
    );
    // the fake answers with the start of the search, whose scales differ with the resolution alone
    for (const { grid, mesh, distanceSds } of parameters) {
      assert.ok(grid.lower95 < grid.estimate && grid.estimate < grid.upper95);
      assert.ok(
        Math.abs(Math.abs(Math.log(grid.estimate / mesh.estimate)) / 0.1 - distanceSds) < 2 * distanceSds + 1e-9,
      );
    }
    await compare(scene);
    assert.equal(scene.engine.jobs.length, 2);
  });

  it('is refused where a route cannot be had', async () => {
    const scene = await routeScene(folder, TOO_MANY, {});
    await assert.rejects(compare(scene), (error) => isTramontanaError(error, 'Modelling.IncompleteGrid'));
  });
});
