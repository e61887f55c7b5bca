// SPDX-License-Identifier: Apache-2.0
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import { bundleWorkflowCode } from '@temporalio/worker';

import { workflowsPath } from '../../client/index.js';
import { writeFileAtomic } from '../../common/atomic-file.js';
import { sha256Hex } from '../../common/hash.js';

/** Everything that the bundle is made of and that changes: our workflow code and the version of the SDK. */
async function bundleKey(entry: string): Promise<string> {
  const folder = dirname(entry);
  const names = (await readdir(folder)).filter((name) => /\.[jt]s$/u.test(name) && !name.endsWith('.d.ts')).sort();
  const sources = await Promise.all(
    names.map(async (name) => `${name}:${sha256Hex(await readFile(join(folder, name)))}`),
  );
  const manifest = createRequire(import.meta.url).resolve('@temporalio/workflow/package.json');
  const { version } = JSON.parse(await readFile(manifest, 'utf8')) as { version: string };
  return sha256Hex([version, ...sources].join('\n')).slice(0, 16);
}

/**
 * The bundle of the workflows, made once for each state of their code: bundling takes longer than a run that computes nothing.
 *
 * @param cacheFolder - where bundles are kept
 * @returns the file of the bundle
 */
export async function cachedWorkflowBundle(cacheFolder: string): Promise<string> {
  const entry = workflowsPath();
  const path = join(cacheFolder, `workflow-bundle-${await bundleKey(entry)}.js`);
  const exists = await readFile(path).then(
    () => true,
    () => false,
  );
  if (!exists) await writeFileAtomic(path, (await bundleWorkflowCode({ workflowsPath: entry })).code);
  return path;
}
