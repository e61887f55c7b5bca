// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import type { GridDraws } from '../contract/integration-task.js';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { isTramontanaError } from '../../../common/errors.js';
import { completeGrid, gridDesign } from '../../../tests/engine/complete-grid.js';
import { smallModel, temporaryFolder } from '../../../tests/golden/support.js';
import { readJob, writeJob, type FitJobContent, type IntegrateJobContent } from './job.js';

const OPTIONS = { threads: 1, gradientTolerance: 1e-3, maximumIterations: 10 };

function fitJob(checkpointFolder: string): FitJobContent {
  const model = smallModel();
  return {
    kind: 'fit',
    jobKey: 'key',
    attemptToken: 3,
    checkpointFolder,
    options: OPTIONS,
    model,
    initialTheta: [0.1 + 0.2, -1e-17, 3, 4],
    thetaNames: ['a', 'b', 'c', 'd'],
  };
}

function integrateJob(folder: string, change: Partial<IntegrateJobContent>): IntegrateJobContent {
  const { initialTheta: theta, thetaNames: _, ...common } = fitJob(join(folder, 'checkpoints'));
  const thetaCovariance = theta.map((_, row) => theta.map((__, column) => (row === column ? 0.1 : 0)));
  const task = { theta, thetaCovariance, strategy: 'central-composite', designs: [] } as const;
  return { ...common, ...task, kind: 'integrate', ...change };
}

/** One area of two cells. */
const DRAWS: GridDraws = {
  numSamples: 40,
  seed: 7,
  stepErrorSds: [Float64Array.of(0, 0.1 + 0.2), new Float64Array()],
  runs: [{ design: 1, threshold: -1e-17, steps: 2 }],
  areas: [
    { design: 0, rowPointers: Int32Array.of(0, 2), cells: Int32Array.of(0, 9), weights: Float64Array.of(0.1, 0.9) },
  ],
};

describe('job files', () => {
  it('give back a fit job', async (context) => {
    const folder = await temporaryFolder(context);
    const job = fitJob(join(folder, 'checkpoints'));
    await writeJob(folder, job);
    assert.deepEqual(await readJob(folder), { ...job, folder });
    assert.deepEqual(await readJob(join(folder, 'job.json')), { ...job, folder }, 'by the path of job.json too');
    const bounded = { ...job, thetaBounds: { lower: job.initialTheta, upper: job.initialTheta } };
    await writeJob(folder, bounded);
    assert.deepEqual(await readJob(folder), { ...bounded, folder });
  });

  it('give back an integration job', async (context) => {
    const folder = await temporaryFolder(context);
    const projector = smallModel().observations[0]?.projector;
    assert.ok(projector !== undefined);
    const design = {
      process: 0,
      timeIndices: Int32Array.of(0),
      projector,
      covariates: new Float64Array(projector.numRows),
    };
    for (const designs of [[design], []]) {
      const job = integrateJob(folder, { designs });
      await writeJob(folder, job);
      assert.deepEqual(await readJob(folder), { ...job, folder });
    }
  });

  it('give back jobs on complete grids, and a mesh with maps', async (context) => {
    const folder = await temporaryFolder(context);
    const grid = completeGrid();
    const fit = { ...fitJob(join(folder, 'checkpoints')), model: grid };
    await writeJob(folder, fit);
    assert.deepEqual(await readJob(folder), { ...fit, folder });
    const maps = { model: grid, designs: [gridDesign(1), { ...gridDesign(2), modesPerCell: 3 }] };
    for (const job of [
      integrateJob(folder, { model: grid, strategy: 'cubature' }),
      integrateJob(folder, { model: grid, strategy: 'automatic', mostEvaluations: 0.1 + 0.2, maps }),
      integrateJob(folder, { model: grid, strategy: 'empirical-bayes', maps, draws: DRAWS }),
      integrateJob(folder, { maps, draws: { ...DRAWS, runs: [], areas: [], stepErrorSds: [] } }),
      integrateJob(folder, { strategy: 'lattice', maps }),
    ]) {
      await writeJob(folder, job);
      assert.deepEqual(await readJob(folder), { ...job, folder });
    }
  });

  it('refuse what a solver cannot do, by name', async (context) => {
    const folder = await temporaryFolder(context);
    const grid = completeGrid();
    const maps = { model: grid, designs: [gridDesign(1)] };
    const projector = smallModel().observations[0]?.projector;
    assert.ok(projector !== undefined);
    const designs = [{ process: 0, timeIndices: Int32Array.of(0), projector, covariates: new Float64Array() }];
    const cases: [Partial<IntegrateJobContent>, RegExp][] = [
      [{ strategy: 'cubature' }, /^strategy: expected one of automatic, lattice, .* for a mesh, got cubature/u],
      [{ model: grid, strategy: 'lattice' }, /^strategy: .*cubature.* for a complete grid, got lattice/u],
      [{ model: grid, strategy: 'automatic', designs }, /^designs: expected none for a complete grid, .* got 1/u],
      [{ designs, maps }, /^designs: expected none beside maps, got 1/u],
      [{ maps: { ...maps, designs: [] } }, /^maps\.designs: expected one or more, got 0/u],
      [{ maps: { ...maps, model: smallModel() as never } }, /^maps\.model: expected a complete grid, got a mesh/u],
      [{ draws: DRAWS }, /^draws: expected none without maps/u],
      [{ model: completeGrid(5), strategy: 'automatic', maps }, /^maps\.model: expected the job's own model/u],
    ];
    for (const [change, message] of cases) {
      await assert.rejects(
        writeJob(folder, integrateJob(folder, change)),
        (error) => isTramontanaError(error, 'Engine.InvalidInput') && message.test(error.message),
      );
    }
    await assert.rejects(readFile(join(folder, 'job.json')), /ENOENT/u);
  });

  it('refuse files of the other solver, and maps without a grid', async (context) => {
    const folder = await temporaryFolder(context);
    const path = join(folder, 'job.json');
    const change = async (edit: (text: string) => string): Promise<void> =>
      writeFile(path, edit(await readFile(path, 'utf8')));
    await writeJob(folder, integrateJob(folder, { maps: { model: completeGrid(), designs: [gridDesign(1)] } }));
    await change((text) => text.replace('"mesh"', '"grid"'));
    await assert.rejects(readJob(folder), /model\.arrow: unexpected metadata: .*"grid-model\/1"/su);
    await writeJob(folder, integrateJob(folder, { maps: { model: completeGrid(), designs: [gridDesign(1)] } }));
    await change((text) => {
      const { maps, ...job } = JSON.parse(text) as { maps: object };
      return JSON.stringify({ ...job, maps: { ...maps, model: undefined } });
    });
    await assert.rejects(readJob(folder), /expected maps to have a model beside a mesh .* got none/u);
  });

  it('refuse a changed array file, naming it', async (context) => {
    const folder = await temporaryFolder(context);
    await writeJob(folder, fitJob(folder));
    const path = join(folder, 'model.arrow');
    const bytes = await readFile(path);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    await writeFile(path, bytes);
    await assert.rejects(
      readJob(folder),
      (error) =>
        isTramontanaError(error, 'Engine.InvalidInput') && /model\.arrow: expected SHA-256/u.test(error.message),
    );
  });

  it('refuse a missing folder, bad JSON and an unknown key', async (context) => {
    const folder = await temporaryFolder(context);
    await assert.rejects(readJob(join(folder, 'nowhere')), /nowhere.job\.json: expected an engine job/u);
    await writeJob(folder, fitJob(folder));
    const path = join(folder, 'job.json');
    const value = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
    await writeFile(path, JSON.stringify({ ...value, colour: 'blue' }));
    await assert.rejects(readJob(folder), /job\.json: .*"colour"/su);
    await writeFile(path, '{');
    await assert.rejects(readJob(folder), /job\.json: expected an engine job/u);
  });

  it('are not written for a theta that is not a number', async (context) => {
    const folder = await temporaryFolder(context);
    await assert.rejects(writeJob(folder, { ...fitJob(folder), initialTheta: [NaN, 0, 0, 0] }), /initialTheta/u);
    await assert.rejects(readFile(join(folder, 'job.json')), /ENOENT/u);
  });
});
