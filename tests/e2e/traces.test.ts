// SPDX-License-Identifier: Apache-2.0
/** Traces of a worker, received as a collector receives them; and a worker that was not asked for any. */
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { isAlive } from '../../common/processes.js';
import { NOT_BUILT, scratchFolder, startCommand, type RunningCommand } from '../support/command-line.js';
import { startTemporalEnvironment, type TemporalEnvironment } from '../support/temporal-environment.js';
import { writeAnalyses, writeForecast, writeTinyConfig } from '../support/tiny-domain.js';

const LIMIT_MS = 2 * 60_000;

interface Span {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
}

interface ExportedTraces {
  readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: readonly Span[] }[] }[];
}

describe('traces of a worker', { skip: NOT_BUILT, timeout: 2 * LIMIT_MS }, () => {
  let temporal: TemporalEnvironment;
  let scratch: Awaited<ReturnType<typeof scratchFolder>>;
  let collector: Server;
  let worker: RunningCommand | undefined;
  const spans: Span[] = [];

  const runWith = async (workflowId: string, environment: Readonly<Record<string, string>>): Promise<string> => {
    const { address, client } = temporal.environment;
    worker = startCommand(['worker', '--address', address], { cwd: scratch.path, environment });
    const configUri = join(scratch.path, 'config.yaml');
    await client.workflow.execute('forecast', {
      ...{ taskQueue: 'tramontana', workflowId, args: [{ schemaVersion: 1, configUri }] },
    });
    process.kill(worker.pid, 'SIGTERM');
    const { code, stderr } = await worker.finished;
    assert.equal(code, 0, stderr);
    return stderr;
  };

  before(async () => {
    [temporal, scratch] = await Promise.all([startTemporalEnvironment(), scratchFolder()]);
    const today = new Date().toISOString().slice(0, 10);
    await Promise.all([writeAnalyses(scratch.path, today), writeForecast(scratch.path, today)]);
    await writeTinyConfig(scratch.path);
    collector = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => (body += text));
      request.once('end', () => {
        if (request.url === '/v1/traces') {
          const { resourceSpans } = JSON.parse(body) as ExportedTraces;
          spans.push(...resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)));
        }
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      });
    });
    await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  });
  after(async () => {
    if (worker !== undefined && isAlive(worker.pid)) process.kill(worker.pid, 'SIGKILL');
    collector.close();
    await temporal.stop();
    await scratch.remove();
  });

  it('are not made where nobody asks for them', async () => {
    const log = await runWith('without', {});
    assert.deepEqual(spans, []);
    assert.ok(!log.includes('trace_id'));
  });

  it('hold the workflow and its activities, one below the other, and leave the run as it is', async () => {
    const { port } = collector.address() as AddressInfo;
    await runWith('with', { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` });
    const names = spans.map(({ name }) => name);
    assert.ok(names.includes('RunWorkflow:forecast'), names.join());
    for (const activity of ['resolveCycle', 'fit', 'publish']) {
      const run = spans.find(({ name }) => name === `RunActivity:${activity}`);
      const scheduled = spans.find(({ name }) => name === `StartActivity:${activity}`);
      assert.ok(run !== undefined && scheduled !== undefined, names.join());
      assert.equal(run.parentSpanId, scheduled.spanId);
      assert.equal(run.traceId, scheduled.traceId);
    }
    const { client } = temporal.environment;
    const results = await Promise.all(
      ['without', 'with'].map(async (id) => (await client.workflow.getHandle(id).result()) as { files: string[] }),
    );
    assert.deepEqual(results[1]?.files, results[0]?.files);
    const bundles = await readdir(join(scratch.path, '.tramontana', 'cache'));
    assert.equal(bundles.filter((name) => name.startsWith('workflow-bundle-')).length, 2, 'each has its own bundle');
  });
});
