// SPDX-License-Identifier: Apache-2.0
/** The doors of the package, as they are built: what each promises, and that importing one does nothing else. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import process from 'node:process';
import { test } from 'node:test';
import { inRoot, ROOT } from '../../infra/setup/core/paths.mjs';
import { apisOf } from './api-snapshot.mjs';

const DOORS = Object.entries(JSON.parse(readFileSync(inRoot('package.json'), 'utf8')).exports);
const skip = DOORS.every(([, { types }]) => existsSync(inRoot(types))) ? false : 'dist/ is absent: run `npm run build`';
const UPDATE = 'TRAMONTANA_UPDATE_API=1 node --test tests/doors/api.test.mjs';
const snapshotOf = (door) => inRoot('tests', 'doors', 'api', `${door === '.' ? 'root' : door.slice(2)}.txt`);

const apis = skip === false ? apisOf(DOORS.map(([, { types }]) => inRoot(types))) : [];

const LOOK = inRoot('tests', 'doors', 'look.mjs');
/**
 * Globals of others, which cannot be had without: the CommonJS form of tslib writes its helpers there as well, and zod its one
 * configuration and registry.
 */
const OF_OTHERS = new Set([
  ...Object.keys(createRequire(import.meta.url)('tslib')),
  '__zod_globalConfig',
  '__zod_globalRegistry',
]);

DOORS.forEach(([door, file], index) => {
  test(`the door "${door}" promises what is written down`, { skip }, async () => {
    const values = Object.keys(await import(inRoot(file.default))).sort();
    const text = `// at run time: ${values.join(', ')}\n${apis[index]}`;
    if (process.env.TRAMONTANA_UPDATE_API === '1') {
      mkdirSync(inRoot('tests', 'doors', 'api'), { recursive: true });
      writeFileSync(snapshotOf(door), text);
    }
    const promised = readFileSync(snapshotOf(door), 'utf8');
    assert.equal(
      text,
      promised,
      `a change for users: of the changelog, and of this file, by \`${UPDATE}\` after \`npm run build\``,
    );
  });

  test(`importing the door "${door}" leaves nothing behind`, { skip }, () => {
    const before = JSON.parse(execFileSync(process.execPath, [LOOK], { cwd: ROOT, encoding: 'utf8' }));
    // one document alone: nothing was printed
    const after = JSON.parse(
      execFileSync(process.execPath, [LOOK, inRoot(file.default)], { cwd: ROOT, encoding: 'utf8' }),
    );
    assert.deepEqual({ ...after, globals: after.globals.filter((name) => !OF_OTHERS.has(name)) }, before);
  });
});
