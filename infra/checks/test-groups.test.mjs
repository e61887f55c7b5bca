// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { groupTests } from './test-groups.mjs';

describe('test files in one process', () => {
  const inFolder = (texts, body) => {
    const root = mkdtempSync(join(tmpdir(), 'tramontana-groups-'));
    try {
      for (const [file, text] of Object.entries(texts)) {
        mkdirSync(join(root, file, '..'), { recursive: true });
        writeFileSync(join(root, file), text);
      }
      const files = Object.keys(texts);
      body(groupTests(files, { root, folder: join(root, 'groups'), isAlone: (file) => file.startsWith('far/') }), root);
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  };
  const one = (name, body = '') => `import { it } from 'node:test'; it('${name}', () => { ${body} });`;

  it('holds every file once, those of one room together, and leaves alone what changes its process', () => {
    const plain = Object.fromEntries(Array.from({ length: 12 }, (_, k) => [`near/${k}.test.mjs`, one(`test ${k}`)]));
    const texts = {
      ...plain,
      'near/mask.test.mjs': one('mask', 'process.umask(0);'),
      'near/environment.test.mjs': one('environment', "process.env['HOME'] = '';"),
      'near/hooks.test.mjs': `import { beforeEach } from 'node:test';\nbeforeEach(() => undefined);`,
      'other/a.test.mjs': one('a'),
      'far/b.test.mjs': one('b'),
    };
    inFolder(texts, (paths) => {
      const groups = paths.map((path) => readFileSync(path, 'utf8').trim().split('\n'));
      assert.equal(groups.flat().length, Object.keys(texts).length);
      assert.equal(new Set(groups.flat()).size, Object.keys(texts).length);
      const sizeWith = (file) => groups.find((group) => group.some((line) => line.includes(file)))?.length;
      assert.deepEqual(['near/0.', 'near/11.'].map(sizeWith), [10, 2]);
      for (const file of ['near/mask', 'near/environment', 'near/hooks', 'other/a', 'far/b'])
        assert.equal(sizeWith(`${file}.`), 1, file);
      assert.deepEqual(paths, [...paths].sort());
    });
  });

  it('tells of every test, and of a file that cannot be loaded', () => {
    const texts = {
      'near/good.test.mjs': one('good'),
      'near/bad.test.mjs': one('bad', "throw new Error('found');"),
      'near/broken.test.mjs': 'this is no program',
    };
    inFolder(texts, (groups) => {
      // a runner inside of a runner would speak its language
      const env = { ...process.env, NODE_TEST_CONTEXT: undefined };
      const { status, stdout } = spawnSync(process.execPath, ['--test', ...groups], { env, encoding: 'utf8' });
      assert.equal(status, 1);
      assert.match(stdout, /^\s*ok \d+ - good$/mu);
      assert.match(stdout, /^\s*not ok \d+ - bad$/mu);
      assert.match(stdout, /SyntaxError/u);
    });
  });
});
