// SPDX-License-Identifier: Apache-2.0
/** Finds a Temporal CLI that is already on this machine: named by the user, on the PATH, or in the project's cache. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { capture, findOnPath } from '../core/command.mjs';
import { CACHE_BIN_FOLDER } from '../core/paths.mjs';
import { readStamp, writeStamp } from '../core/stamps.mjs';

/** Worker and client 1.24 run against the server of CLI 1.5; older ones were not tried. */
export const MINIMUM_VERSION = '1.5.0';
/** From here on a running activity can be paused and reset, which the operations manual makes use of. */
export const COMFORTABLE_VERSION = '1.7.0';
export const CACHED_CLI = join(CACHE_BIN_FOLDER, 'temporal');
export const CLI_VARIABLE = 'TRAMONTANA_TEMPORAL_CLI';

const STAMP = 'temporal-cli';

/** Negative, zero or positive as version `a` is older than, equal to or newer than `b`. */
export function compareVersions(a, b) {
  const left = a.split('.').map(Number);
  const right = b.split('.').map(Number);
  for (let index = 0; index < 3; index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The version in the output of `temporal --version`, or null. */
export const parseVersion = (text) => /temporal version v?(\d+\.\d+\.\d+)/i.exec(text ?? '')?.[1] ?? null;

/** Version of a CLI; a file that has not changed since it was last asked is not started again (it takes a good tenth of a second). */
function versionOf(path) {
  let file;
  try {
    file = statSync(path);
  } catch {
    return null;
  }
  const identity = `${path}:${file.size}:${file.mtimeMs}`;
  const stamp = readStamp(STAMP);
  if (stamp?.identity === identity) return stamp.version;
  const version = parseVersion(capture(path, ['--version']));
  if (version !== null) writeStamp(STAMP, { identity, version });
  return version;
}

/**
 * Looks at one place.
 *
 * @returns {{path: string, version: string, source: string} | {reason: string}} the CLI, or why this place has none
 */
export function inspectCli(path, source) {
  if (path === null) return { reason: `${source}: none` };
  const version = versionOf(path);
  if (version === null) return { reason: `${source}: ${path} is absent or does not answer to --version` };
  if (compareVersions(version, MINIMUM_VERSION) < 0) {
    return { reason: `${source}: ${path} is version ${version}, at least ${MINIMUM_VERSION} is needed` };
  }
  return { path, version, source };
}

/** The places in the order in which they are asked. */
export function localPlaces() {
  const named = process.env[CLI_VARIABLE];
  return [
    { source: `$${CLI_VARIABLE}`, path: named === undefined || named === '' ? null : named },
    { source: 'PATH', path: findOnPath('temporal') },
    { source: 'project cache', path: CACHED_CLI },
  ];
}

/**
 * The first usable CLI of this machine.
 *
 * @param {(line: string) => void} [tell] hears why a place fell through
 * @returns {{path: string, version: string, source: string} | null}
 */
export function findUsableCli(tell = () => {}) {
  for (const { path, source } of localPlaces()) {
    const found = inspectCli(path, source);
    if ('path' in found) return found;
    tell(found.reason);
  }
  return null;
}
