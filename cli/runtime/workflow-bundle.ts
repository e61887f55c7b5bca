// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';

import { bundleWorkflowCode, type BundleOptions, type Logger } from '@temporalio/worker';

import { workflowsPath } from '../../client/workflows-path.js';
import { writeFileAtomic } from '../../common/atomic-file.js';
import { sha256Hex } from '../../common/hash.js';

/** Statements that load a file of ours; types vanish when compiled. */
const OWN_IMPORT = /^(?:import|export)\s+(?!type\b)[^;]*?from\s+['"](\.{1,2}\/[^'"]+)['"]/gmu;

/** The code of a file and of all that it loads, by path. */
async function codeFrom(entry: string, found = new Map<string, string>()): Promise<ReadonlyMap<string, string>> {
  if (found.has(entry)) return found;
  const code = await readFile(entry, 'utf8');
  found.set(entry, code);
  for (const [, specifier = ''] of code.matchAll(OWN_IMPORT)) {
    const path = join(dirname(entry), specifier);
    // sources that run uncompiled name each other as they will be called
    await codeFrom(entry.endsWith('.ts') ? path.replace(/\.js$/u, '.ts') : path, found);
  }
  return found;
}

/** What goes into a bundle besides the workflows. */
export type BundleExtras = Pick<BundleOptions, 'failureConverterPath' | 'workflowInterceptorModules'>;

/** Of everything that the bundle is made of and that changes: our code, the version of the SDK, and what goes with them. */
export async function bundleKey(entry: string, extras: BundleExtras = {}): Promise<string> {
  const folder = dirname(entry);
  const sources = [...(await codeFrom(entry))]
    .map(([path, code]) => `${relative(folder, path)}:${sha256Hex(code)}`)
    .sort();
  const manifest = createRequire(import.meta.url).resolve('@temporalio/workflow/package.json');
  const { version } = JSON.parse(await readFile(manifest, 'utf8')) as { version: string };
  const added = Object.values(extras).flat();
  return sha256Hex([version, ...sources, ...added].join('\n')).slice(0, 16);
}

/**
 * The bundle of the workflows, made once for each state of their code: bundling takes longer than a run that computes nothing.
 *
 * @param cacheFolder - where bundles are kept
 * @param logger - told what the bundler says; it would write plain text to standard error
 * @param extras - besides the workflows
 * @returns the file of the bundle
 */
export async function cachedWorkflowBundle(
  cacheFolder: string,
  logger: Logger,
  extras: BundleExtras = {},
): Promise<string> {
  const entry = workflowsPath();
  const path = join(cacheFolder, `workflow-bundle-${await bundleKey(entry, extras)}.js`);
  const exists = await readFile(path).then(
    () => true,
    () => false,
  );
  if (!exists) {
    const { code } = await bundleWorkflowCode({ workflowsPath: entry, logger, ...extras });
    await writeFileAtomic(path, code);
  }
  return path;
}
