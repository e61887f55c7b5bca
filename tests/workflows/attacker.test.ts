// SPDX-License-Identifier: Apache-2.0
/**
 * Whoever may start a workflow, against a real server and a real worker: no start reads, measures, writes or removes a file
 * outside the worker's roots, and none wedges the workflow.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';

import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure, defaultPayloadConverter } from '@temporalio/common';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker } from '@temporalio/worker';

import { TramontanaPlugin } from '../../client/index.js';
import { workflowsPath } from '../../client/workflows-path.js';
import { hashFile } from '../../artifacts/index.js';
import { engineTaskQueue } from '../../workflows/activity-options.js';
import { startTemporalEnvironment, type TemporalEnvironment } from '../support/temporal-environment.js';

const SECRET = 'hunter2-4711-correct-horse';

const DOMAIN = {
  name: 'attacked',
  boundingBox: { north: 45.6, west: 9, south: 44.9, east: 10 },
  pollutants: ['pm2_5'],
};

describe('a hostile start', () => {
  let temporal: TemporalEnvironment;
  let folder: string;
  let outside: string;
  let workers: Promise<unknown>[] = [];
  let stop: (() => void)[] = [];
  let counter = 0;

  before(async () => {
    Runtime.install({ logger: new DefaultLogger('ERROR') });
    folder = await mkdtemp(join(tmpdir(), 'tramontana-roots-'));
    outside = await mkdtemp(join(tmpdir(), 'tramontana-outside-'));
    for (const name of ['configs', 'data', 'runs']) await mkdir(join(folder, name));
    temporal = await startTemporalEnvironment();
    const plugin = new TramontanaPlugin({
      stateFolder: join(folder, 'state'),
      runsFolder: join(folder, 'runs'),
      configurationRoots: [join(folder, 'configs')],
      sourceRoots: [join(folder, 'data')],
      memoryLimitBytes: 4 * 1024 ** 3,
      workflows: false,
    });
    const common = { connection: temporal.environment.nativeConnection, plugins: [plugin] };
    const workflowBundle = await bundleWorkflowCode({ workflowsPath: workflowsPath() });
    const pipeline = await Worker.create({ ...common, taskQueue: 'attacked', workflowBundle });
    const engine = await Worker.create({ ...common, taskQueue: engineTaskQueue('attacked') });
    workers = [pipeline.run(), engine.run()];
    stop = [() => pipeline.shutdown(), () => engine.shutdown()];
  });
  after(async () => {
    for (const end of stop) end();
    await Promise.all(workers);
    await temporal.stop();
    for (const path of [folder, outside]) await rm(path, { recursive: true, force: true });
  });

  /** Starts a workflow that must fail; its type, and everything that the server keeps of it as text. */
  async function failureOf(workflow: string, input: unknown): Promise<{ type: string; text: string }> {
    counter += 1;
    const { workflow: client } = temporal.environment.client;
    const handle = await client.start(workflow, {
      taskQueue: 'attacked',
      workflowId: `attack-${counter}`,
      args: [input],
      workflowExecutionTimeout: '60s',
    });
    let type = '';
    await assert.rejects(handle.result(), (error) => {
      assert.ok(error instanceof WorkflowFailedError && error.cause instanceof ApplicationFailure, String(error));
      type = error.cause.type ?? '';
      return true;
    });
    const { events } = await handle.fetchHistory();
    // the start holds what the attacker knew already
    const text = JSON.stringify(events?.slice(1), (_key, value: unknown) => {
      if (!(value instanceof Uint8Array)) return value;
      return Buffer.from(value).toString('utf8');
    });
    return { type, text };
  }

  async function fileOf(path: string, text: string): Promise<string> {
    await writeFile(path, text);
    return path;
  }

  it('reads no file outside the roots, by address, by link, or by ..', async () => {
    const secret = await fileOf(join(outside, 'secret.yaml'), `name: ${SECRET}\n`);
    const link = join(folder, 'configs', 'link.yaml');
    await symlink(secret, link);
    for (const configUri of [
      pathToFileURL(secret).href,
      'file:///etc/passwd',
      link,
      `${folder}/configs/../../${outside.split('/').at(-1) ?? ''}/secret.yaml`,
      join(outside, 'absent.yaml'),
    ]) {
      const { type, text } = await failureOf('forecast', { schemaVersion: 1, configUri });
      assert.equal(type, 'Input.OutsideRoots', configUri);
      assert.ok(!text.includes(SECRET) && !text.includes('root:x:'), 'content of the file');
    }
  });

  it('tells nothing of a file in a root that is no configuration, whatever its form', async () => {
    const hostile = [SECRET, `- ${SECRET}\n`, `"${SECRET}`, `a: [${SECRET}`, `password: ${SECRET}\n`, `{${SECRET}: 1}`];
    for (const [index, text] of hostile.entries()) {
      const configUri = await fileOf(join(folder, 'configs', `secret-${index}.txt`), text);
      const overrides = { ...DOMAIN, source: { path: '/' } };
      for (const input of [{ configUri }, { configUri, overrides }]) {
        const { type, text: told } = await failureOf('forecast', { schemaVersion: 1, ...input });
        assert.match(type, /^Config\./u, text);
        assert.ok(!told.includes(SECRET), `content of ${text}`);
      }
    }
  });

  it('neither size nor hash of a foreign file comes from sources or from artifacts given to a fit', async () => {
    const secret = await fileOf(join(outside, 'secret.nc'), SECRET.repeat(7));
    await symlink(secret, join(folder, 'data', 'link.nc'));
    const { sha256, bytes } = await hashFile(secret);
    const ref = { uri: pathToFileURL(secret).href, sha256: '0'.repeat(64), bytes: 1, mediaType: 'x', schema: 'x/1' };
    const domain = { ...DOMAIN, source: { path: join(folder, 'data') } };
    const inputs = { daily: ref, mesh: ref, spectralBasis: ref };
    for (const [workflow, input] of [
      ['forecast', { domain: { ...DOMAIN, source: { path: secret } } }],
      ['forecast', { domain }],
      ['forecast', { domain: { ...domain, covariates: { elevation: { path: secret } } } }],
      ['fit', { domain, inputs }],
    ] as const) {
      const { type, text } = await failureOf(workflow, { schemaVersion: 1, ...input });
      assert.equal(type, 'Input.OutsideRoots');
      assert.ok(!text.includes(sha256) && !text.includes(`got ${bytes}`) && !text.includes(SECRET));
    }
  });

  it('writes and removes nothing outside the folder of the products', async () => {
    const foreign = join(outside, 'attacked', '2026-03-16');
    await mkdir(foreign, { recursive: true });
    await fileOf(join(foreign, 'thesis.txt'), SECRET);
    await symlink(outside, join(folder, 'runs', 'link'));
    for (const outputFolder of [outside, join(folder, 'runs', 'link'), `${folder}/runs/..`, '/proc/x']) {
      const domain = { ...DOMAIN, source: { path: join(folder, 'data') } };
      const { type } = await failureOf('forecast', { schemaVersion: 1, domain, outputFolder });
      assert.equal(type, 'Input.OutsideRoots', outputFolder);
    }
    assert.equal(await readFile(join(foreign, 'thesis.txt'), 'utf8'), SECRET);
    assert.ok(!existsSync('/proc/x'));
  });

  it('a bomb of aliases, endless devices, pipes, lines and nesting are typed at once', async () => {
    const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]'];
    for (let level = 1; level < 9; level += 1) {
      const [name, before] = [String.fromCharCode(97 + level), String.fromCharCode(96 + level)];
      bomb.push(`${name}: &${name} [${Array<string>(9).fill(`*${before}`).join(',')}]`);
    }
    const file = await fileOf(join(folder, 'configs', 'bomb.yaml'), `name: x\n${bomb.join('\n')}\n`);
    assert.equal((await failureOf('forecast', { schemaVersion: 1, configUri: file })).type, 'Config.Syntax');
    const long = await fileOf(join(folder, 'configs', 'long.yaml'), `name: ${'x'.repeat(2_400_000)}`);
    assert.equal((await failureOf('forecast', { schemaVersion: 1, configUri: long })).type, 'Config.Unreadable');
    const pipe = join(folder, 'configs', 'pipe.yaml');
    execFileSync('mkfifo', [pipe]);
    const device = join(folder, 'configs', 'zero.yaml');
    await symlink('/dev/zero', device);
    // a device behind a link leads outside; a pipe and a folder in the root are no regular files
    for (const [configUri, expected] of [
      [device, 'Input.OutsideRoots'],
      ['/dev/zero', 'Input.OutsideRoots'],
      [pipe, 'Config.Unreadable'],
      [join(folder, 'configs'), 'Config.Unreadable'],
    ] as const) {
      assert.equal((await failureOf('forecast', { schemaVersion: 1, configUri })).type, expected, configUri);
    }
    const dataPipe = join(folder, 'data', 'pipe.nc');
    execFileSync('mkfifo', [dataPipe]);
    const onPipe = { ...DOMAIN, source: { path: dataPipe } };
    assert.match((await failureOf('forecast', { schemaVersion: 1, domain: onPipe })).type, /^(Input|Ingest)\./u);
    await rm(dataPipe);
    let deep: unknown = 1;
    for (let level = 0; level < 500; level += 1) deep = { deep };
    assert.ok(defaultPayloadConverter.toPayload(deep));
    assert.match(
      (await failureOf('forecast', { schemaVersion: 1, domain: DOMAIN, overrides: { deep } })).type,
      /^Config/u,
    );
  });

  it('a run beyond the memory, and numbers beyond sense, are refused before a file is looked at', async () => {
    const started = Date.now();
    const source = { path: join(folder, 'data') };
    for (const [domain, expected] of [
      [{ ...DOMAIN, source, model: { route: 'mesh' }, mesh: { interiorEdgeKm: 0.5 } }, 'Config.TooCostly'],
      [{ ...DOMAIN, source, model: { route: 'mesh' }, mesh: { extensionKm: 1e300 } }, 'Config.TooCostly'],
      [{ ...DOMAIN, source, mesh: { interiorEdgeKm: 1e-9 } }, 'Mesh.InvalidOptions'],
      [
        {
          ...DOMAIN,
          source,
          boundingBox: { north: 72, west: -25, south: 30, east: 45 },
          products: { resolutionDegrees: 0.001 },
        },
        'Modelling.InvalidGrid',
      ],
      [{ ...DOMAIN, source, engine: { maximumIterations: 3e9 } }, 'Config.Invalid'],
      [{ ...DOMAIN, source, products: { thresholds: { pm2_5: '9e999 ug/m3' } } }, 'Config.Invalid'],
    ] as const) {
      const { type } = await failureOf('forecast', { schemaVersion: 1, domain });
      assert.equal(type, expected, JSON.stringify(domain));
    }
    // each is decided by arithmetic; the rest is the server's time
    assert.ok(Date.now() - started < 60_000);
  });

  it('malformed news of a stage change nothing, and the workflow ends as it would have', async () => {
    counter += 1;
    const { workflow: client } = temporal.environment.client;
    const handle = await client.start('forecast', {
      taskQueue: 'attacked',
      workflowId: `attack-${counter}`,
      args: [{ schemaVersion: 1, configUri: 'file:///etc/passwd' }],
      workflowExecutionTimeout: '30s',
      startDelay: '1s',
    });
    for (const news of [
      null,
      undefined,
      'x',
      {},
      { stage: 'resolve-cycle', fraction: 'x', phase: 5, objective: 'y' },
    ]) {
      await handle.signal('stageProgress', news);
    }
    await assert.rejects(handle.result(), (error) => {
      assert.ok(error instanceof WorkflowFailedError && error.cause instanceof ApplicationFailure, String(error));
      assert.equal(error.cause.type, 'Input.OutsideRoots');
      return true;
    });
  });
});
