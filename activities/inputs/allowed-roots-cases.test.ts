// SPDX-License-Identifier: Apache-2.0
/** Ways out of the roots that look like ways within them. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { openFolderStorage, openStorage, type ArtifactRef } from '../../artifacts/index.js';
import { isTramontanaError } from '../../common/errors.js';
import { parseDomainConfig } from '../../config/index.js';
import { WorkerRoots, requireArtifacts, type AllowedRoots } from './allowed-roots.js';
import { catalogueOf } from './input-catalogue.js';
import { configOf } from './run-configuration.js';

let folder: string;
let deps: { readonly roots: WorkerRoots };
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tramontana-ways-'));
  for (const name of ['configs', 'data', 'data-private']) await mkdir(join(folder, name));
  for (const name of ['data', 'data-private']) await writeFile(join(folder, name, 'a.nc'), 'CDF\u0001');
  const roots = new WorkerRoots({
    ...{ stateFolder: join(folder, 'state'), storeFolder: join(folder, 'store'), runsFolder: join(folder, 'runs') },
    configurationRoots: [join(folder, 'configs')],
    sourceRoots: [join(folder, 'data')],
  });
  deps = { roots };
});
after(() => rm(folder, { recursive: true, force: true }));

const DOMAIN = { name: 'ways', boundingBox: { north: 46, west: 8, south: 44, east: 10 }, pollutants: ['pm10'] };
const isOutside = (error: unknown): boolean => isTramontanaError(error, 'Input.OutsideRoots');

describe('a configuration', () => {
  it('is not read from the environment or the root of a process, by escaped dots, or past a null byte', async () => {
    for (const configUri of [
      'file:///proc/self/environ',
      '/proc/self/root/etc/passwd',
      `file://${folder}/configs/%2e%2e/%2e%2e/%2e%2e/etc/hostname`,
      `${folder}/configs/../../../etc/hostname\0.yaml`,
    ]) {
      await assert.rejects(configOf(deps, { domain: undefined, configUri, overrides: {} }), isOutside, configUri);
    }
  });

  it('outside is refused with every root named once, however often and in whatever form it was given', async () => {
    const roots = new WorkerRoots({
      ...{ stateFolder: join(folder, 'state'), storeFolder: join(folder, 'store'), runsFolder: join(folder, 'runs') },
      configurationRoots: [join(folder, 'configs'), `${folder}/data/../configs/`],
    });
    await assert.rejects(roots.require('configuration', '/etc/hostname', 'input.configUri'), (error) => {
      assert.ok(isTramontanaError(error, 'Input.OutsideRoots'), String(error));
      assert.equal(error.message.split(join(folder, 'configs')).length, 2, error.message);
      return true;
    });
  });

  it('that is cut by an unknown alias or a key given twice is told without its content', async () => {
    for (const text of ['name: *hunter2\n', 'name: x\nname: hunter2\n']) {
      const configUri = join(folder, 'configs', 'c.yaml');
      await writeFile(configUri, text);
      await assert.rejects(configOf(deps, { domain: undefined, configUri, overrides: {} }), (error) => {
        assert.ok(isTramontanaError(error, 'Config.Syntax'), String(error));
        assert.ok(!JSON.stringify([error.message, error.facts]).includes('hunter2'), error.message);
        return true;
      });
    }
  });
});

describe('an input file', () => {
  it('is not hashed in a folder whose name only begins like an allowed one', async () => {
    for (const path of [join(folder, 'data-private'), `${folder}/data/../data-private/a.nc`]) {
      await assert.rejects(catalogueOf(deps, parseDomainConfig({ ...DOMAIN, source: { path } }, 'x')), isOutside, path);
    }
  });

  it('is not hashed as a truth either', async () => {
    const source = { path: join(folder, 'data') };
    const evaluation = { truth: { path: '/etc/hostname' } };
    await assert.rejects(catalogueOf(deps, parseDomainConfig({ ...DOMAIN, source, evaluation }, 'x')), isOutside);
  });
});

describe('a file that is exchanged for a link once its name was judged', { skip: process.platform !== 'linux' }, () => {
  /** Roots after whose judgement of the file, the last one before it is opened, somebody is quick. */
  const exchanging = (path: string, target: string): AllowedRoots => ({
    require: async (role, asked, name, shown) => {
      await deps.roots.require(role, asked, name, shown);
      if (asked !== path) return;
      await rm(path);
      await symlink(target, path);
    },
  });
  const isRefusedAs =
    (path: string) =>
    (error: unknown): boolean =>
      isTramontanaError(error, 'Input.OutsideRoots') && error.facts['path'] === path;

  it('is not read as a configuration', async () => {
    const [path, target] = [join(folder, 'configs', 'quick.yaml'), join(folder, 'private.yaml')];
    for (const file of [path, target]) await writeFile(file, 'name: x\n');
    const roots = exchanging(path, target);
    await assert.rejects(configOf({ roots }, { domain: undefined, configUri: path, overrides: {} }), isRefusedAs(path));
  });

  it('is not hashed as a source', async () => {
    const [path, target] = [join(folder, 'data', 'quick.nc'), join(folder, 'data-private', 'a.nc')];
    await writeFile(path, 'CDF\u0001');
    const config = parseDomainConfig({ ...DOMAIN, source: { path: join(folder, 'data') } }, 'x');
    await assert.rejects(catalogueOf({ roots: exchanging(path, target) }, config), isRefusedAs(path));
  });
});

describe('an artifact of a bucket', () => {
  it('is taken from the store of the worker alone, and only by the hash that it has there', async () => {
    const sha256 = 'ab'.repeat(32);
    const ref: ArtifactRef = { uri: '', sha256, bytes: 1, mediaType: 'x', schema: 'x/1' };
    const shared = openStorage({ stateFolder: join(folder, 'state'), store: 's3://ours/a', environment: {} });
    const own = `s3://ours/a/objects/ab/${sha256}`;
    const require = (store: typeof shared, uri: string): Promise<void> =>
      requireArtifacts({ ...deps, store: store.artifacts }, { daily: { ...ref, uri } });
    await require(shared, own);
    const local = openFolderStorage(join(folder, 'state'));
    await assert.rejects(require(local, own), isOutside);
    for (const uri of [`s3://theirs/a/objects/ab/${sha256}`, `s3://ours/a/objects/ab/${'0'.repeat(64)}`, 's3:x']) {
      await assert.rejects(require(shared, uri), isOutside, uri);
    }
  });
});
