// SPDX-License-Identifier: Apache-2.0
/** The package compiles its own engine, from what npm installed and nothing else. Takes minutes: a part of `npm run nightly`. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import test, { after } from 'node:test';
import { EVALUATE, installPackage } from './installed-package.mjs';

const { skip, inPackage, tramontana, program, remove } = installPackage();
after(remove);

test(
  'set-up builds the engine from the package alone, the engine computes, and a second set-up builds nothing',
  { skip },
  () => {
    const setup = tramontana('setup');
    assert.equal(setup.code, 0, `${setup.stdout}\n${setup.stderr}`);
    assert.ok(existsSync(inPackage('build', 'native', 'tramontana_engine.node')));
    const evaluated = program(EVALUATE);
    assert.equal(evaluated.stdout.trim(), 'finite', evaluated.stderr);
    assert.match(tramontana('doctor').stdout, /engine: version \d/);
    assert.match(tramontana('setup').stdout, /build\/native is up to date/);
  },
);
