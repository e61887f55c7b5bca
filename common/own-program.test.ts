// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { afterEach, describe, it } from 'node:test';

import { BUILT_PROGRAMS_VARIABLE, ownProgram } from './own-program.js';
import { packageFolder } from './version.js';

describe('ownProgram', () => {
  const given = process.env[BUILT_PROGRAMS_VARIABLE];
  afterEach(() => {
    process.env[BUILT_PROGRAMS_VARIABLE] = given ?? '';
  });
  const at = (path: string): string => join(packageFolder(), path);

  it('is the file beside the module that asks, whatever the working directory', () => {
    process.env[BUILT_PROGRAMS_VARIABLE] = '';
    const built = ownProgram(at('dist/ingest/fence/asks.js'), 'reader-main');
    assert.deepEqual(built, { execArgv: [], entry: at('dist/ingest/fence/reader-main.js') });
    const { execArgv, entry } = ownProgram(at('ingest/fence/asks.ts'), 'reader-main');
    assert.equal(entry, at('ingest/fence/reader-main.ts'));
    assert.equal(execArgv[0], '--import');
    assert.match(execArgv[1] ?? '', /^file:.*tsx/u);
  });

  it('is the one in dist where that is said to be of the same sources', () => {
    process.env[BUILT_PROGRAMS_VARIABLE] = '1';
    const found = ownProgram(at('cli/runtime/asks.ts'), '../worker-main');
    assert.deepEqual(found, { execArgv: [], entry: at('dist/cli/worker-main.js') });
  });
});
