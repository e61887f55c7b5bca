// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { WorkerRoots } from '../activities/inputs/allowed-roots.js';
import { isTramontanaError } from '../common/errors.js';
import { grantedConfig } from './granted-config.js';
import { locateStateFolder } from './runtime/state-folder.js';

describe('a configuration that a person names', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tramontana-granted-'));
  });
  after(() => rm(folder, { recursive: true }));

  it('may be read by the workers where it is a link, and its neighbours behind the link may not', async () => {
    const [behind, named] = [join(folder, 'behind'), join(folder, 'named')];
    for (const made of [behind, named, join(folder, 'state')]) await mkdir(made);
    await writeFile(
      join(behind, 'domain.yaml'),
      'name: linked\nboundingBox: [46, 9, 45, 10]\npollutants: [pm2_5]\nsource: { path: cams }\n',
    );
    await writeFile(join(behind, 'other.yaml'), 'name: other\n');
    await symlink(join(behind, 'domain.yaml'), join(named, 'domain.yaml'));

    const state = locateStateFolder(join(folder, 'state'));
    await grantedConfig(join(named, 'domain.yaml'), undefined, state);

    const roots = new WorkerRoots({
      ...{ stateFolder: state.root, storeFolder: join(folder, 'store'), runsFolder: join(folder, 'runs') },
      ...{ configurationRoots: [], sourceRoots: [] },
    });
    await roots.require('configuration', join(named, 'domain.yaml'), 'configUri');
    await assert.rejects(roots.require('configuration', join(behind, 'other.yaml'), 'configUri'), (error) =>
      isTramontanaError(error, 'Input.OutsideRoots'),
    );
  });
});
