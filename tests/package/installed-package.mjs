// SPDX-License-Identifier: Apache-2.0
/**
 * The package as a stranger gets it: packed, and installed by npm into an empty folder outside the checkout. No file of the checkout is
 * in reach of what runs there.
 */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { npmCommand } from '../../infra/setup/core/npm.mjs';
import { inRoot, ROOT } from '../../infra/setup/core/paths.mjs';
import { findUsableCli } from '../../infra/setup/temporal/local-cli.mjs';

/** npm cannot reach its registry, and its cache does not hold what it asks for. */
const OFFLINE = /ENOTCACHED|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EIDLETIMEOUT/;
const INSTALL = ['install', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund'];

/** A chain of nodes with one observation each, days apart; its log posterior is a number that only the engine can give. */
export const EVALUATE = `
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

/**
 * Packs and installs.
 *
 * @param {readonly string[]} examples - folders of examples/ that are copied beside the package and installed with it, from the
 *   tarball
 * @returns {object} `skip` (a reason, or false), `packed` (the paths in the tarball), `bytes` of the tarball, `inPackage` and
 *   `inFolder`, and ways to run things there: `tramontana(...args)`, `program(text)`, `npm(args, cwd)` and `run(program, args)`, each
 *   with `code`, `stdout`, `stderr`; `start(program, args, cwd, variables)` gives the process; `remove()` at the end
 */
export function installPackage(examples = []) {
  const folder = mkdtempSync(join(tmpdir(), 'tramontana-package-'));
  // The folder is new each time: a compiler cache, where one is set, must not tell it from the last one.
  const environment = { ...process.env, CCACHE_BASEDIR: folder, CCACHE_NOHASHDIR: '1', NO_COLOR: '1' };
  for (const name of Object.keys(environment)) if (/^(npm_|NODE_)/.test(name)) delete environment[name];
  environment.TRAMONTANA_TEMPORAL_CLI = findUsableCli()?.path ?? '';

  function run(program, args, cwd = folder) {
    const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, env: environment, encoding: 'utf8' });
    return { code: status, stdout: stdout ?? '', stderr: `${stderr ?? ''}${error?.message ?? ''}` };
  }
  const npm = (args, cwd) => run(npmCommand()[0], [...npmCommand().slice(1), ...args], cwd);
  const installed = {
    skip: existsSync(inRoot('dist', 'cli', 'main.js')) ? false : 'dist/ is not built; run `npm run setup`',
    packed: [],
    bytes: 0,
    inFolder: (...parts) => join(folder, ...parts),
    inPackage: (...parts) => join(folder, 'node_modules', 'tramontana', ...parts),
    run,
    npm,
    start: (program, args, cwd, variables) =>
      spawn(program, args, { cwd, env: { ...environment, ...variables }, stdio: ['ignore', 'pipe', 'pipe'] }),
    tramontana: (...args) => run(process.execPath, [join(folder, 'node_modules', '.bin', 'tramontana'), ...args]),
    program: (text) => run(process.execPath, ['--input-type=module', '-e', text]),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
  if (installed.skip !== false) return installed;
  // Not the script of prepack: set-up has built dist/ already.
  const packing = npm(['pack', '--json', '--ignore-scripts', '--pack-destination', folder], ROOT);
  assert.equal(packing.code, 0, packing.stderr);
  const answer = Object.values(JSON.parse(packing.stdout))[0];
  installed.bytes = answer.size;
  installed.packed = answer.files.map(({ path }) => path);
  const stranger = { name: 'stranger', private: true, type: 'module', workspaces: examples };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(stranger));
  for (const example of examples) {
    cpSync(inRoot('examples', example), join(folder, example), { recursive: true });
    const file = join(folder, example, 'package.json');
    const manifest = JSON.parse(readFileSync(file, 'utf8'));
    manifest.dependencies.tramontana = `file:../${answer.filename}`;
    writeFileSync(file, JSON.stringify(manifest));
  }
  const installing = npm([...INSTALL, `./${answer.filename}`]);
  if (installing.code !== 0) {
    assert.match(installing.stderr, OFFLINE, installing.stderr);
    installed.skip = 'npm reaches no registry, and its cache does not hold the dependencies of the package';
  }
  return installed;
}
