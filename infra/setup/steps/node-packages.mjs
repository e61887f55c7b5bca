// SPDX-License-Identifier: Apache-2.0
/**
 * Step 2: the npm packages of package-lock.json. Their install scripts are not run (newer npm versions leave them out anyway): every native part
 * that the project uses comes prebuilt inside a package, and this step loads each of them to be sure.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runOrThrow } from '../core/command.mjs';
import { inRoot, LOG_FOLDER } from '../core/paths.mjs';
import { npmCommand } from '../core/npm.mjs';
import { fingerprint, readStamp, writeStamp } from '../core/stamps.mjs';

const LOCK_FILE = inRoot('package-lock.json');
const INSTALLED_LOCK_FILE = inRoot('node_modules', '.package-lock.json');
const logFile = join(LOG_FOLDER, 'node-packages.log');

const inputs = () =>
  fingerprint([LOCK_FILE], {
    node: process.versions.modules,
    platform: `${process.platform}-${process.arch}`,
  });

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages ?? {};
  } catch {
    return null;
  }
}

/**
 * Whether node_modules holds exactly the versions of the lock file. npm keeps its own list of what it installed; packages for other platforms
 * are optional there and may be absent.
 *
 * @returns {string | null} the first difference, or null when there is none
 */
export function firstDifference(wanted, installed) {
  if (installed === null) return 'node_modules is absent or incomplete';
  for (const [path, entry] of Object.entries(wanted ?? {})) {
    if (path === '' || entry.link === true) continue;
    const found = installed[path];
    if (found === undefined) {
      if (entry.optional === true || entry.peer === true) continue;
      return `${path} is not installed`;
    }
    if (found.version !== entry.version) return `${path} is ${found.version}, the lock file asks for ${entry.version}`;
  }
  return null;
}

async function verify(progress) {
  await runOrThrow(
    'prebuilt parts of the npm packages',
    process.execPath,
    [inRoot('infra', 'setup', 'verify-node-packages.mjs')],
    {
      logFile,
      append: true,
      onLine: (line) => progress.note(line),
    },
  );
}

export const nodePackages = {
  id: 'node-packages',
  title: 'Node packages',

  check() {
    const difference = firstDifference(readPackages(LOCK_FILE), readPackages(INSTALLED_LOCK_FILE));
    if (difference !== null) return { ready: false, detail: difference };
    const stamp = readStamp('node-packages');
    if (stamp?.inputs !== inputs())
      return { ready: false, detail: 'the packages of this lock file have not been verified yet' };
    return { ready: true, detail: `as in package-lock.json, Node ${process.versions.node}` };
  },

  async run(progress) {
    const difference = firstDifference(readPackages(LOCK_FILE), readPackages(INSTALLED_LOCK_FILE));
    if (difference !== null) {
      progress.note(`npm ci --ignore-scripts: ${difference}`);
      const [program, ...rest] = npmCommand();
      await runOrThrow('npm ci', program, [...rest, 'ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
        logFile,
        onLine: (line) => progress.output(line),
        // A production setting in the environment would leave the compiler out.
        env: { NODE_ENV: 'development', npm_config_omit: '' },
      });
    }
    await verify(progress);
    writeStamp('node-packages', { inputs: inputs() });
    return difference === null ? 'already installed, now verified' : 'installed and verified';
  },
};
