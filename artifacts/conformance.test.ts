// SPDX-License-Identifier: Apache-2.0
/** What every store promises, asked of each: a folder, and a bucket of a real server. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { isTramontanaError } from '../common/errors.js';
import { delay } from '../common/processes.js';
import {
  openFolderStorage,
  openStorage,
  probeStorage,
  referToFile,
  stageKey,
  type StageIdentity,
  type Storage,
} from './index.js';
import { objectNameOf } from './store.js';
import { BUCKET, NO_S3_SERVER, S3Server } from './testing/s3-server.js';

const KIND = { mediaType: 'text/plain', schema: 'words/1' };
const WIND = Buffer.from('north wind', 'utf8');

interface Driver {
  readonly skip: string | false;
  /** Two views of one store, as two workers have them; on one machine or on two. */
  open(folder: string): Promise<readonly [Storage, Storage]>;
  close(): Promise<void>;
}

function folderDriver(): Driver {
  return {
    skip: false,
    open: (folder) => Promise.resolve([openFolderStorage(folder), openFolderStorage(folder)]),
    close: () => Promise.resolve(),
  };
}

function bucketDriver(): Driver {
  let server: S3Server | undefined;
  return {
    skip: NO_S3_SERVER,
    open: async (folder) => {
      server = await S3Server.start();
      const common = { store: `s3://${BUCKET}/some/prefix`, environment: server.environment };
      return [
        openStorage({ ...common, stateFolder: join(folder, 'one') }),
        openStorage({ ...common, stateFolder: join(folder, 'two') }),
      ];
    },
    close: () => server?.close() ?? Promise.resolve(),
  };
}

for (const [name, driver] of Object.entries({ 'a folder': folderDriver(), 'a bucket': bucketDriver() })) {
  describe(`${name} as a store`, { skip: driver.skip }, () => {
    let folder: string;
    let one: Storage;
    let two: Storage;
    before(async () => {
      folder = await mkdtemp(join(tmpdir(), 'tramontana-conformance-'));
      [one, two] = await driver.open(folder);
    });
    after(async () => {
      await driver.close();
      await rm(folder, { recursive: true });
    });

    it('gives to one worker what another one put, by the hash', async () => {
      const ref = await one.artifacts.put(WIND, KIND);
      assert.deepEqual(Buffer.from(await two.artifacts.get(ref)), WIND);
      assert.deepEqual(await two.artifacts.put(WIND, KIND), ref);
      assert.ok(one.artifacts.owns(ref) && !one.artifacts.owns({ ...ref, uri: `${ref.uri}x` }));
      assert.equal(await two.artifacts.conditionOf(ref), 'intact');
      assert.deepEqual(await two.artifacts.getJson(await one.artifacts.putJson({ a: [1] }, 'a/1')), { a: [1] });
    });

    it('takes and lends files', async () => {
      const path = join(folder, 'file');
      await writeFile(path, 'the content of a file');
      const ref = await one.artifacts.putFile(path, KIND);
      let lent = '';
      const text = await two.artifacts.withLocalFile(ref, (at) => {
        lent = at;
        return readFile(at, 'utf8');
      });
      assert.equal(text, 'the content of a file');
      assert.notEqual(lent, path);
    });

    it('tells what is gone, and what stays outside of it is a file of this machine', async () => {
      const ref = await one.artifacts.put(Buffer.from('short-lived', 'utf8'), KIND);
      await one.objects.remove(objectNameOf(ref.sha256));
      assert.equal(await one.artifacts.conditionOf(ref), 'missing');
      const other = { ...ref, sha256: '0'.repeat(64), uri: ref.uri.replace(ref.sha256, '0'.repeat(64)) };
      await assert.rejects(two.artifacts.get(other), (error) => isTramontanaError(error, 'Artifact.Missing'));
      const path = join(folder, 'input');
      await writeFile(path, 'input');
      const input = await referToFile(path, KIND);
      assert.equal(await one.artifacts.conditionOf(input), 'intact');
      assert.equal(await one.artifacts.withLocalFile(input, (at) => readFile(at, 'utf8')), 'input');
      await writeFile(path, 'other');
      assert.equal(await one.artifacts.conditionOf(input), 'corrupt');
    });

    it('shows whole objects whatever two workers write under one name', async () => {
      const sizes = [1, 3].map((megabytes) => Buffer.alloc(megabytes * 2 ** 20, megabytes));
      await Promise.all([...sizes, ...sizes].map((bytes, i) => (i % 2 ? one : two).objects.write('race/x', bytes)));
      const found = await one.objects.read('race/x');
      assert.ok(sizes.some((bytes) => found?.equals(bytes)));
    });

    it('lists, touches and removes by name', async () => {
      for (const key of ['list/a', "list/b c&<'+", 'list/deep/d%20e', 'other']) await one.objects.write(key, key);
      const names: string[] = [];
      for await (const { name: key, bytes, modifiedMs } of two.objects.list('list/')) {
        assert.equal(bytes, key.length);
        assert.ok(Math.abs(Date.now() - modifiedMs) < 60_000);
        names.push(key);
      }
      assert.deepEqual(names.sort(), ['list/a', "list/b c&<'+", 'list/deep/d%20e']);
      await two.objects.remove('list/a');
      await two.objects.remove('list/a');
      await two.objects.touch('list/a');
      assert.equal(await one.objects.stat('list/a'), undefined);
      assert.equal(await one.objects.read('list/a'), undefined);
    });

    it('proves that it works, and leaves nothing of that', async () => {
      assert.equal(await probeStorage(one), one.artifacts.place);
      for await (const { name: key } of one.objects.list('probe/')) assert.fail(key);
    });

    it('remembers stages for every worker', async () => {
      const identity: StageIdentity = { stage: 'fit', version: 1, parameters: { a: 1 }, inputs: { mesh: 'm1' } };
      assert.equal((await two.stages.lookup(identity, 'x/t 1')).reason, 'not computed before');
      const fit = await one.artifacts.put(Buffer.from('theta', 'utf8'), KIND);
      await one.stages.record(identity, 'x/t 1', { outputs: { fit }, facts: { objective: 1 }, seconds: 2 });
      const found = await two.stages.lookup(identity, 'x/t 1');
      assert.ok(found.hit && found.key === stageKey(identity));
      assert.deepEqual(found.record.outputs, { fit });
      assert.equal((await two.stages.lookup({ ...identity, version: 2 }, 'x/t 1')).reason, 'stage version 1 -> 2');
      await one.objects.remove(objectNameOf(fit.sha256));
      assert.match((await two.stages.lookup(identity, 'x/t 1')).reason, /"fit" is missing/);
    });

    it('lets one at a time hold a lease, and says who', async () => {
      let inside = 0;
      let most = 0;
      const body = async (): Promise<void> => {
        inside += 1;
        most = Math.max(most, inside);
        await delay(50);
        inside -= 1;
      };
      const quick = { timeoutMs: 60_000 };
      await one.leases.hold('free', quick, body);
      await two.leases.hold('free', quick, body);
      await one.leases.hold('held', quick, async () => {
        const holders: string[] = [];
        await assert.rejects(
          two.leases.hold('held', { timeoutMs: 0, onWait: (holder) => holders.push(holder) }, body),
          (error) => isTramontanaError(error, 'Lock.NotFree') && error.retryable,
        );
        assert.match(holders[0] ?? '', new RegExp(`process ${process.pid}`, 'u'));
        const signal = AbortSignal.timeout(20);
        await assert.rejects(two.leases.hold('held', { ...quick, signal }, body), { name: 'TimeoutError' });
      });
      await assert.rejects(
        one.leases.hold('held', quick, () => Promise.reject(new Error('inside'))),
        /inside/,
      );
      await two.leases.hold('held', { timeoutMs: 0 }, body);
      assert.equal(most, 1);
    });
  });
}
