// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { isTramontanaError } from '../../common/errors.js';
import { smallModel, temporaryFolder } from '../../tests/golden/support.js';
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
    const { initialTheta, thetaNames: _, ...common } = fitJob(join(folder, 'checkpoints'));
    const projector = smallModel().observations[0]?.projector;
    assert.ok(projector !== undefined);
    const design = {
      process: 0,
      timeIndices: Int32Array.of(0),
      projector,
      covariates: new Float64Array(projector.numRows),
    };
    const thetaCovariance = initialTheta.map((_, row) => initialTheta.map((__, column) => (row === column ? 0.1 : 0)));
    const strategy = 'central-composite';
    for (const designs of [[design], []]) {
      const job: IntegrateJobContent = {
        ...{ ...common, kind: 'integrate', theta: initialTheta, thetaCovariance, strategy, designs },
      };
      await writeJob(folder, job);
      assert.deepEqual(await readJob(folder), { ...job, folder });
    }
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
