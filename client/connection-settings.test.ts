// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { isTramontanaError } from '../common/errors.js';
import { connectionSettings } from './connection-settings.js';

const NAMES = [
  'TEMPORAL_ADDRESS',
  'TEMPORAL_NAMESPACE',
  'TEMPORAL_API_KEY',
  'TEMPORAL_CONFIG_FILE',
  'TEMPORAL_PROFILE',
];

describe('connection settings', () => {
  const kept = new Map(NAMES.map((name) => [name, process.env[name]]));
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tramontana-profile-'));
    for (const name of NAMES) Reflect.deleteProperty(process.env, name);
    const file = join(folder, 'temporal.toml');
    const profile = ['address = "cloud:7233"', 'namespace = "air"', 'api_key = "planted"'];
    await writeFile(file, ['[profile.default]', ...profile, '[profile.bare]', 'namespace = "bare"', ''].join('\n'));
    process.env['TEMPORAL_CONFIG_FILE'] = file;
  });
  after(async () => {
    for (const [name, value] of kept) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
    await rm(folder, { recursive: true });
  });

  it('come from the profile, and options go over it', () => {
    const found = connectionSettings();
    assert.equal(found?.address, 'cloud:7233');
    assert.equal(found.namespace, 'air');
    assert.equal(found.security.apiKey, 'planted');
    assert.equal(connectionSettings({ namespace: 'other' })?.namespace, 'other');
  });

  it('do not give the key of a profile to another server', () => {
    const found = connectionSettings({ address: '127.0.0.1:7233' });
    assert.deepEqual(found, { address: '127.0.0.1:7233', namespace: 'default', security: {} });
  });

  it('give a key to the server that it is named with', () => {
    const found = connectionSettings({ address: 'own:7233', apiKey: 'mine' });
    assert.deepEqual(found, { address: 'own:7233', namespace: 'default', security: { apiKey: 'mine' } });
  });

  it('are absent when nobody names a server', () => {
    assert.equal(connectionSettings({ profile: 'bare' }), undefined);
  });

  it('say which profile cannot be read', () => {
    process.env['TEMPORAL_CONFIG_FILE'] = join(folder, 'broken.toml');
    assert.throws(
      () => connectionSettings({ profile: 'absent' }),
      (error) => isTramontanaError(error, 'Temporal.InvalidProfile'),
    );
  });
});
