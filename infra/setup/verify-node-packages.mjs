// SPDX-License-Identifier: Apache-2.0
/**
 * Loads every package with an install script, and every package with a native part that the product uses, without having run any
 * script. Run in a process of its own: a broken native part may end it.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { inRoot } from './core/paths.mjs';

const NATIVE_PACKAGES = ['@napi-rs/canvas', '@temporalio/core-bridge', 'unrs-resolver'];

/** What shows that a package works; loading it is enough for the others. */
const PROOFS = {
  esbuild: (loaded) => loaded.transformSync('let a: number = 1', { loader: 'ts' }).code.includes('let a = 1'),
  '@swc/core': (loaded) => loaded.transformSync('const a = 1').code.includes('a = 1'),
  '@napi-rs/canvas': (loaded) => loaded.createCanvas(2, 2).encodeSync('png').length > 0,
};

/** Install scripts that only matter on other platforms are not looked at. */
const PLATFORM_ONLY = new Set(['fsevents']);

const requireFromRoot = createRequire(inRoot('package.json'));
const installed = JSON.parse(readFileSync(inRoot('node_modules', '.package-lock.json'), 'utf8')).packages;
const nameOf = (path) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
const withScript = Object.keys(installed).filter((path) => installed[path].hasInstallScript === true);
const native = NATIVE_PACKAGES.map((name) => `node_modules/${name}`).filter((path) => path in installed);

let failures = 0;
for (const path of new Set([...withScript, ...native])) {
  const name = nameOf(path);
  if (PLATFORM_ONLY.has(name)) continue;
  try {
    const loaded = requireFromRoot(inRoot(path));
    const proof = PROOFS[name];
    if (proof !== undefined && !proof(loaded)) throw new Error('it loads, but its first call gives a wrong answer');
    console.log(`${name} ${installed[path].version} works without its install script`);
  } catch (error) {
    failures += 1;
    console.error(`${name} ${installed[path].version} does not work without its install script: ${error.message}`);
  }
}
process.exitCode = failures === 0 ? 0 : 1;
