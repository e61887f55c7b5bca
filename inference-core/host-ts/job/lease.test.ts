// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { isTramontanaError } from '../../../common/errors.js';
import { temporaryFolder } from '../../../tests/golden/support.js';
import { assertLease, newestToken, takeLease, takeOver } from './lease.js';

describe('the lease', () => {
  it('gives each attempt a larger token', async (context) => {
    const folder = join(await temporaryFolder(context), 'new');
    assert.deepEqual([await takeLease(folder), await takeLease(folder), await takeLease(folder)], [1, 2, 3]);
    assert.equal(await newestToken(folder), 3);
  });

  it('gives no two of a crowd the same token', async (context) => {
    const folder = await temporaryFolder(context);
    const tokens = await Promise.all(Array.from({ length: 12 }, () => takeLease(folder)));
    assert.equal(new Set(tokens).size, tokens.length);
    assert.equal(await newestToken(folder), Math.max(...tokens));
  });

  it('lets the newest write and stops the older one', async (context) => {
    const folder = await temporaryFolder(context);
    const older = await takeLease(folder);
    await assertLease(folder, { token: older, restart: 0 });
    const newer = await takeLease(folder);
    await assertLease(folder, { token: newer, restart: 0 });
    await assert.rejects(
      assertLease(folder, { token: older, restart: 0 }),
      (error) => isTramontanaError(error, 'Engine.Superseded') && error.retryable,
    );
  });

  it('lets a later start of one attempt write and stops the earlier ones', async (context) => {
    const folder = await temporaryFolder(context);
    const token = await takeLease(folder);
    const [first, second, third] = [0, 1, 2].map((restart) => ({ token, restart }));
    assert.ok(first !== undefined && second !== undefined && third !== undefined);
    await takeOver(folder, third);
    await assertLease(folder, third);
    // the second start comes late, the first one still lives
    for (const late of [takeOver(folder, second), assertLease(folder, first)]) {
      await assert.rejects(late, (error) => isTramontanaError(error, 'Engine.Superseded'));
    }
    assert.equal(await takeLease(folder), token + 1);
    await assert.rejects(assertLease(folder, third), (error) => isTramontanaError(error, 'Engine.Superseded'));
  });
});
