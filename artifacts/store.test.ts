// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

import { isTramontanaError } from '../common/errors.js';
import { openFolderStorage, pruneStore, referToFile, stageKey, type StageIdentity } from './index.js';

const KIND = { mediaType: 'text/plain', schema: 'words/1' };
const bytesOf = (text: string) => Buffer.from(text, 'utf8');

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tramontana-store-'));
});
after(() => rm(folder, { recursive: true }));

describe('artifact store', () => {
  it('returns what was put, named by its hash', async () => {
    const store = openFolderStorage(join(folder, 'round-trip')).artifacts;
    const ref = await store.put(bytesOf('north wind'), KIND);
    assert.equal(ref.bytes, 10);
    assert.equal(Buffer.from(await store.get(ref)).toString('utf8'), 'north wind');
    assert.deepEqual(await store.put(bytesOf('north wind'), KIND), ref, 'the same bytes have the same reference');
  });

  it('detects and replaces a damaged object', async () => {
    const store = openFolderStorage(join(folder, 'damage')).artifacts;
    const ref = await store.put(bytesOf('north wind'), KIND);
    await writeFile(fileURLToPath(ref.uri), 'south wind');
    assert.equal(await store.conditionOf(ref), 'corrupt');
    await assert.rejects(store.get(ref), (error) => isTramontanaError(error, 'Artifact.Corrupt'));
    await store.put(bytesOf('north wind'), KIND);
    assert.equal(await store.conditionOf(ref), 'intact');
    await rm(fileURLToPath(ref.uri));
    await assert.rejects(store.get(ref), (error) => isTramontanaError(error, 'Artifact.Missing'));
  });

  it('writers at the same time leave one whole object and no temporary file', async () => {
    const store = openFolderStorage(join(folder, 'race')).artifacts;
    const big = Buffer.alloc(1 << 20, 7);
    const refs = await Promise.all(Array.from({ length: 8 }, () => store.put(big, KIND)));
    assert.equal(await store.conditionOf(refs[0]!), 'intact');
    assert.deepEqual(await readdir(join(store.pathOf(refs[0]!.sha256), '..')), [refs[0]!.sha256]);
  });
});

describe('stage cache', () => {
  const identity: StageIdentity = {
    stage: 'fit',
    version: 1,
    parameters: { a: 1, b: { c: 2 } },
    inputs: { mesh: 'm1' },
  };

  it('the key does not depend on the order of keys, and on everything else', () => {
    const key = stageKey(identity);
    assert.equal(stageKey({ ...identity, parameters: { b: { c: 2 }, a: 1 } }), key);
    const others = [
      { ...identity, stage: 'mesh' },
      { ...identity, version: 2 },
      { ...identity, parameters: { a: 1, b: { c: 3 } } },
      { ...identity, inputs: { mesh: 'm2' } },
    ].map(stageKey);
    assert.equal(new Set([key, ...others]).size, 5);
  });

  it('hits only with intact outputs, and says why not', async () => {
    const root = join(folder, 'cache');
    const storage = openFolderStorage(root);
    const { artifacts: store, stages: cache } = storage;
    assert.deepEqual(await cache.lookup(identity, 'x'), {
      hit: false,
      key: stageKey(identity),
      reason: 'not computed before',
    });
    const out = await store.put(bytesOf('theta'), KIND);
    await cache.record(identity, 'x', { outputs: { fit: out }, facts: { objective: 1 }, seconds: 2 });
    const found = await cache.lookup(identity, 'x');
    assert.ok(found.hit);
    assert.deepEqual(found.record.outputs, { fit: out });

    const changed = await cache.lookup({ ...identity, version: 2, parameters: { a: 1, b: { c: 5 } } }, 'x');
    assert.equal(changed.reason, 'stage version 1 -> 2; parameter b.c: 2 -> 5');
    assert.equal((await cache.lookup({ ...identity, inputs: { mesh: 'm2' } }, 'x')).reason, 'input mesh changed');

    await truncate(fileURLToPath(out.uri), 2);
    const damaged = await cache.lookup(identity, 'x');
    assert.ok(!damaged.hit);
    assert.match(damaged.reason, /output "fit" has changed/);
  });

  it('an unreadable index file is a miss, not a failure', async () => {
    const root = join(folder, 'broken-index');
    const { stages: cache } = openFolderStorage(root);
    await cache.record(identity, 'x', { outputs: {}, facts: {}, seconds: 0 });
    await writeFile(join(root, 'store', 'stages', `${stageKey(identity)}.json`), '{"schema": "stage-re');
    assert.equal((await cache.lookup(identity, 'x')).hit, false);
  });

  it('a folder or a pipe in the place of a record is a miss, and makes way for the next one', async () => {
    const root = join(folder, 'occupied-index');
    const { stages: cache } = openFolderStorage(root);
    const path = join(root, 'store', 'stages', `${stageKey(identity)}.json`);
    for (const occupy of [
      () => mkdir(join(path, 'inside'), { recursive: true }),
      () => Promise.resolve(execFileSync('mkfifo', [path])),
    ]) {
      await occupy();
      assert.equal((await cache.lookup(identity, 'x')).hit, false);
      await cache.record(identity, 'x', { outputs: {}, facts: {}, seconds: 0 });
      assert.equal((await cache.lookup(identity, 'x')).hit, true);
      await rm(path);
    }
  });

  it('a record that is JSON and yet none of ours is a miss, and retention passes it over', async () => {
    const root = join(folder, 'foreign-index');
    const storage = openFolderStorage(root);
    const { stages: cache } = storage;
    const record = await cache.record(identity, 'x', { outputs: {}, facts: {}, seconds: 0 });
    const ref = { uri: 'file:///x', sha256: 'a'.repeat(64), bytes: 1, mediaType: 'x', schema: 'x' };
    for (const damaged of [
      null,
      [],
      7,
      { ...record, outputs: null },
      { ...record, outputs: { fit: null } },
      { ...record, outputs: { fit: { ...ref, uri: 'file://elsewhere/x' } } },
      { ...record, outputs: { fit: { ...ref, uri: 'https://x/y' } } },
      { ...record, outputs: { fit: { ...ref, bytes: -1 } } },
      { ...record, identity: { ...identity, inputs: [] } },
      { ...record, facts: 'x' },
    ]) {
      for (const path of [`${stageKey(identity)}.json`, `latest/x/${identity.stage}.json`]) {
        await writeFile(join(root, 'store', 'stages', path), JSON.stringify(damaged));
      }
      assert.equal((await cache.lookup(identity, 'x')).hit, false, JSON.stringify(damaged));
      await pruneStore(storage.objects, { maximumAgeMs: 1e9, needs: { scheduledDomains: [], isShared: false } });
    }
  });

  it('a product outside the store counts as an output', async () => {
    const root = join(folder, 'outside');
    const path = join(folder, 'forecast.nc');
    await writeFile(path, 'CDF');
    const { stages: cache } = openFolderStorage(root);
    await cache.record(identity, 'x', { outputs: { product: await referToFile(path, KIND) }, facts: {}, seconds: 0 });
    assert.ok((await cache.lookup(identity, 'x')).hit);
    await rm(path);
    assert.match((await cache.lookup(identity, 'x')).reason, /"product" is missing/);
  });
});
