// SPDX-License-Identifier: Apache-2.0
/**
 * Step 1: compiler, CMake and libraries of the operating system. What is there is found by looking for the program or header that is needed,
 * so a machine that has them from elsewhere than apt is content too.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { capture, findOnPath, runOrThrow } from '../core/command.mjs';
import { SetupError } from '../core/errors.mjs';
import { IS_CHECKOUT, LOG_FOLDER } from '../core/paths.mjs';
import { say } from '../core/terminal.mjs';
import { findUsableCli } from '../temporal/local-cli.mjs';

const APT_LISTS = '/var/lib/apt/lists';
const PREFIXES = ['/usr/include', '/usr/local/include'];

const onPath = (program) => () => findOnPath(program) !== null;

/** Debian keeps daemons where a person's PATH does not look. */
const onDaemonPath = (program) => () => findOnPath(program) !== null || existsSync(join('/usr/sbin', program));

/** A header below the usual include folders, those of the machine's architecture included (/usr/include/x86_64-linux-gnu). */
const header = (path) => () =>
  PREFIXES.some((prefix) => {
    if (!existsSync(prefix)) return false;
    const folders = [
      prefix,
      ...readdirSync(prefix)
        .filter((name) => name.endsWith('-linux-gnu'))
        .map((name) => join(prefix, name)),
    ];
    return folders.some((folder) => existsSync(join(folder, path)));
  });

/** pip only carries wheels to this machine; without need of one it is not asked for. */
const hasPipOrNeedsNone = () => findUsableCli() !== null || capture('python3', ['-m', 'pip', '--version']) !== null;

/** Without a `required` package the build cannot work, but an installed package has no tests to build; without the others some checks or fallbacks are missing. */
export const PACKAGES = [
  { name: 'g++', required: true, present: onPath('g++') },
  { name: 'cmake', required: true, present: onPath('cmake') },
  { name: 'make', required: true, present: onPath('make') },
  { name: 'ninja-build', required: false, present: onPath('ninja') },
  { name: 'libopenblas-dev', required: true, present: header('cblas.h') },
  { name: 'liblapacke-dev', required: true, present: header('lapacke.h') },
  { name: 'libeigen3-dev', required: true, present: header('eigen3/Eigen/Core') },
  { name: 'libgtest-dev', required: true, onlyForTests: true, present: header('gtest/gtest.h') },
  { name: 'libopenmpi-dev', required: false, present: onPath('mpicxx') },
  { name: 'openmpi-bin', required: false, present: onPath('mpirun') },
  // a SLURM of one node, which tests start for themselves
  { name: 'slurm-wlm', required: false, onlyForTests: true, present: onDaemonPath('slurmctld') },
  { name: 'munge', required: false, onlyForTests: true, present: onDaemonPath('munged') },
  { name: 'netcdf-bin', required: false, onlyForTests: true, present: onPath('ncdump') },
  { name: 'python3-pip', required: false, present: hasPipOrNeedsNone },
];

const missingPackages = () =>
  PACKAGES.filter((entry) => !entry.present() && (IS_CHECKOUT || entry.onlyForTests !== true));

/** How apt may be called: directly, through sudo without a question, or not at all. */
function aptPrefix() {
  if (findOnPath('apt-get') === null) return null;
  if (process.getuid?.() === 0) return [];
  return findOnPath('sudo') !== null && capture('sudo', ['-n', 'true']) !== null ? ['sudo', '-n'] : null;
}

/** As whom apt is called, said before it is: a change of the system under other rights is never made in silence. */
export const howAptIsCalled = (prefix) =>
  prefix.length === 0 ? 'as root' : `with administrator rights, by ${prefix.join(' ')}`;

function hasPackageLists() {
  return existsSync(APT_LISTS) && readdirSync(APT_LISTS).some((name) => name.includes('_Packages'));
}

async function apt(prefix, args, progress, append) {
  const command = [
    ...prefix,
    'env',
    'DEBIAN_FRONTEND=noninteractive',
    'apt-get',
    '-o',
    'DPkg::Lock::Timeout=300',
    '-y',
    ...args,
  ];
  await runOrThrow(`apt-get ${args[0]}`, command[0], command.slice(1), {
    logFile: join(LOG_FOLDER, 'system-packages.log'),
    append,
    onLine: (line) => progress.output(line),
  });
}

async function install(prefix, names, progress) {
  const installArgs = ['install', '--no-install-recommends', ...names];
  let updated = false;
  if (!hasPackageLists()) {
    progress.note('apt-get update: this machine has no package lists yet');
    await apt(prefix, ['update'], progress, false);
    updated = true;
  }
  progress.note(`apt-get install ${names.join(' ')}`);
  try {
    await apt(prefix, installArgs, progress, true);
  } catch (error) {
    if (updated) throw error;
    progress.note(
      'the install failed with the package lists of this machine, which may be old: apt-get update, then once more',
    );
    await apt(prefix, ['update'], progress, true);
    await apt(prefix, installArgs, progress, true);
  }
}

export const systemPackages = {
  id: 'system-packages',
  title: 'System packages',

  check() {
    const missing = missingPackages();
    if (missing.length === 0)
      return {
        ready: true,
        detail: `compiler, CMake, OpenBLAS, LAPACKE, Eigen, MPI${IS_CHECKOUT ? ', NetCDF tools' : ''}`,
      };
    const needed = missing.filter((entry) => entry.required);
    if (needed.length === 0 && aptPrefix() === null) {
      return { ready: true, detail: `enough to build; without ${missing.map((entry) => entry.name).join(', ')}` };
    }
    return { ready: false, detail: `missing: ${missing.map((entry) => entry.name).join(', ')}` };
  },

  async run(progress) {
    const names = missingPackages().map((entry) => entry.name);
    const prefix = aptPrefix();
    if (prefix === null) {
      const command = `apt-get update && apt-get install --no-install-recommends ${names.join(' ')}`;
      throw new SetupError(
        findOnPath('apt-get') === null
          ? `these packages are missing (Debian names): ${names.join(' ')}. This system has no apt-get: install their counterparts, then start again.`
          : `system packages are missing, and apt-get needs an administrator. Run this one command, then start again:\n\n  sudo sh -c '${command}'\n`,
      );
    }
    say(`      ${howAptIsCalled(prefix)}: apt-get install ${names.join(' ')}`);
    await install(prefix, names, progress);
    const still = missingPackages().filter((entry) => entry.required);
    if (still.length > 0) {
      throw new SetupError(
        `apt-get succeeded, but these packages still lack what is needed of them: ${still.map((entry) => entry.name).join(', ')}`,
      );
    }
    return `installed ${names.join(', ')}`;
  },
};
