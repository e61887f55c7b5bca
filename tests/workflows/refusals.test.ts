// SPDX-License-Identifier: Apache-2.0
/** What a real server refuses reaches the callers of the client as errors of ours. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { Client } from '@temporalio/client';

import { TramontanaClient } from '../../client/index.js';
import { isTramontanaError } from '../../common/errors.js';
import { parseDomainConfig } from '../../config/index.js';
import { startTemporalEnvironment, type TemporalEnvironment } from '../support/temporal-environment.js';

const UNKNOWN = { workflowId: 'nobody', runId: '01a22c7e-2b95-772a-b792-104e20d70dca' };

describe('the client of a server that refuses', () => {
  let temporal: TemporalEnvironment;
  let client: TramontanaClient;
  before(async () => {
    temporal = await startTemporalEnvironment();
    client = new TramontanaClient(temporal.environment.client);
  });
  after(() => temporal.stop());

  const tagOf = async (question: () => Promise<unknown>): Promise<unknown> =>
    question().then(
      () => 'an answer',
      (error: unknown) => (isTramontanaError(error) ? error.tag : error),
    );

  it('says of every question that the run is unknown', async () => {
    for (const question of [
      () => client.result(UNKNOWN),
      () => client.standing(UNKNOWN),
      () => client.progress(UNKNOWN).next(),
      () => client.cancel(UNKNOWN),
      () => client.terminate(UNKNOWN, 'why not'),
      () => client.products(UNKNOWN),
      () => client.pause(UNKNOWN),
      () => client.rerun(UNKNOWN),
      () => client.backfillResult(UNKNOWN),
      () => client.backfillProgress(UNKNOWN),
    ]) {
      assert.equal(await tagOf(question), 'Run.Unknown', String(question));
    }
  });

  it('names what a list of runs cannot be asked for', async () => {
    for (const filter of [
      { from: '2026-13-45' },
      { limit: 0 },
      { limit: 2.5 },
      { status: 'bogus' as 'done' },
      { state: 'done' },
    ]) {
      assert.equal(await tagOf(() => client.listRuns(filter)), 'Input.Invalid', JSON.stringify(filter));
    }
  });

  it('tells a refusal with the words of the server', async () => {
    const { connection } = temporal.environment.client;
    const elsewhere = new TramontanaClient(new Client({ connection, namespace: 'nowhere' }));
    for (const question of [
      () => elsewhere.listRuns(),
      () => elsewhere.schedules.list(),
      () => client.rerun({ workflowId: '' }),
    ]) {
      assert.equal(await tagOf(question), 'Temporal.Refused', String(question));
    }
    await assert.rejects(elsewhere.listRuns(), /nowhere/);
  });

  it('makes one schedule of several at once', async () => {
    const config = parseDomainConfig(
      {
        ...{ name: 'race', pollutants: ['pm2_5'], source: { path: '/data' }, schedule: { at: '06:50' } },
        boundingBox: { north: 46, west: 9, south: 45, east: 10 },
      },
      'test',
    );
    const request = { config, input: { schemaVersion: 1, configUri: '/x.yaml' } as const };
    const applied = await Promise.all(Array.from({ length: 5 }, () => client.schedules.apply(request)));
    const actions = applied.map(({ action }) => action).sort();
    assert.deepEqual(actions, ['created', 'unchanged', 'unchanged', 'unchanged', 'unchanged']);
  });
});
