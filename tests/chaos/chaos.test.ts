// SPDX-License-Identifier: Apache-2.0
/**
 * Forecasts on a real server, disturbed in every way in the middle of its fit. Every night there are a thousand, with another seed
 * each (`npm run nightly -- chaos`); a seed that fails is to be given to campaign.ts.
 */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';

import { NOT_BUILT } from '../support/command-line.js';
import { runCampaign, tell, type CampaignReport } from './campaign.js';
import { DISTURBANCES } from './disturbances.js';

/** Each way twice and more. */
const RUNS = 40;
const SEED = 20_261_130;
/** Two with an engine on several ranks, one with one process. */
const LANES = 3;
/** Alone it takes five minutes. */
const LIMIT_MS = 20 * 60_000;

describe('a forecast that is disturbed', { skip: NOT_BUILT, timeout: LIMIT_MS }, () => {
  let campaign: CampaignReport;
  before(
    async () => {
      campaign = await runCampaign({ runs: RUNS, seed: SEED, lanes: LANES });
    },
    { timeout: LIMIT_MS },
  );

  for (let number = 1; number <= RUNS; number += 1) {
    it(`ends with the numbers of an undisturbed one, or a clear failure (run ${number})`, (context) => {
      const run = campaign.runs[number - 1];
      assert.ok(run !== undefined);
      context.diagnostic(tell(run));
      assert.deepEqual(run.violations, [], tell(run));
    });
  }

  it('is disturbed in all ways that this machine allows, and leaves no process', (context) => {
    for (const reason of campaign.leftOut) context.diagnostic(`left out: ${reason}`);
    assert.equal(new Set(campaign.runs.map(({ name }) => name)).size, DISTURBANCES.length - campaign.leftOut.length);
    assert.deepEqual(campaign.leftProcesses, []);
  });
});
