// SPDX-License-Identifier: Apache-2.0
/**
 * Completes package-lock.json: npm leaves out the packages for other platforms that it could not look up when the lock was written, and `npm ci`
 * then refuses the lock on every platform. Each missing optional package gets an entry with the version that its owner asks for exactly, and with the platform that its
 * name tells. Such an entry has no hash, so npm looks the package up where that platform installs it; here it is skipped.
 *
 * Run after `npm install`: `node infra/dev/complete-lock.mjs`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { inRoot } from '../setup/core/paths.mjs';

const LOCK_FILE = inRoot('package-lock.json');
const EXACT_VERSION = /^\d+\.\d+\.\d+(-[\w.]+)?$/;
const SYSTEMS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const PROCESSORS = ['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64'];

/** Platform in the last parts of a package name: `core-linux-arm64-musl` is {os: linux, cpu: arm64, libc: musl}; null when there is none. */
export function platformOf(name) {
  const parts = name.split('/').at(-1).split('-');
  const position = parts.findIndex((part, index) => SYSTEMS.includes(part) && PROCESSORS.includes(parts[index + 1]));
  if (position < 0) return null;
  const abi = parts[position + 2];
  const libc =
    parts[position] !== 'linux'
      ? undefined
      : abi?.startsWith('musl')
        ? 'musl'
        : abi?.startsWith('gnu')
          ? 'glibc'
          : undefined;
  return { os: parts[position], cpu: parts[position + 1], libc };
}

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

function entryFor({ owner, name, range }, ownerEntry) {
  const platform = platformOf(name);
  if (platform === null || !EXACT_VERSION.test(range)) {
    throw new Error(
      `${owner} asks for the optional ${name} ${range}: expected an exact version and a platform in the name; look it up by hand`,
    );
  }
  const { os, cpu, libc } = platform;
  return {
    version: range,
    cpu: [cpu],
    ...(libc === undefined ? {} : { libc: [libc] }),
    ...(ownerEntry.dev === true ? { dev: true } : {}),
    optional: true,
    os: [os],
  };
}

function main() {
  const lock = JSON.parse(readFileSync(LOCK_FILE, 'utf8'));
  const missing = missingOptionalPackages(lock.packages);
  for (const wanted of missing)
    lock.packages[`node_modules/${wanted.name}`] = entryFor(wanted, lock.packages[wanted.owner]);
  const order = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
  lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => order(a, b)));
  writeFileSync(LOCK_FILE, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(`${missing.length} entries added to package-lock.json`);
}

if (process.argv[1] === import.meta.filename) main();
