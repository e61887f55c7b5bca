// SPDX-License-Identifier: Apache-2.0
/** What a stranger gets by npm, used through its program and its doors; `npm run nightly` also compiles its engine there. */
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import test, { after } from 'node:test';
import { localLinksOf } from '../../infra/dev/markdown-links.mjs';
import { sourceFiles } from '../../infra/dev/source-files.mjs';
import { ROOMS } from '../../infra/dev/room-table.mjs';
import { inRoot, NATIVE_BUILD_FOLDER, ROOT } from '../../infra/setup/core/paths.mjs';
import { testExamples } from './examples.mjs';
import { EVALUATE, installPackage } from './installed-package.mjs';

const MANIFEST = JSON.parse(readFileSync(inRoot('package.json'), 'utf8'));
/** What lies in the tarball, and nothing else; what npm adds by itself included. */
const TOP = [
  'CHANGELOG.md',
  'CITATION.cff',
  'LICENSE',
  'NOTICE',
  'README.md',
  'SECURITY.md',
  'dist',
  'docs',
  'examples',
  'inference-core',
  'infra',
  'package.json',
  'references.bib',
  'samples',
];
/** The rules of the workshop, benchmarks, and sources that pages for developers name. */
const CHECKOUT_ONLY = /^(CONTRIBUTING\.md$|(bench|artifacts|common|inference-core\/examples)\/)/;
/** The sample's fields are most of it; what doubles it has come by mistake. */
const MAXIMUM_BYTES = 6 * 2 ** 20;
const ADDON = 'tramontana_engine.node';

const installed = installPackage(['own-worker', 'client']);
const { skip, packed, inPackage, run, tramontana, program, remove } = installed;
after(remove);

test('the tarball holds what runs and what the engine is built from, and nothing of the workshop', { skip }, () => {
  for (const path of [
    'dist/cli/main.js',
    'inference-core/CMakeLists.txt',
    'infra/setup/setup.mjs',
    'LICENSE',
    'NOTICE',
  ])
    assert.ok(packed.includes(path), `${path} is packed`);
  for (const door of Object.values(MANIFEST.exports))
    for (const path of Object.values(door)) assert.ok(packed.includes(path.slice(2)), `${path} is packed`);
  const foreign = packed.filter((path) =>
    /\.test\.|^(bench|tests|build|\.)|\.map$|^(?!examples\/).*(?<!\.d)\.ts$|package-lock/.test(path),
  );
  assert.deepEqual(foreign, []);
  const top = [...new Set(packed.map((path) => path.split('/')[0]))].sort();
  assert.deepEqual(top, TOP);
  const rooms = [...new Set(packed.filter((path) => path.startsWith('dist/')).map((path) => path.split('/')[1]))];
  assert.deepEqual(rooms.sort(), ROOMS.filter((room) => room !== 'bench').sort());
  assert.ok(installed.bytes < MAXIMUM_BYTES, `${installed.bytes} bytes`);
});

test('what a page links to is in the tarball too, but for what is of use in a checkout only', { skip }, () => {
  const broken = packed
    .filter((path) => path.endsWith('.md'))
    .flatMap((page) =>
      localLinksOf(readFileSync(inPackage(page), 'utf8'))
        .map((target) => join(dirname(page), target.split('#')[0]))
        .filter((target) => !CHECKOUT_ONLY.test(target) && !existsSync(inPackage(target)))
        .map((target) => `${page} -> ${target}`),
    );
  assert.deepEqual(broken, []);
});

test('the program answers before there is an engine, and names the command that builds it', { skip }, () => {
  const version = tramontana('--version');
  assert.equal(version.stdout.trim(), MANIFEST.version, version.stderr);
  const doctor = tramontana('doctor');
  assert.equal(doctor.code, 1);
  assert.match(doctor.stdout, /engine: .*not built.* Run `npx tramontana setup`/);
  const doors = program(`
    for (const door of ['tramontana', 'tramontana/engine', 'tramontana/mesh']) await import(door);
    const { loadNativeEngine } = await import('tramontana/engine');
    try { loadNativeEngine(); } catch (error) { console.log(error.tag, error.message); }`);
  assert.match(doors.stdout, /^Engine\.NotBuilt .*Run `npx tramontana setup`/, doors.stderr);
});

test('it reads the files of its own sample, by the process that is fenced in', { skip }, () => {
  const inspected = tramontana('inspect', inPackage('samples', 'po-valley', 'cams', 'ENS_FORECAST.nc'), '--json');
  assert.equal(inspected.code, 0, inspected.stderr);
  assert.match(inspected.stdout, /"pm2_5"/);
});

test('its set-up says what is missing and asks for nothing of a checkout', { skip }, () => {
  const check = tramontana('setup', '--check');
  assert.equal(check.code, 1, check.stderr);
  assert.match(check.stdout, /Engine \(C\+\+\).*not built yet/);
  assert.doesNotMatch(check.stdout, /Node packages|TypeScript build|libgtest/);
  assert.match(check.stdout, /npx tramontana setup does the rest/);
});

test('every source of the engine is in the package, byte for byte, and CMake configures from there', { skip }, () => {
  const sources = sourceFiles(/\.([ch]pp|txt)$/)
    .map((file) => relative(ROOT, file))
    .filter((path) => /^inference-core\/(?!tests\/|examples\/)/.test(path));
  assert.ok(sources.length > 100, 'sources are found');
  const other = sources.filter(
    (path) => !existsSync(inPackage(path)) || !readFileSync(inPackage(path)).equals(readFileSync(join(ROOT, path))),
  );
  assert.deepEqual(other, []);
  const build = mkdtempSync(join(tmpdir(), 'tramontana-configure-'));
  try {
    const switches = ['-DTRAMONTANA_TESTS=OFF', '-DCMAKE_BUILD_TYPE=Release'];
    const configured = run('cmake', ['-S', inPackage('inference-core'), '-B', build, ...switches]);
    assert.equal(configured.code, 0, configured.stderr);
  } finally {
    rmSync(build, { recursive: true, force: true });
  }
});

const noAddon = existsSync(join(NATIVE_BUILD_FOLDER, ADDON)) ? false : 'the engine is not built; run `npm run setup`';

test('with the engine of these sources the package computes', { skip: skip || noAddon }, () => {
  mkdirSync(inPackage('build', 'native'), { recursive: true });
  copyFileSync(join(NATIVE_BUILD_FOLDER, ADDON), inPackage('build', 'native', ADDON));
  const evaluated = program(EVALUATE);
  assert.equal(evaluated.stdout.trim(), 'finite', evaluated.stderr);
  assert.match(tramontana('doctor').stdout, /engine: version \d/);
});

testExamples({ ...installed, skip: skip || noAddon });
