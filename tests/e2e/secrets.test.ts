// SPDX-License-Identifier: Apache-2.0
/**
 * Secrets of a worker's surroundings are looked for in everything that runs leave behind, and so is plain text in histories that are
 * encrypted: after a day that went well, one that failed, a hook that failed, and a rerun by the command line.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { Client } from '@temporalio/client';
import type { Payload, PayloadCodec } from '@temporalio/common';

import { payloadEncryption } from '../../client/index.js';
import { freePort } from '../../cli/runtime/free-port.js';
import { isAlive, waitUntil } from '../../common/processes.js';
import { NOT_BUILT, runCommand, scratchFolder, startCommand, type RunningCommand } from '../support/command-line.js';
import { startTemporalEnvironment, type TemporalEnvironment } from '../support/temporal-environment.js';
import { writeAnalyses, writeForecast, writeTinyConfig } from '../support/tiny-domain.js';

const LIMIT_MS = 2 * 60_000;
const SECRETS = {
  TEMPORAL_API_KEY: 'planted-api-key-7c1f4e',
  hookToken: 'planted-hook-token-93aa20',
  payloadKey: randomBytes(32).toString('base64'),
};
const TITLE = 'Valle Segreta';

/** Every string in a value, bytes as text. */
function textIn(value: unknown): string {
  if (typeof value === 'string') return `${value}\n`;
  if (value instanceof Uint8Array) return `${Buffer.from(value).toString('latin1')}\n`;
  if (value === null || typeof value !== 'object') return '';
  return Object.entries(value)
    .map(([name, inner]) => `${name}\n${textIn(inner)}`)
    .join('');
}

/** Every payload in a value. */
function payloadsIn(value: unknown): Payload[] {
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return [];
  if ('metadata' in value && 'data' in value && value.data instanceof Uint8Array) return [value as Payload];
  return Object.values(value).flatMap(payloadsIn);
}

describe('what runs leave behind', { skip: NOT_BUILT, timeout: 3 * LIMIT_MS }, () => {
  let temporal: TemporalEnvironment;
  let scratch: Awaited<ReturnType<typeof scratchFolder>>;
  let hook: Server;
  let worker: RunningCommand;
  let client: Client;
  let codec: PayloadCodec;
  const told: string[] = [];
  const said: Record<string, string> = {};
  /** As the server has them, and as those with the key read them. */
  const histories = { raw: '', readable: '' };

  const readHistories = async (): Promise<void> => {
    for await (const { workflowId, runId } of client.workflow.list()) {
      const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
      const decoded = await codec.decode(payloadsIn(events));
      histories.raw += textIn(events);
      histories.readable += textIn(decoded);
    }
  };

  before(async () => {
    [temporal, scratch] = await Promise.all([startTemporalEnvironment(), scratchFolder()]);
    const keyFile = join(scratch.path, 'payload.key');
    await writeFile(keyFile, `k1:${SECRETS.payloadKey}\n`, { mode: 0o600 });
    hook = createServer((request, response) => {
      told.push(request.url ?? '');
      request.resume();
      // the first call fails: what is said of that must not name the address
      response.writeHead(told.length === 1 ? 500 : 204).end();
    });
    await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve));
    const hookUrl = `http://127.0.0.1:${(hook.address() as AddressInfo).port}/${SECRETS.hookToken}`;
    const { address, connection } = temporal.environment;
    const environment = {
      TEMPORAL_ADDRESS: address,
      TEMPORAL_API_KEY: SECRETS.TEMPORAL_API_KEY,
      // a key asks for TLS by itself, which this server has not
      TEMPORAL_TLS: 'false',
      TRAMONTANA_HOOK_URL: hookUrl,
      TRAMONTANA_PAYLOAD_KEY_FILE: keyFile,
      TRAMONTANA_LOG_LEVEL: 'trace',
    };
    const encryption = payloadEncryption({ TRAMONTANA_PAYLOAD_KEY: `k1:${SECRETS.payloadKey}` });
    [codec] = encryption?.payloadCodecs as [PayloadCodec];
    client = new Client({ connection, ...(encryption === undefined ? {} : { dataConverter: encryption }) });

    const today = new Date().toISOString().slice(0, 10);
    await Promise.all([writeAnalyses(scratch.path, today), writeForecast(scratch.path, today)]);
    await writeFile(join(scratch.path, 'areas.geojson'), '{}');
    const port = await freePort();
    const options = { cwd: scratch.path, environment };
    worker = startCommand(['worker', '--health', String(port)], options);
    const get = async (path: string): Promise<string> =>
      fetch(`http://127.0.0.1:${port}${path}`).then((answer) => answer.text());
    const daily = async (name: string, products: object): Promise<unknown> => {
      const configUri = await writeTinyConfig(scratch.path, name, 'schedule: { at: "00:00" }');
      const overrides = { title: TITLE, products };
      return client.workflow.execute('dailyForecast', {
        ...{ taskQueue: 'tramontana', workflowId: name, memo: { why: TITLE } },
        args: [{ schemaVersion: 1, configUri, overrides }],
      });
    };
    await daily('well', {});
    await assert.rejects(daily('broken', { areas: { path: join(scratch.path, 'areas.geojson') } }));
    const rerun = await runCommand(['rerun', 'well/forecast-1', '--from', 'publish', '--json'], options);
    assert.equal(rerun.code, 0, rerun.stderr);
    const status = await runCommand(['status', '--json'], options);
    const unknown = await runCommand(['rerun', 'nothing', '--json'], options);
    // a command that cannot reach its server says so, and no more
    const lost = await runCommand(['status'], {
      ...options,
      environment: { ...environment, TEMPORAL_ADDRESS: `127.0.0.1:${await freePort()}` },
    });
    assert.notEqual(lost.code, 0);
    for (const [name, command] of Object.entries({ rerun, status, unknown, lost })) {
      said[name] = command.stdout + command.stderr;
    }
    said['health'] = await get('/health');
    said['metrics'] = await get('/metrics');
    process.kill(worker.pid, 'SIGTERM');
    said['worker'] = (await worker.finished).stderr;
    await readHistories();
  });
  after(async () => {
    if (isAlive(worker.pid)) process.kill(worker.pid, 'SIGKILL');
    hook.close();
    await temporal.stop();
    await scratch.remove();
  });

  it('shows that the paths were taken: the hook failed and was called again, a run failed, one was run again', async () => {
    assert.ok(await waitUntil(() => told.length >= 2, 1000));
    assert.ok(told.every((path) => path.includes(SECRETS.hookToken)));
    assert.match(histories.readable, /status 500/u);
    assert.match(histories.readable, /Ingest\.InvalidAreas|areas\.geojson/u);
    assert.match(said['worker'] ?? '', /Hook\.Failed/u);
    assert.match(said['rerun'] ?? '', /"computed":\["publish"\]|"publish"/u);
  });

  it('holds no secret of its surroundings: histories, logs, answers, artifacts, products, state', async () => {
    const places: Record<string, string> = { ...said, ...histories };
    for (const path of await readdir(scratch.path, { recursive: true })) {
      const file = join(scratch.path, path);
      if (path !== 'payload.key' && (await stat(file)).isFile()) places[path] = await readFile(file, 'latin1');
    }
    assert.ok(Object.keys(places).some((path) => path.startsWith('.tramontana/store/')));
    assert.ok(Object.keys(places).some((path) => path.endsWith('report.html')));
    for (const [name, secret] of Object.entries(SECRETS)) {
      const encoded = Buffer.from(secret).toString('base64').replace(/=+$/u, '').slice(0, -1);
      const bytes = name === 'payloadKey' ? Buffer.from(secret, 'base64').toString('latin1') : secret;
      for (const [place, text] of Object.entries(places)) {
        for (const form of [secret, encoded, bytes]) assert.ok(!text.includes(form), `${name} is in ${place}`);
      }
    }
  });

  it('is unreadable on the server: payloads, failures with their stacks, memos, summaries', () => {
    for (const plain of [
      TITLE,
      scratch.path,
      'areas.geojson',
      'schemaVersion',
      '/dist/',
      'status 500',
      'summary.json',
    ]) {
      assert.ok(histories.readable.includes(plain), `"${plain}" was there to be encrypted`);
      assert.ok(!histories.raw.includes(plain), `"${plain}" stands in a history`);
    }
  });

  it('is not for a client without the key', async () => {
    const { connection } = temporal.environment;
    await assert.rejects(new Client({ connection }).workflow.getHandle('well').result());
  });
});
