// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { isTramontanaError } from '../../../common/errors.js';
import { temporaryFolder } from '../../../tests/golden/support.js';
import { assertLease, newestToken, takeLease } from './lease.js';

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
    await assertLease(folder, older);
    const newer = await takeLease(folder);
    await assertLease(folder, newer);
    await assert.rejects(
      assertLease(folder, older),
      (error) => isTramontanaError(error, 'Engine.Superseded') && error.retryable,
    );
  });
});
