// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { isTramontanaError } from '../../common/errors.js';
import { isAlive, startMark, waitUntil } from '../../common/processes.js';
import { callHook, hookOf } from './hook.js';
import type { OperatorEvent } from './schedule-contracts.js';

const EVENT: OperatorEvent = {
  schemaVersion: 1,
  event: 'degraded',
  domain: 'po-valley',
  cycle: '2026-03-16',
  deadline: '2026-03-16T07:30:00.000Z',
  reason: 'the run of the day before serves',
  workflowId: 'w',
  runId: 'r',
};

describe('the hook of a worker', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tramontana-hook-'));
  });
  after(() => rm(folder, { recursive: true }));

  const script = async (name: string, lines: readonly string[]): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, ['#!/bin/sh', ...lines, ''].join('\n'));
    await chmod(path, 0o755);
    return path;
  };

  it('is what the environment names', () => {
    assert.equal(hookOf({}), undefined);
    assert.deepEqual(hookOf({ TRAMONTANA_HOOK_COMMAND: '/usr/bin/true' }), { command: '/usr/bin/true' });
    assert.deepEqual(hookOf({ TRAMONTANA_HOOK_URL: 'https://alerts.example/x' }), { url: 'https://alerts.example/x' });
    for (const environment of [
      { TRAMONTANA_HOOK_COMMAND: 'alert.sh' },
      { TRAMONTANA_HOOK_URL: 'file:///etc/passwd' },
      { TRAMONTANA_HOOK_URL: 'no address' },
      { TRAMONTANA_HOOK_COMMAND: '/a', TRAMONTANA_HOOK_URL: 'http://b' },
    ]) {
      assert.throws(
        () => hookOf(environment),
        (error) => isTramontanaError(error, 'Config.InvalidHook'),
      );
    }
  });

  it('gives a command the event on its standard input', async () => {
    const out = join(folder, 'told.json');
    await callHook({ command: await script('tell', [`cat > '${out}'`]) }, EVENT);
    assert.deepEqual(JSON.parse(await readFile(out, 'utf8')), EVENT);
  });

  it('says how a command failed', async () => {
    const command = await script('fail', ['echo out of paper >&2', 'exit 7']);
    await assert.rejects(callHook({ command }, EVENT), (error) => {
      assert.ok(isTramontanaError(error, 'Hook.Failed') && error.retryable);
      assert.match(error.message, /exit code 7: out of paper/);
      return true;
    });
    await assert.rejects(callHook({ command: join(folder, 'absent') }, EVENT), (error) =>
      isTramontanaError(error, 'Hook.Failed'),
    );
  });

  it('ends a command that hangs, and what it started, when the activity is cancelled', async () => {
    const command = await script('hang', ['sleep 60 &', 'echo $$ $! > "$0.pids"', 'wait']);
    const startMs = Date.now();
    await assert.rejects(callHook({ command }, EVENT, AbortSignal.timeout(1000)), (error) =>
      isTramontanaError(error, 'Hook.Failed'),
    );
    assert.ok(Date.now() - startMs < 10_000);
    const [ofCommand, ofChild] = (await readFile(`${command}.pids`, 'utf8')).split(' ').map(Number);
    for (const pid of [ofCommand, ofChild]) {
      assert.ok(await waitUntil(async () => (await startMark(pid ?? 0)) === undefined, 5000), `process ${pid}`);
    }
  });

  it('does not wait for what a command leaves in the background', async () => {
    const command = await script('background', ['sleep 20 &', 'echo $! > "$0.pid"']);
    const startMs = Date.now();
    await callHook({ command }, EVENT);
    assert.ok(Date.now() - startMs < 10_000);
    const pid = Number(await readFile(`${command}.pid`, 'utf8'));
    assert.ok(isAlive(pid));
    process.kill(pid);
  });

  it('posts the event, and keeps the address to itself', async () => {
    const bodies: string[] = [];
    let status = 204;
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')));
      request.on('end', () => {
        bodies.push(body);
        response.writeHead(status).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/planted-secret`;
    await callHook({ url }, EVENT);
    assert.deepEqual(
      bodies.map((body) => JSON.parse(body) as unknown),
      [EVENT],
    );
    status = 500;
    await assert.rejects(callHook({ url }, EVENT), (error) => {
      assert.ok(isTramontanaError(error, 'Hook.Failed'));
      assert.match(error.message, /status 500/);
      assert.ok(!error.message.includes('planted-secret'));
      return true;
    });
    await new Promise((resolve) => server.close(resolve));
    await assert.rejects(callHook({ url }, EVENT), (error) => {
      assert.ok(isTramontanaError(error, 'Hook.Failed') && !error.message.includes('planted-secret'));
      return true;
    });
  });
});
