// SPDX-License-Identifier: Apache-2.0
/** A second run over a finished one that somebody or something damaged meanwhile. */
import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { MockActivityEnvironment } from '@temporalio/testing';

import { ARROW_MEDIA_TYPE } from '../../artifacts/index.js';
import { encodeFineGridPosterior } from '../../artifacts/schemas/fine-grid-posterior-arrow.js';
import { encodeGriddedField } from '../../artifacts/schemas/gridded-field-arrow.js';
import { encodeMesh } from '../../artifacts/schemas/mesh-arrow.js';
import { parseDomainConfig } from '../../config/index.js';
import { buildMesh } from '../../mesh/index.js';
import { verifyRun } from '../../products/run-manifest.js';
import { PO_VALLEY } from '../../products/testing/synthetic-fields.js';
import { syntheticInputs } from '../../products/testing/synthetic-run.js';
import { UNRESTRICTED_ROOTS } from '../inputs/allowed-roots.js';
import { defaultDependencies, type ActivityDependencies } from '../dependencies.js';
import { publish } from './publish.js';
import type { PublishArgs, Published } from '../stage-contracts.js';

let folder: string;
let deps: ActivityDependencies;
let args: PublishArgs;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tramontana-publish-again-'));
  deps = {
    ...defaultDependencies({ stateFolder: join(folder, 'state'), runsFolder: join(folder, 'runs') }),
    roots: UNRESTRICTED_ROOTS,
    engineVersion: () => 'test',
    progressSender: () => () => Promise.resolve(),
  };
  const { store } = deps;
  const small = {
    ...PO_VALLEY,
    analysisDays: 2,
    forecastDays: 1,
    resolutionDegrees: 0.2,
    pollutants: ['pm2_5' as const],
  };
  const { run, posterior, coarse, fit, inference, parameters, quality } = syntheticInputs(small);
  const { north, west, south, east } = PO_VALLEY;
  const boundingBox = { north, west, south, east };
  const source = { path: join(folder, 'data') };
  const config = parseDomainConfig({ name: run.domain, boundingBox, pollutants: small.pollutants, source }, 'test');
  const arrow = (bytes: Uint8Array) => store.put(bytes, { mediaType: ARROW_MEDIA_TYPE, schema: 'x' });
  args = {
    run: {
      ...{ domain: run.domain, title: run.domain, cycle: run.cycle, recompute: [] },
      config: await store.putJson(config, 'domain-config/1'),
      catalogue: await store.putJson({ sources: [] }, 'input-catalogue/1'),
      outputFolder: join(folder, 'runs'),
    },
    inputs: {
      daily: await arrow(encodeGriddedField(coarse)),
      notes: await store.putJson({ issues: [], sources: [] }, 'x'),
      quality: await store.putJson(quality, 'x'),
      mesh: await arrow(encodeMesh(buildMesh(boundingBox))),
      fit: await store.putJson(fit, 'x'),
      inference: await store.putJson(inference, 'x'),
      parameters: await store.putJson(parameters, 'x'),
      posterior: await arrow(encodeFineGridPosterior(posterior)),
    },
    stages: [],
  };
});
after(() => rm(folder, { recursive: true, force: true }));

const publishAgain = (): Promise<Published> => new MockActivityEnvironment().run(() => publish(deps, args));

describe('publishing over a finished run', () => {
  it('that is whole makes nothing again', async () => {
    const first = await publishAgain();
    assert.equal(first.outcome.reused, false);
    assert.equal((await publishAgain()).outcome.reused, true);
    await verifyRun(first.folder);
  });

  const damages: readonly (readonly [string, (run: string) => Promise<void>])[] = [
    ['summary.json is deleted', (run) => rm(join(run, 'summary.json'))],
    ['summary.json is empty', (run) => truncate(join(run, 'summary.json'))],
    ['summary.json holds something else', (run) => writeFile(join(run, 'summary.json'), '{"schemaVersion":1}')],
    ['COMPLETE is deleted', (run) => rm(join(run, 'COMPLETE'))],
    ['forecast.nc grew', (run) => appendFile(join(run, 'forecast.nc'), 'x')],
    ['the whole run is deleted', (run) => rm(run, { recursive: true })],
  ];
  for (const [what, damage] of damages) {
    it(`when ${what}: the products are made again, and the run after that finds them whole`, async () => {
      const { folder: run } = await publishAgain();
      await damage(run);

      const again = await publishAgain();

      assert.equal(again.outcome.reused, false);
      assert.notEqual(again.outcome.reason, '');
      await verifyRun(run);
      assert.ok((await readFile(join(run, 'summary.json'), 'utf8')).includes(`"cycle": "${args.run.cycle}"`));
      assert.equal((await publishAgain()).outcome.reused, true);
    });
  }
});
