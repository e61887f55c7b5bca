// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';

import { DAY_MS } from '../common/days.js';
import {
  openFolderStorage,
  openStorage,
  pruneStore,
  referToFile,
  type ArtifactRef,
  type RetentionNeeds,
  type RetentionOptions,
  type StageIdentity,
  type Storage,
} from './index.js';
import { objectNameOf } from './store.js';
import { BUCKET, NO_S3_SERVER, S3Server } from './testing/s3-server.js';

const KIND = { mediaType: 'text/plain', schema: 'words/1' };
const AGE = { maximumAgeMs: 30 * DAY_MS } as const;
/** Everything here is made now, and looked at when it is old. */
const LATER_MS = Date.now() + 40 * DAY_MS;

let folder: string;
let server: S3Server | undefined;
let counter = 0;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tramontana-retention-'));
  if (NO_S3_SERVER === false) server = await S3Server.start();
});
after(async () => {
  await server?.close();
  await rm(folder, { recursive: true });
});

const drivers: readonly (readonly [string, string | false, () => Storage])[] = [
  ['a folder', false, () => openFolderStorage(join(folder, String(counter)))],
  [
    'a bucket',
    NO_S3_SERVER,
    () =>
      openStorage({
        stateFolder: join(folder, String(counter)),
        store: `s3://${BUCKET}/${counter}`,
        environment: server?.environment ?? {},
      }),
  ],
];

for (const [name, skip, open] of drivers) {
  describe(`retention in ${name}`, { skip }, () => {
    let storage: Storage;
    beforeEach(() => {
      counter += 1;
      storage = open();
    });

    const identity = (stage: string, more: Partial<StageIdentity> = {}): StageIdentity => ({
      ...{ stage, version: 1, parameters: {}, inputs: {} },
      ...more,
    });
    const put = (text: string): Promise<ArtifactRef> => storage.artifacts.put(Buffer.from(text, 'utf8'), KIND);
    const computed = async (of: StageIdentity, domain: string, outputs: Record<string, ArtifactRef>): Promise<void> => {
      await storage.stages.record(of, domain, { outputs, facts: {}, seconds: 1 });
    };
    const prune = (needs: Partial<RetentionNeeds> = {}, more: Partial<RetentionOptions> = {}) =>
      pruneStore(storage.objects, {
        ...{ ...AGE, nowMs: LATER_MS },
        ...more,
        needs: { scheduledDomains: [], isShared: storage.isShared, ...needs },
      });
    const isKept = async (ref: ArtifactRef): Promise<boolean> =>
      (await storage.objects.stat(objectNameOf(ref.sha256))) !== undefined;

    it('removes what nobody used, and says why; a dry run only says it', async () => {
      const fit = await put('old fit');
      await computed(identity('fit'), 'x', { fit });
      await storage.objects.write('leases/fit-x.json', '{}');
      await storage.objects.write('checkpoints/fit-x/1-a.checkpoint.json', '{}');
      const told = await prune({}, { dryRun: true });
      assert.ok(await isKept(fit));
      const done = await prune();
      assert.deepEqual(done, told);
      assert.deepEqual([done.removedStages, done.removedObjects, done.keptObjects], [2, 1, 0]);
      assert.deepEqual(
        done.removed.map(({ reason }) => reason),
        [
          'not used for long',
          'not used for long',
          'no result names it',
          'a fit that nobody came back to',
          'a lease that nobody holds',
        ],
      );
      assert.ok(!(await isKept(fit)));
      assert.equal((await storage.stages.lookup(identity('fit'), 'x')).hit, false);
    });

    it('keeps what was used lately, and results that are not recorded yet', async () => {
      const [fit, unrecorded] = [await put('fit'), await put('unrecorded')];
      await computed(identity('fit'), 'x', { fit });
      const { removed, keptStages } = await prune({}, { nowMs: Date.now() + DAY_MS / 2 });
      assert.deepEqual([removed, keptStages], [[], { 'used lately': 2 }]);
      assert.ok(await isKept(unrecorded));
    });

    it('keeps what a run under way has put or used, however old', async () => {
      const [config, fit] = [await put('configuration of the run'), await put('fit')];
      await computed(identity('fit'), 'x', { fit });
      await storage.objects.write('checkpoints/fit-x/1-a.checkpoint.json', '{}');
      const { removed, keptStages } = await prune({ oldestOpenRunMs: Date.now() + 60_000 });
      assert.deepEqual([removed, keptStages], [[], { 'a run under way': 2 }]);
      assert.ok((await isKept(config)) && (await isKept(fit)));
      assert.equal((await prune({ oldestOpenRunMs: Date.now() + 2 * DAY_MS })).removedObjects, 2, 'of a later run');
    });

    it('keeps what domains with a schedule computed last, tiles too', async () => {
      const [whole, tile, other] = [await put('whole'), await put('tile'), await put('other')];
      await computed(identity('fit'), 'po', { fit: whole });
      await computed(identity('fit', { parameters: { tile: 1 } }), 'po/t1', { fit: tile });
      await computed(identity('fit', { parameters: { other: 1 } }), 'pot', { fit: other });
      const { keptStages } = await prune({ scheduledDomains: ['po'] });
      assert.deepEqual(keptStages, { 'a schedule': 4 });
      assert.deepEqual([await isKept(whole), await isKept(tile), await isKept(other)], [true, true, false]);
    });

    it('keeps what products in place were made of, until they are gone or too old for it', async () => {
      const runs = join(folder, `runs-${counter}`);
      const cycleFolder = join(runs, 'po', '2026-03-16');
      await mkdir(cycleFolder, { recursive: true });
      const product = join(cycleFolder, 'forecast.nc');
      await writeFile(product, 'CDF');
      const [daily, fit, posterior, stranger] = await Promise.all(['daily', 'fit', 'posterior', 'stranger'].map(put));
      assert.ok(daily && fit && posterior && stranger);
      await computed(identity('ingest'), 'po', { daily });
      await computed(identity('fit', { inputs: { daily: daily.sha256 } }), 'po', { fit });
      await computed(identity('downscale', { inputs: { fit: fit.sha256 } }), 'po', { posterior });
      await computed(identity('mesh'), 'po', { stranger });
      const publication = identity('publish', {
        parameters: { folder: cycleFolder, cycle: '2026-03-16' },
        inputs: { posterior: posterior.sha256 },
      });
      await computed(publication, 'po', { 'forecast.nc': await referToFile(product, KIND) });
      const kept = async (): Promise<boolean[]> => Promise.all([daily, fit, posterior, stranger].map(isKept));

      assert.deepEqual((await prune()).keptStages, { 'a product': 8 });
      assert.deepEqual(await kept(), [true, true, true, false]);
      // a machine of the shared store that does not see the folder of the runs cannot tell
      await rm(runs, { recursive: true });
      assert.equal((await prune({}, { dryRun: true })).removedStages, storage.isShared ? 0 : 8);
      await mkdir(cycleFolder, { recursive: true });
      await writeFile(product, 'CDF');
      const old = { productsMaximumAgeMs: DAY_MS };
      assert.equal((await prune(old, { dryRun: true })).removedStages, 8);
      await rm(product);
      assert.equal((await prune()).removedStages, 8);
      assert.deepEqual(await kept(), [false, false, false, false]);
    });

    it('counts from the last use', async () => {
      const fit = await put('fit');
      await computed(identity('fit'), 'x', { fit });
      const keys: string[] = [];
      for await (const { name: key } of storage.objects.list('')) keys.push(key);
      const longAgo = new Date(Date.now() - 40 * DAY_MS);
      for (const key of keys) {
        const path = storage.isShared
          ? (server?.pathOf(`${counter}/${key}`) ?? '')
          : join(folder, String(counter), 'store', key);
        await utimes(path, longAgo, longAgo);
      }
      assert.ok((await storage.stages.lookup(identity('fit'), 'x')).hit);
      const { removed } = await prune({}, { nowMs: Date.now() });
      assert.deepEqual(
        removed.map(({ name: key }) => key),
        ['stages/latest/x/fit.json'],
      );
      assert.equal((await put('fit')).sha256, fit.sha256);
      const later = await prune({}, { nowMs: Date.now() + DAY_MS / 2, maximumAgeMs: 0 });
      // in a bucket a day is always recent
      assert.equal(later.removedStages > 0, !storage.isShared);
      assert.ok(await isKept(fit), 'put again, not recorded yet');
    });
  });
}
