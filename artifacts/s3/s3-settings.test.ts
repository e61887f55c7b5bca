// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { isTramontanaError } from '../../common/errors.js';
import { openStorage } from '../index.js';
import { credentialsOf, s3SettingsOf } from './s3-settings.js';

const refused =
  (pattern: RegExp) =>
  (error: unknown): boolean =>
    isTramontanaError(error, 'Config.InvalidStore') && pattern.test(error.message);

describe('the settings of a shared store', () => {
  it('come from its address and the usual variables', () => {
    const {
      credentials: _credentials,
      endpoint,
      ...amazon
    } = s3SettingsOf('s3://bucket/a/b', {
      AWS_REGION: 'eu-south-1',
    });
    assert.equal(endpoint.href, 'https://s3.eu-south-1.amazonaws.com/');
    assert.deepEqual(amazon, { bucket: 'bucket', prefix: 'a/b/', region: 'eu-south-1', pathStyle: false });
    const own = s3SettingsOf('s3://bucket', { AWS_ENDPOINT_URL_S3: 'https://s3.example.org:9000' });
    assert.deepEqual([own.endpoint.host, own.prefix, own.pathStyle], ['s3.example.org:9000', '', true]);
    const both = { AWS_ENDPOINT_URL: 'https://s3.example.org', TRAMONTANA_S3_PATH_STYLE: 'false' };
    assert.equal(s3SettingsOf('s3://bucket', both).pathStyle, false);
  });

  it('are refused where they cannot be meant', () => {
    for (const address of ['bucket', 'file:///store', 's3://', 's3://B_/x', 's3://bucket/a/../b', 's3://bucket/a b']) {
      assert.throws(() => s3SettingsOf(address, {}), refused(/expected s3:\/\/BUCKET\/PREFIX/u), address);
    }
    const secret = { AWS_ENDPOINT_URL_S3: 'https://me:secret@s3.example.org' };
    assert.throws(() => s3SettingsOf('s3://bucket', secret), refused(/^(?!.*secret)/su));
    assert.throws(() => s3SettingsOf('s3://bucket', { TRAMONTANA_S3_PATH_STYLE: 'yes' }), refused(/true or false/u));
    const cache = { TRAMONTANA_STORE: 's3://bucket', TRAMONTANA_STORE_CACHE_GIB: '0' };
    assert.throws(() => openStorage({ stateFolder: '.', environment: cache }), refused(/CACHE_GIB/u));
  });
});

describe('the credentials of a shared store', () => {
  let folder: string;
  let path: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tramontana-credentials-'));
    path = join(folder, 'credentials');
    await writeFile(
      path,
      '# keys\n[default]\naws_access_key_id = A\naws_secret_access_key=B\n\n[other]\naws_access_key_id=C\n' +
        'aws_secret_access_key = D/+=\naws_session_token = E\n[half]\naws_access_key_id = F\n',
    );
  });
  after(() => rm(folder, { recursive: true }));

  it('are those of the environment before those of a file', async () => {
    const environment = { AWS_ACCESS_KEY_ID: 'X', AWS_SECRET_ACCESS_KEY: 'Y', AWS_SHARED_CREDENTIALS_FILE: path };
    assert.deepEqual(await credentialsOf(environment), { accessKeyId: 'X', secretAccessKey: 'Y' });
  });

  it('are those of a profile of a file that its owner alone may read', async () => {
    const file = { AWS_SHARED_CREDENTIALS_FILE: path };
    await chmod(path, 0o640);
    await assert.rejects(credentialsOf(file), refused(/only its owner may read \(0600\), got mode 0640/u));
    await chmod(path, 0o600);
    assert.deepEqual(await credentialsOf(file), { accessKeyId: 'A', secretAccessKey: 'B' });
    assert.deepEqual(await credentialsOf({ ...file, AWS_PROFILE: 'other' }), {
      ...{ accessKeyId: 'C', secretAccessKey: 'D/+=', sessionToken: 'E' },
    });
    for (const profile of ['half', 'absent']) {
      await assert.rejects(credentialsOf({ ...file, AWS_PROFILE: profile }), refused(/in the profile/u));
    }
    const absent = { AWS_SHARED_CREDENTIALS_FILE: join(folder, 'absent') };
    await assert.rejects(credentialsOf(absent), refused(/expected AWS_ACCESS_KEY_ID/u));
  });
});
