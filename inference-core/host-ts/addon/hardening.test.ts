// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { it } from 'node:test';

const ADDON = fileURLToPath(new URL('../../../build/native/tramontana_engine.node', import.meta.url));

it('the addon binds at once, guards its stack, checks its buffers and brings no search path', (context) => {
  const readelf = (...options: string[]): string =>
    spawnSync('readelf', ['-W', ...options, ADDON], { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } }).stdout;
  if (process.platform !== 'linux' || !existsSync(ADDON) || spawnSync('readelf', ['-v']).error !== undefined) {
    context.skip('needs readelf, Linux and a built engine');
    return;
  }
  const dynamic = readelf('-d');
  assert.match(dynamic, /BIND_NOW|FLAGS_1.*NOW/u);
  assert.doesNotMatch(dynamic, /RPATH|RUNPATH|TEXTREL/u);
  assert.match(readelf('-l'), /GNU_RELRO/u);
  assert.match(readelf('-l'), /GNU_STACK\s+\S+ \S+ \S+ \S+ \S+ RW /u);
  assert.match(readelf('--dyn-syms'), /__stack_chk_fail/u);
  assert.match(readelf('--dyn-syms'), /_chk@/u);
});
