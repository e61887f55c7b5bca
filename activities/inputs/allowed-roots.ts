// SPDX-License-Identifier: Apache-2.0
/**
 * Which files a workflow may name. Whoever may start a workflow does not thereby read and write what the worker's account can:
 * every path from outside is judged, before anything is asked of it, by where it really leads.
 *
 * @module
 */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { z } from 'zod';

import { pathOfFileUri, type ArtifactRef, type ArtifactStore } from '../../artifacts/index.js';
import { writeFileAtomic } from '../../common/atomic-file.js';
import { TramontanaError } from '../../common/errors.js';
import { withFileLock } from '../../common/file-lock.js';
import { isWithin, realPathOf } from '../../common/paths.js';
import type { PathJudge } from '../../common/regular-file.js';
import { shortened } from '../../common/text.js';

/** What a path is for. */
export type PathRole = 'configuration' | 'source' | 'artifact' | 'output';

/** Folders (or single files) for each role; everything below them is allowed. */
export interface RootOptions {
  /** Where `configUri` may point. Default: the worker's working folder. */
  readonly configurationRoots?: readonly string[];
  /** Where input files, elevation grids and truths may lie. Default: the worker's working folder. */
  readonly sourceRoots?: readonly string[];
  /** Where artifacts given to a fit may lie, besides the worker's own store. Default: none. */
  readonly artifactRoots?: readonly string[];
  /** Where `outputFolder` may point, besides `runsFolder`. Default: none. */
  readonly outputRoots?: readonly string[];
}

/** Judges the paths of a role. */
export interface AllowedRoots {
  /**
   * @param name - of the path in the input or the configuration, for the message
   * @param shown - the path as it was given, for the message; default: `path`
   * @throws {TramontanaError} `Input.OutsideRoots`; tells nothing about the file, not even whether it exists
   */
  require(role: PathRole, path: string, name: string, shown?: string): Promise<void>;
}

/** For a process of the person whose files they are: everything that this person may read and write. */
export const UNRESTRICTED_ROOTS: AllowedRoots = { require: () => Promise.resolve() };

const OPTION_OF: Readonly<Record<PathRole, keyof RootOptions>> = {
  configuration: 'configurationRoots',
  source: 'sourceRoots',
  artifact: 'artifactRoots',
  output: 'outputRoots',
};

const grantsSchema = z.partialRecord(z.enum(['configuration', 'source', 'output']), z.array(z.string()));

/** Paths that the person at the terminal named, by role. */
export type Grants = z.infer<typeof grantsSchema>;

const SHOWN_ROOTS = 5;

function grantsFile(stateFolder: string): string {
  return join(stateFolder, 'granted-paths.json');
}

async function readGrants(stateFolder: string): Promise<Grants> {
  try {
    return grantsSchema.parse(JSON.parse(await readFile(grantsFile(stateFolder), 'utf8')));
  } catch {
    return {};
  }
}

/**
 * Allows paths to the workers of a state folder, those that already run included: several commands share one server, and any of
 * their workers may take the run. For the command line, whose person names the paths; a workflow cannot write this file.
 */
export async function grantPaths(
  stateFolder: string,
  grants: Readonly<Partial<Record<keyof Grants, readonly string[]>>>,
): Promise<void> {
  const file = grantsFile(stateFolder);
  await withFileLock(`${file}.lock`, { timeoutMs: 30_000 }, async () => {
    const before = await readGrants(stateFolder);
    const roles = ['configuration', 'source', 'output'] as const;
    const merged = await Promise.all(
      roles.map(async (role): Promise<[string, string[]]> => {
        const added = await Promise.all((grants[role] ?? []).map(realPathOf));
        return [role, outermost([...(before[role] ?? []), ...added])];
      }),
    );
    await writeFileAtomic(file, `${JSON.stringify(Object.fromEntries(merged), null, 2)}\n`);
  });
}

/** The paths without those that lie below another one. */
function outermost(paths: readonly string[]): string[] {
  const distinct = [...new Set(paths)].sort();
  return distinct.filter((path) => !distinct.some((other) => other !== path && isWithin(other, path)));
}

/** The roots of a worker: its options, and what {@link grantPaths} has added to its state folder. */
export class WorkerRoots implements AllowedRoots {
  private readonly roots: Readonly<Record<PathRole, readonly string[]>>;
  private readonly stateFolder: string;

  constructor(
    options: RootOptions & {
      readonly stateFolder: string;
      readonly storeFolder: string;
      readonly runsFolder: string;
    },
  ) {
    const { configurationRoots = ['.'], sourceRoots = ['.'], artifactRoots = [], outputRoots = [] } = options;
    this.stateFolder = resolve(options.stateFolder);
    this.roots = {
      configuration: configurationRoots,
      source: sourceRoots,
      artifact: [options.storeFolder, ...artifactRoots],
      output: [options.runsFolder, ...outputRoots],
    };
  }

  async require(role: PathRole, path: string, name: string, shown = path): Promise<void> {
    const granted = role === 'artifact' ? [] : ((await readGrants(this.stateFolder))[role] ?? []);
    const roots = [...new Set([...this.roots[role], ...granted].map((root) => resolve(root)))];
    // a path that cannot be followed (a loop of links, a folder without permission) leads nowhere that is allowed
    const real = await realPathOf(path).catch(() => undefined);
    const inside = await Promise.all(
      roots.map(async (root) => real !== undefined && isWithin(await realRoot(root), real)),
    );
    if (inside.includes(true)) return;
    const named = roots.slice(0, SHOWN_ROOTS);
    const more = roots.length > named.length ? ` (and ${roots.length - named.length} more)` : '';
    throw new TramontanaError(
      'Input.OutsideRoots',
      `${name}: expected a path inside ${named.join(' or ')}${more}, got ${shortened(shown)}; ` +
        `the worker's option ${OPTION_OF[role]} allows other folders, see docs/operations.md`,
      { facts: { name, path: shown, role, option: OPTION_OF[role] } },
    );
  }
}

/** Judges an open file of a role, whose name was judged before: it may have been exchanged for a link meanwhile. */
export function judgeOf(roots: AllowedRoots, role: PathRole, path: string, name: string): PathJudge {
  return (realPath) => roots.require(role, realPath, name, path);
}

async function realRoot(root: string): Promise<string> {
  return realPathOf(root).catch(() => resolve(root));
}

/**
 * Judges the artifacts that a stage was given.
 *
 * @throws {TramontanaError} `Input.OutsideRoots`, `Input.Invalid`
 */
export async function requireArtifacts(
  { roots, store }: { readonly roots: AllowedRoots; readonly store: Pick<ArtifactStore, 'owns' | 'place'> },
  refs: Readonly<Record<string, ArtifactRef>>,
): Promise<void> {
  for (const [name, ref] of Object.entries(refs)) {
    if (ref.uri.startsWith('s3:')) {
      if (store.owns(ref)) continue;
      throw new TramontanaError(
        'Input.OutsideRoots',
        `inputs.${name}: expected an artifact of the worker's store, ${store.place}, got ${shortened(ref.uri)}`,
        { facts: { name, uri: ref.uri, role: 'artifact' } },
      );
    }
    await roots.require('artifact', pathOfFileUri(ref.uri, `inputs.${name}`), `inputs.${name}`);
  }
}
