// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

import { workflowsPath } from '../../client/index.js';
import { bundleKey } from './workflow-bundle.js';

test('the bundle of the workflows is made anew when anything in it changes, whichever room it is of', async (context) => {
  const root = dirname(dirname(workflowsPath()));
  const copy = await mkdtemp(join(tmpdir(), 'tramontana-bundle-'));
  context.after(() => rm(copy, { recursive: true, force: true }));
  for (const room of ['workflows', 'pipeline', 'common'])
    await cp(join(root, room), join(copy, room), { recursive: true });
  const entry = join(copy, workflowsPath().slice(root.length + 1));
  const extension = entry.slice(entry.lastIndexOf('.'));
  const before = await bundleKey(entry);
  assert.equal(await bundleKey(workflowsPath()), before);
  for (const file of ['workflows/tiles', 'pipeline/stages', 'common/text']) {
    const path = join(copy, `${file}${extension}`);
    const code = await readFile(path, 'utf8');
    await writeFile(path, `${code}\n// changed`);
    assert.notEqual(await bundleKey(entry), before, file);
    await writeFile(path, code);
  }
  assert.equal(await bundleKey(entry), before);
  await writeFile(join(copy, `common/days${extension}`), 'nothing that a workflow loads');
  assert.equal(await bundleKey(entry), before);
});
