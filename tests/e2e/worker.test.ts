// SPDX-License-Identifier: Apache-2.0
/** A worker as an orchestrator has it: probes, scrapes, an end in mid-fit, and a second worker that goes on. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { grantPaths, METRICS } from '../../activities/index.js';
import { TramontanaClient } from '../../client/index.js';
import { freePort } from '../../cli/runtime/free-port.js';
import type { Health } from '../../cli/runtime/health-endpoint.js';
import { isAlive, waitUntil, within } from '../../common/processes.js';
import { packageFolder } from '../../common/version.js';
import type { DailyResult } from '../../workflows/daily-forecast.js';
import {
  logEntries,
  newestCheckpoint,
  NOT_BUILT,
  scratchFolder,
  startCommand,
  type LogEntry,
  type RunningCommand,
} from '../support/command-line.js';
import { noon } from '../support/noon-zone.js';
import { metricsAskedFor, NO_PROMTOOL, parseScrape, promtool } from '../support/prometheus-text.js';
import { startTemporalEnvironment, type TemporalEnvironment } from '../support/temporal-environment.js';
import { writeAnalyses, writeForecast, writeTinyConfig } from '../support/tiny-domain.js';

const LIMIT_MS = 2 * 60_000;

const SAMPLE = join(packageFolder(), 'samples', 'po-valley', 'cams');

/** Some fifty seconds of fitting in seven iterations: what ends within the grace time of the worker, 15 s, is not interrupted. */
const SLOW_DOMAIN = {
  name: 'slow',
  boundingBox: { north: 45.8, west: 9.0, south: 44.8, east: 10.4 },
  pollutants: ['pm2_5', 'pm10'],
  source: { path: SAMPLE },
  model: { route: 'mesh' },
  mesh: { interiorEdgeKm: 6 },
  engine: { threads: 1, gradientTolerance: 1e-5 },
  products: { resolutionDegrees: 0.1 },
};

interface ServingWorker {
  readonly command: RunningCommand;
  readonly log: () => readonly LogEntry[];
  readonly get: (path: string) => Promise<Response>;
  /** 503 in the same way as a probe that gets no answer. */
  readonly health: () => Promise<{ readonly code: number; readonly status?: Health['status'] }>;
}

describe('a worker for production', { skip: NOT_BUILT, timeout: 4 * LIMIT_MS }, () => {
  let temporal: TemporalEnvironment;
  let scratch: Awaited<ReturnType<typeof scratchFolder>>;
  let client: TramontanaClient;
  let worker: ServingWorker;
  let stateFolder: string;
  const { zone, today } = noon();

  const start = async (): Promise<ServingWorker> => {
    const port = await freePort();
    const command = startCommand(
      ['worker', '--address', temporal.environment.address, '--state', stateFolder, '--health', String(port)],
      { cwd: scratch.path },
    );
    const get = (path: string): Promise<Response> => fetch(`http://127.0.0.1:${port}${path}`);
    const health: ServingWorker['health'] = async () => {
      const answer = await get('/health').catch(() => undefined);
      if (answer === undefined) return { code: 0 };
      return { code: answer.status, status: ((await answer.json()) as Health).status };
    };
    return { command, log: () => logEntries(command.stderrSoFar()), get, health };
  };
  const end = async ({ command }: ServingWorker): Promise<number | null> => {
    process.kill(command.pid, 'SIGTERM');
    return (await command.finished).code;
  };

  before(async () => {
    [temporal, scratch] = await Promise.all([startTemporalEnvironment(), scratchFolder()]);
    stateFolder = join(scratch.path, '.tramontana');
    client = await TramontanaClient.connect({ address: temporal.environment.address });
    await Promise.all([writeAnalyses(scratch.path, today), writeForecast(scratch.path, today)]);
    worker = await start();
  });
  after(async () => {
    await client.close();
    if (isAlive(worker.command.pid)) await end(worker);
    await temporal.stop();
    await scratch.remove();
  });

  it('is not ready while it starts, and then it is', async () => {
    const seen: string[] = [];
    const isReady = async (): Promise<boolean> => {
      const { code, status } = await worker.health();
      seen.push(`${code} ${status ?? ''}`);
      return code === 200;
    };
    assert.ok(await waitUntil(isReady, LIMIT_MS), worker.command.stderrSoFar());
    assert.ok(seen.includes('503 starting'), seen.join());
    const body = (await (await worker.get('/health')).json()) as Health;
    assert.deepEqual(
      body.taskQueues.map(({ name, state }) => `${name} ${state}`),
      ['tramontana RUNNING', 'tramontana-engine RUNNING'],
    );
    assert.equal((await worker.get('/live')).status, 200);
    assert.equal((await worker.get('/')).status, 404);
    const lines = worker.command.stderrSoFar().split('\n').slice(0, -1);
    // the first start of a state folder bundles the workflows: the bundler too tells in lines of JSON
    assert.equal(worker.log().length, lines.length, lines.join('\n'));
  });

  it('shows every metric after a day that went well and one that did not', async () => {
    // a run of long ago is a past day filled in, and not late
    const schedule = `schedule: { at: "00:00", deadline: "00:01", expiresAfter: 48 hours, timezone: ${zone} }`;
    const daily = async (name: string, overrides = {}): Promise<DailyResult> => {
      const configUri = await writeTinyConfig(scratch.path, name, schedule);
      const handle = await client.temporal.workflow.start('dailyForecast', {
        ...{ taskQueue: 'tramontana', workflowId: name, args: [{ schemaVersion: 1, configUri, overrides }] },
      });
      return (await handle.result()) as DailyResult;
    };
    assert.equal((await daily('well')).state, 'published');
    await writeFile(join(scratch.path, 'areas.geojson'), '{}');
    await assert.rejects(daily('broken', { products: { areas: { path: join(scratch.path, 'areas.geojson') } } }));
    // those of the process are recorded every fifteen seconds, and at once
    const text = await (await worker.get('/metrics')).text();
    const scrape = parseScrape(text);
    for (const [name, { kind, help }] of Object.entries(METRICS)) {
      const metric = scrape.get(name);
      assert.ok(metric !== undefined && metric.series.length > 0, `${name} is not in\n${text}`);
      assert.equal(metric.type, kind, name);
      assert.equal(metric.help, help, name);
      assert.ok(metric.series.every(({ value }) => value >= 0));
    }
    const value = (name: keyof typeof METRICS, label: string): number =>
      scrape.get(name)?.series.find(({ labels }) => labels.includes(label))?.value ?? NaN;
    assert.ok(value('tramontana_published_lateness_seconds', 'domain="well"') > 0);
    assert.equal(value('tramontana_published_degraded', 'domain="well"'), 0);
    assert.equal(value('tramontana_published_cycle_timestamp_seconds', 'domain="well"') * 1000, Date.parse(today));
    assert.equal(value('tramontana_events_total', 'event="failed"'), 1);
    assert.equal(value('tramontana_stage_failures_total', 'type="Ingest.InvalidAreas"'), 1);
    assert.equal(value('tramontana_server_reachable', ''), 1);
    for (const name of metricsAskedFor()) assert.ok(scrape.has(name), `${name} of rules or dashboard is not exported`);
    // a fit takes longer than the buckets of the SDK reach
    assert.match(text, /tramontana_stage_seconds_bucket\{[^}]*le="86400"\}/u);
  });

  it('is scraped as Prometheus wants it', { skip: NO_PROMTOOL }, async () => {
    const text = await (await worker.get('/metrics')).text();
    const { code, said } = promtool(['check', 'metrics'], text);
    // the SDK spells its own labels (`taskQueue`) so on whatever activities record
    const isOurs = (line: string): boolean => line.startsWith('tramontana_') && !line.includes('label names should be');
    const ours = said.split('\n').filter(isOurs);
    assert.deepEqual(ours, [], 'no metric of ours is found fault with');
    assert.notEqual(code, 1, said);
  });

  it('ends in mid-fit with a checkpoint, and another one goes on from there', async () => {
    await grantPaths(stateFolder, { source: [SAMPLE] });
    const { workflowId, runId } = await client.forecast(
      { schemaVersion: 1, domain: SLOW_DOMAIN },
      { workflowId: 'slow' },
    );
    assert.ok(await waitUntil(async () => (await newestCheckpoint(stateFolder)) >= 2, LIMIT_MS));
    const enginePid = worker.log().findLast(({ msg }) => msg.startsWith('fit: started'))?.enginePid ?? -1;
    assert.ok(isAlive(enginePid));

    process.kill(worker.command.pid, 'SIGTERM');
    const states: string[] = [];
    while ((await within(worker.command.finished, 20)) === undefined) {
      const { code, status } = await worker.health();
      if (status !== undefined) states.push(`${code} ${status}`);
      const live = await worker.get('/live').catch(() => undefined);
      assert.equal(live?.status ?? 200, 200, 'an end in order is not to be cut short');
    }
    const { code } = await worker.command.finished;
    assert.equal(code, 0, worker.command.stderrSoFar());
    assert.ok(states.includes('503 draining'), states.join());
    assert.ok(!isAlive(enginePid), 'the engine is gone');
    assert.ok((await newestCheckpoint(stateFolder)) >= 2);

    worker = await start();
    const resumed = (): LogEntry | undefined =>
      worker.log().find(({ msg }) => /^fit: resumed from the checkpoint of iteration \d+$/u.test(msg));
    assert.ok(await waitUntil(() => resumed() !== undefined, LIMIT_MS), worker.command.stderrSoFar());
    const run = { workflowId, runId };
    assert.equal((await client.standing(run)).state, 'running');
    await client.terminate(run, 'the rest is shown elsewhere');
    assert.equal(await end(worker), 0);
    assert.ok(!isAlive(resumed()?.enginePid ?? -1));
  });
});
