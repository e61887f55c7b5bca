// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { isTramontanaError } from '../../common/errors.js';
import { delay, waitUntil } from '../../common/processes.js';
import { BUCKET, NO_S3_SERVER, S3Server } from '../testing/s3-server.js';
import { S3Client } from './s3-client.js';
import { S3Leases } from './s3-leases.js';
import { S3Objects } from './s3-objects.js';
import { s3SettingsOf } from './s3-settings.js';

const DURATION_MS = 600;

describe('leases in a bucket', { skip: NO_S3_SERVER, timeout: 60_000 }, () => {
  let server: S3Server;
  let objects: S3Objects;
  let leases: S3Leases;
  before(async () => {
    server = await S3Server.start();
    const settings = s3SettingsOf(`s3://${BUCKET}`, server.environment);
    objects = new S3Objects(new S3Client(settings, { attempts: 2, firstPauseMs: 20 }));
    leases = new S3Leases(objects, DURATION_MS);
  });
  after(() => server.close());

  const patient = { timeoutMs: 20_000 };
  const tokenOf = (name: string): Promise<number> =>
    leases.hold(name, patient, ({ token }) => Promise.resolve(token ?? 0));
  /** As a worker leaves it that lost its power; its clock may have gone wrong by hours. */
  const abandon = (name: string, token: number, clockErrorMs: number): Promise<void> =>
    objects.write(
      `leases/${name}.json`,
      JSON.stringify({
        ...{ schema: 'lease/1', id: 'x', holder: 'process 1 of elsewhere', token, released: false },
        writtenAt: new Date(Date.now() + clockErrorMs).toISOString(),
      }),
    );

  it('give a larger token to every holder, after a removal too', async () => {
    const tokens = [await tokenOf('tokens'), await tokenOf('tokens')];
    await objects.remove('leases/tokens.json');
    tokens.push(await tokenOf('tokens'));
    assert.deepEqual(
      tokens,
      [...new Set(tokens)].sort((a, b) => a - b),
    );
  });

  it('are taken over when they are not renewed, whatever the clock of who held them said', async () => {
    for (const clockErrorMs of [-7_200_000, 0, 7_200_000]) {
      const token = Date.now() + 9_000_000;
      await abandon('abandoned', token, clockErrorMs);
      const startedMs = performance.now();
      assert.equal(await tokenOf('abandoned'), token + 1);
      const waitedMs = performance.now() - startedMs;
      assert.ok(waitedMs > DURATION_MS, `after ${waitedMs.toFixed(0)} ms`);
    }
  });

  it('are taken over from one that nobody can read', async () => {
    await objects.write('leases/damaged.json', '{"schema": "lea');
    assert.ok((await tokenOf('damaged')) > 0);
  });

  it('stay with who renews them, for as long as the work takes', async () => {
    await leases.hold('long', patient, async ({ signal }) => {
      const waiting = leases.hold('long', { timeoutMs: 3 * DURATION_MS }, () => Promise.resolve());
      await assert.rejects(waiting, (error) => isTramontanaError(error, 'Lock.NotFree'));
      assert.equal(signal.aborted, false);
    });
    const startedMs = performance.now();
    await tokenOf('long');
    assert.ok(performance.now() - startedMs < DURATION_MS, 'it was released');
  });

  it('go to one of many who want them at once', async () => {
    let inside = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 6 }, () =>
        leases.hold('crowd', patient, async () => {
          inside += 1;
          most = Math.max(most, inside);
          await delay(30);
          inside -= 1;
        }),
      ),
    );
    assert.equal(most, 1);
  });

  it('tell their holder when somebody else has them', async () => {
    const reason = await leases.hold('stolen', patient, async ({ signal, token }) => {
      await abandon('stolen', (token ?? 0) + 1, 0);
      assert.ok(await waitUntil(() => signal.aborted, 5000));
      return signal.reason as unknown;
    });
    assert.ok(isTramontanaError(reason, 'Lock.Lost') && reason.retryable);
    assert.match(reason.message, /somebody else has taken it/u);
  });

  it('tell their holder when the server is gone for too long, before anybody can take them', async () => {
    const startedMs = performance.now();
    const reason = await leases.hold('cut off', patient, async ({ signal }) => {
      // renewed some times before
      await delay(DURATION_MS);
      assert.equal(signal.aborted, false);
      await server.kill();
      assert.ok(await waitUntil(() => signal.aborted, 5000, 5));
      return signal.reason as unknown;
    });
    // the last renewal was just before; nobody takes over before a whole duration has passed since
    assert.ok(performance.now() - startedMs < 2 * DURATION_MS, 'in time');
    assert.ok(isTramontanaError(reason, 'Lock.Lost'));
    assert.match(reason.message, /could not be renewed in time/u);
    await server.resume();
  });
});
