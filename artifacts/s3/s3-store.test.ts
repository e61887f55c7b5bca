// SPDX-License-Identifier: Apache-2.0
/** What happens to a shared store, and what its workers are told. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, open, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

import { isTramontanaError, type TramontanaError } from '../../common/errors.js';
import { delay } from '../../common/processes.js';
import { ownProgram } from '../../common/own-program.js';
import { openStorage, type Storage } from '../index.js';
import { objectNameOf } from '../store.js';
import { BUCKET, NO_S3_SERVER, S3Server } from '../testing/s3-server.js';
import { S3Client } from './s3-client.js';
import { S3Objects } from './s3-objects.js';
import { s3SettingsOf } from './s3-settings.js';

const KIND = { mediaType: 'text/plain', schema: 'words/1' };
const STORE = `s3://${BUCKET}/attacked`;
/** Large enough for several parts. */
const LARGE_BYTES = 200 * 2 ** 20;
const HASTE = { attempts: 3, firstPauseMs: 50 };

const TRANSFER = ownProgram(fileURLToPath(import.meta.url), '../testing/s3-transfer-main');

describe('a shared store under attack', { skip: NO_S3_SERVER, timeout: 120_000 }, () => {
  let server: S3Server;
  let folder: string;
  let storage: Storage;
  let counter = 0;

  const opened = (environment: Readonly<Record<string, string>> = {}, store = STORE): Storage => {
    counter += 1;
    const stateFolder = join(folder, `state-${counter}`);
    return openStorage({ stateFolder, store, environment: { ...server.environment, ...environment } });
  };
  const objectsWith = (environment: Readonly<Record<string, string>> = {}, patience = HASTE, partBytes?: number) =>
    new S3Objects(new S3Client(s3SettingsOf(STORE, { ...server.environment, ...environment }), patience), partBytes);
  const failureOf = async (promise: Promise<unknown>): Promise<TramontanaError> => {
    const error = await promise.then(
      () => assert.fail('it succeeded'),
      (thrown: unknown) => thrown,
    );
    assert.ok(isTramontanaError(error), String(error));
    return error;
  };
  const transfer = (file: string, what: string) =>
    spawn(
      process.execPath,
      [...TRANSFER.execArgv, TRANSFER.entry, join(folder, `transfer-${what}`), STORE, file, what],
      { env: { ...process.env, ...server.environment }, stdio: ['ignore', 'pipe', 'inherit'] },
    );

  before(async () => {
    server = await S3Server.start();
    folder = await mkdtemp(join(tmpdir(), 'tramontana-s3-store-'));
    storage = opened();
  });
  after(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });

  it('names bucket, key and remedy to who has the wrong keys or no bucket, and no secret', async () => {
    const secret = 'wrong-secret-7f3a';
    const cases = [
      [opened({ AWS_SECRET_ACCESS_KEY: secret }), 'SignatureDoesNotMatch', /set AWS_SECRET_ACCESS_KEY/u],
      // versitygw has a name of its own for a key that it does not know
      [opened({ AWS_ACCESS_KEY_ID: 'nobody' }), 'XAdminUserNotFound', /set AWS_ACCESS_KEY_ID/u],
      [opened({}, 's3://no-such-bucket/x'), 'NoSuchBucket', /make the bucket, or correct TRAMONTANA_STORE/u],
    ] as const;
    for (const [refused, code, remedy] of cases) {
      const error = await failureOf(refused.objects.write('stages/x.json', 'x'));
      assert.equal(error.tag, 'Artifact.StoreRefused');
      assert.equal((await failureOf(refused.objects.read('stages/x.json'))).tag, 'Artifact.StoreRefused', 'not absent');
      assert.equal(error.retryable, false);
      assert.equal(error.facts['code'], code);
      assert.match(error.message, remedy);
      assert.match(error.message, /^s3:\/\/[a-z-]+\/(attacked|x)\/stages\/x\.json: /u);
      assert.ok(!JSON.stringify([error.message, error.facts, String(error.cause)]).includes(secret));
    }
  });

  it('lists more names than a server tells at once', async () => {
    const names = Array.from({ length: 1003 }, (_, index) => `many/${String(index).padStart(4, '0')}`);
    // a few at a time, as a worker does
    for (let first = 0; first < names.length; first += 50) {
      await Promise.all(names.slice(first, first + 50).map((name) => storage.objects.write(name, '')));
    }
    const found: string[] = [];
    for await (const { name } of storage.objects.list('many/')) found.push(name);
    assert.deepEqual(found.sort(), names);
  });

  it('tells who has a wrong clock to set it', async (test) => {
    test.mock.timers.enable({ apis: ['Date'], now: Date.now() + 3_600_000 });
    const error = await failureOf(objectsWith().write('x', 'x'));
    assert.equal(error.facts['code'], 'RequestTimeTooSkewed');
    assert.match(error.message, /set the clock of this machine/u);
  });

  it('finds out what was truncated at the next look, and what was changed at the next reading', async () => {
    const ref = await storage.artifacts.put(Buffer.from('north wind', 'utf8'), KIND);
    const path = server.pathOf(`attacked/objects/${ref.sha256.slice(0, 2)}/${ref.sha256}`);
    await truncate(path, 4);
    assert.equal(await opened().artifacts.conditionOf(ref), 'corrupt');
    await storage.artifacts.put(Buffer.from('north wind', 'utf8'), KIND);
    assert.equal(await opened().artifacts.conditionOf(ref), 'intact');
    await writeFile(path, 'south wind');
    assert.equal((await failureOf(opened().artifacts.get(ref))).tag, 'Artifact.Corrupt');
    assert.equal(await opened().artifacts.conditionOf(ref), 'missing', 'the next run computes it again');
  });

  it('keeps what was read, within its bound, and proves it again', async () => {
    const ref = await storage.artifacts.put(Buffer.alloc(2 ** 20, 1), KIND);
    const worker = opened();
    await worker.artifacts.get(ref);
    await storage.objects.remove(objectNameOf(ref.sha256));
    assert.equal((await worker.artifacts.get(ref)).byteLength, 2 ** 20, 'from the copy');
    const copy = join(folder, `state-${counter}`, 'cache', 'artifacts', ref.sha256.slice(0, 2), ref.sha256);
    await appendFile(copy, 'x');
    assert.equal((await failureOf(worker.artifacts.get(ref))).tag, 'Artifact.Missing');
  });

  it('waits for a server that comes back, and tells of one that does not', async () => {
    await server.kill();
    const error = await failureOf(objectsWith().write('gone', 'x'));
    assert.equal(error.tag, 'Artifact.StoreUnreachable');
    assert.equal(error.retryable, true);
    assert.match(
      error.message,
      /attacked\/gone: expected an answer of 127\.0\.0\.1:\d+ to PUT.*3 attempts.*ECONNREFUSED/u,
    );
    const writing = objectsWith({}, { attempts: 8, firstPauseMs: 200 }).write('back', 'x');
    await server.resume();
    await writing;
    assert.equal((await storage.objects.stat('back'))?.bytes, 1);
    const stopped = objectsWith().read('back', AbortSignal.abort(new Error('stopped')));
    await assert.rejects(stopped, /stopped/u);
  });

  it('goes on with an upload whose server was killed in the middle', async () => {
    const partBytes = 5 * 2 ** 20;
    const bytes = Buffer.alloc(6 * partBytes, 3);
    const writing = objectsWith({}, { attempts: 8, firstPauseMs: 200 }, partBytes).write('interrupted', bytes);
    await delay(60);
    await server.kill();
    assert.equal(
      await objectsWith({}, HASTE)
        .stat('interrupted')
        .catch(() => undefined),
      undefined,
    );
    await server.resume();
    await writing;
    assert.equal((await storage.objects.stat('interrupted'))?.bytes, bytes.byteLength);
  });

  it('moves 200 MB in little memory, and shows nothing of an upload that was killed', async () => {
    const file = join(folder, 'large');
    await (await open(file, 'w')).close();
    await truncate(file, LARGE_BYTES);
    const objects = objectsWith();
    const uploads = async (): Promise<{ readonly name: string; readonly uploadId: string }[]> => {
      const found = [];
      for await (const each of objects.unfinishedUploads()) found.push(each);
      return found;
    };
    const killed = transfer(file, 'put');
    while ((await uploads()).length === 0) await delay(20);
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    const [left] = await uploads();
    assert.ok(left !== undefined, 'the parts that it left');
    assert.equal(await objects.stat(left.name), undefined);
    assert.equal(await objects.removeUnfinished(Date.now() - 3_600_000, false), 0, 'it may be a slow one');
    assert.equal(await objects.removeUnfinished(Date.now() + 3_600_000, true), 1);
    assert.equal(await objects.removeUnfinished(Date.now() + 3_600_000, false), 1);

    const whole = transfer(file, 'round');
    let told = '';
    whole.stdout.setEncoding('utf8').on('data', (text: string) => (told += text));
    const [code] = (await once(whole, 'exit')) as [number | null];
    assert.equal(code, 0);
    const { bytes, peakMebibytes } = JSON.parse(told.split('\n')[1] ?? '') as { bytes: number; peakMebibytes: number };
    assert.equal(bytes, LARGE_BYTES);
    // about 110 MiB of it are Node.js, tsx and the modules; the file would add 200
    assert.ok(peakMebibytes < 250, `${peakMebibytes.toFixed(0)} MiB`);
    assert.deepEqual(await uploads(), []);
  });

  it('a file that changes while it is uploaded is not stored under its old hash', async () => {
    const file = join(folder, 'changing');
    await writeFile(file, 'after');
    const error = await failureOf(objectsWith().uploadFile('changing', file, '0'.repeat(64)));
    assert.equal(error.tag, 'Artifact.Corrupt');
    assert.equal(await storage.objects.stat('changing'), undefined);
  });
});
