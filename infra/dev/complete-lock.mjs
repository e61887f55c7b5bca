// SPDX-License-Identifier: Apache-2.0
/**
 * Completes package-lock.json: npm leaves out the packages for other platforms that it could not look up when the lock was written, and `npm ci`
 * then refuses the lock on those platforms, or takes a package there whose hash nobody knows. npm is made to look them up again; without an answer for each, this
 * ends with an error. The addresses of the registry are taken out.
 *
 * Run after `npm install`: `node infra/dev/complete-lock.mjs`.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { npmCommand } from '../setup/core/npm.mjs';
import { inRoot, ROOT } from '../setup/core/paths.mjs';

const LOCK_FILE = inRoot('package-lock.json');

/** Whether a package that lies at `path` finds `name`, in its own folder or in one above it. */
function resolves(packages, path, name) {
  for (let folder = path; ;) {
    if (`${folder === '' ? '' : `${folder}/`}node_modules/${name}` in packages) return true;
    if (folder === '') return false;
    const end = folder.lastIndexOf('/node_modules/');
    folder = end < 0 ? '' : folder.slice(0, end);
  }
}

/** Optional packages that an entry names and that have no entry: `{owner, name, range}`. */
export function missingOptionalPackages(packages) {
  return Object.entries(packages).flatMap(([owner, entry]) =>
    Object.entries(entry.optionalDependencies ?? {})
      .filter(([name]) => !resolves(packages, owner, name))
      .map(([name, range]) => ({ owner, name, range })),
  );
}

/** Entries that npm could not verify: what was looked up under another registry or another platform may lack its hash. */
export function entriesWithoutHash(packages) {
  return Object.keys(packages).filter(
    (path) => path !== '' && packages[path].link !== true && packages[path].integrity === undefined,
  );
}

/** npm looks up what the lock does not hold, and only that: the versions of all other entries stay. */
function lookUp() {
  const [program, ...rest] = npmCommand();
  const args = [...rest, 'install', '--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund'];
  const { status } = spawnSync(program, args, { cwd: ROOT, stdio: 'inherit' });
  if (status !== 0) throw new Error(`npm install --package-lock-only: expected exit code 0, got ${status}`);
}

const readLock = () => JSON.parse(readFileSync(LOCK_FILE, 'utf8'));
const writeLock = (lock) => writeFileSync(LOCK_FILE, `${JSON.stringify(lock, null, 2)}\n`);

function main() {
  const lock = readLock();
  const unhashed = entriesWithoutHash(lock.packages);
  for (const path of unhashed) delete lock.packages[path];
  if (unhashed.length > 0 || missingOptionalPackages(lock.packages).length > 0) {
    writeLock(lock);
    lookUp();
  }
  const complete = readLock();
  // Without an address every registry serves; the hash says whether it serves the right thing.
  for (const entry of Object.values(complete.packages)) delete entry.resolved;
  writeLock(complete);
  const open = [
    ...missingOptionalPackages(complete.packages).map(({ owner, name }) => `${name}, which ${owner} names`),
    ...entriesWithoutHash(complete.packages),
  ];
  if (open.length > 0)
    throw new Error(`package-lock.json: expected a hash for every package, none for ${open.join(', ')}`);
  console.log('package-lock.json holds every package for every platform, with its hash');
}

if (process.argv[1] === import.meta.filename) main();
