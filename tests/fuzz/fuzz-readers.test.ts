// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCampaign } from './campaign.js';
import { FUZZED_FORMATS } from './seed-files.js';

for (const format of FUZZED_FORMATS) {
  test(`damaged files (${format}) give a value or a typed error, without freeze or flood`, async () => {
    const report = await runCampaign({ format, count: 100, seed: 3 });
    assert.equal(report.files, 100);
    assert.deepEqual(report.violations, []);
  });
}
