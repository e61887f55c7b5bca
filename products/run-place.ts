// SPDX-License-Identifier: Apache-2.0
/** Where the versions of a run lie, and how they are named. */
import { join } from 'node:path';

/** Which run, and below which root. */
export interface RunPlace {
  /** Root of all runs. */
  readonly runsFolder: string;
  readonly domain: string;
  /** UTC day, YYYY-MM-DD. */
  readonly cycle: string;
}

/** Folder of a domain that holds the versions of its runs. */
export const VERSIONS_FOLDER = '.versions';

/** Begins the name of a link that is not in place yet. */
export const NEW_LINK_PREFIX = '.link-';

/** Stands in the name of a version that was a plain folder of an older release. */
export const PRIOR_TOKEN = 'prior';

/** `<cycle>-<process>-<random>`: only folders with such a name are ever removed. */
export const VERSION_NAME = /^(?<cycle>\d{4}-\d{2}-\d{2})-(?<origin>\d+|prior)-[0-9a-f]{8}$/u;

/** `<runsFolder>/<domain>/<cycle>`. */
export function linkPath({ runsFolder, domain, cycle }: RunPlace): string {
  return join(runsFolder, domain, cycle);
}

/** Through which the files of a plain folder of an older release lead to a version. */
export function pointerPath({ runsFolder, domain, cycle }: RunPlace): string {
  return join(runsFolder, domain, VERSIONS_FOLDER, `.current-${cycle}`);
}

/** What the link of a run holds; relative, so that the folder of all runs can be moved. */
export function versionTarget(name: string): string {
  return join(VERSIONS_FOLDER, name);
}
