// SPDX-License-Identifier: Apache-2.0
/**
 * The package as a stranger gets it: packed, installed by npm into an empty folder outside the checkout, set up by its own command, and
 * used through its program and its doors. No file of the checkout is in reach of what runs there.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import test, { after } from 'node:test';
import { npmCommand } from '../../infra/setup/core/npm.mjs';
import { inRoot, ROOT } from '../../infra/setup/core/paths.mjs';
import { findUsableCli } from '../../infra/setup/temporal/local-cli.mjs';

/** npm cannot reach its registry, and its cache does not hold what it asks for. */
const OFFLINE = /ENOTCACHED|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EIDLETIMEOUT/;
const INSTALL = ['install', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund'];
const MANIFEST = JSON.parse(readFileSync(inRoot('package.json'), 'utf8'));

const folder = mkdtempSync(join(tmpdir(), 'tramontana-package-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const inPackage = (...parts) => join(folder, 'node_modules', 'tramontana', ...parts);

// The folder is new each time: a compiler cache, where one is set, must not tell it from the last one.
const environment = { ...process.env, CCACHE_BASEDIR: folder, CCACHE_NOHASHDIR: '1', NO_COLOR: '1' };
for (const name of Object.keys(environment)) if (/^(npm_|NODE_)/.test(name)) delete environment[name];
environment.TRAMONTANA_TEMPORAL_CLI = findUsableCli()?.path ?? '';

function run(program, args, cwd = folder) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, env: environment, encoding: 'utf8' });
  return { code: status, stdout: stdout ?? '', stderr: `${stderr ?? ''}${error?.message ?? ''}` };
}
const npm = (args, cwd) => run(npmCommand()[0], [...npmCommand().slice(1), ...args], cwd);
const tramontana = (...args) => run(process.execPath, [join(folder, 'node_modules', '.bin', 'tramontana'), ...args]);
const program = (text) => run(process.execPath, ['--input-type=module', '-e', text]);

/** A chain of nodes with one observation each, days apart; its log posterior is a number that only the engine can give. */
const EVALUATE = `
import { loadNativeEngine } from 'tramontana/engine';
const n = 4;
const csr = (rows) => ({
  numRows: rows.length, numColumns: n,
  rowPointers: Int32Array.from(rows.reduce((ends, row) => [...ends, ends.at(-1) + row.length], [0])),
  columnIndices: Int32Array.from(rows.flatMap((row) => row.map(([column]) => column))),
  values: Float64Array.from(rows.flatMap((row) => row.map(([, value]) => value))),
});
const g1 = csr(Array.from({ length: n }, (_, i) => [
  ...(i > 0 ? [[i - 1, -1]] : []), [i, i === 0 || i === n - 1 ? 1 : 2], ...(i + 1 < n ? [[i + 1, -1]] : [])]));
const model = {
  kind: 'spatial', manifold: 'plane', numTimeSteps: 1, c0: new Float64Array(n).fill(1), g1,
  observations: [{ y: Float64Array.from([1, 2, 3, 2]), timeIndex: new Int32Array(n), covariates: new Float64Array(n).fill(1),
    projector: csr(Array.from({ length: n }, (_, i) => [[i, 1]])), numCovariates: 1 }],
  fixedEffectsPriorPrecision: 0.001,
  priors: Array.from({ length: 3 }, () => ({ type: 'gaussian', mean: 1, precision: 1 })),
};
const { objective } = await loadNativeEngine().evaluate(model, Float64Array.from([1, 0, 1]));
console.log(Number.isFinite(objective) ? 'finite' : String(objective));
`;

let skip = existsSync(inRoot('dist', 'cli', 'main.js')) ? false : 'dist/ is not built; run `npm run setup`';
let packed = [];

if (skip === false) {
  // Not the script of prepack: set-up has built dist/ already.
  const packing = npm(['pack', '--json', '--ignore-scripts', '--pack-destination', folder], ROOT);
  assert.equal(packing.code, 0, packing.stderr);
  const answer = Object.values(JSON.parse(packing.stdout))[0];
  packed = answer.files.map(({ path }) => path);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'stranger', private: true, type: 'module' }));
  const installing = npm([...INSTALL, `./${answer.filename}`]);
  if (installing.code !== 0) {
    assert.match(installing.stderr, OFFLINE, installing.stderr);
    skip = 'npm reaches no registry, and its cache does not hold the dependencies of the package';
  }
}

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
    /\.test\.|^(bench|tests|build|\.)|\.map$|(?<!\.d)\.ts$|package-lock/.test(path),
  );
  assert.deepEqual(foreign, []);
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

test('its set-up says what is missing and asks for nothing of a checkout', { skip }, () => {
  const check = tramontana('setup', '--check');
  assert.equal(check.code, 1, check.stderr);
  assert.match(check.stdout, /Engine \(C\+\+\).*not built yet/);
  assert.doesNotMatch(check.stdout, /Node packages|TypeScript build|libgtest/);
  assert.match(check.stdout, /npx tramontana setup does the rest/);
});

test(
  'its set-up builds the engine from the package alone, and the engine computes',
  { skip, timeout: 1_400_000 },
  () => {
    const setup = tramontana('setup');
    assert.equal(setup.code, 0, `${setup.stdout}\n${setup.stderr}`);
    assert.ok(existsSync(inPackage('build', 'native', 'tramontana_engine.node')));
    const evaluated = program(EVALUATE);
    assert.equal(evaluated.stdout.trim(), 'finite', evaluated.stderr);
    assert.match(tramontana('doctor').stdout, /engine: version \d/);
    const again = tramontana('setup');
    assert.match(again.stdout, /build\/native is up to date/, 'a second set-up builds nothing');
  },
);
