// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import test from 'node:test';
import { localLinksOf } from '../infra/dev/markdown-links.mjs';
import { sourceFiles } from '../infra/dev/source-files.mjs';
import { ROOT } from '../infra/setup/core/paths.mjs';

/** The anchors that a Markdown page offers: its headings, as the usual renderers name them. */
function anchorsOf(text) {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function brokenLinks(file) {
  return localLinksOf(readFileSync(file, 'utf8'))
    .filter((target) => {
      const [path, anchor] = target.split('#');
      const page = path === '' ? file : join(dirname(file), path);
      if (!existsSync(page)) return true;
      return anchor !== undefined && !anchorsOf(readFileSync(page, 'utf8')).includes(anchor);
    })
    .map((target) => `${relative(ROOT, file)} -> ${target}`);
}

test('every link from one page to another, or to a heading, leads somewhere', () => {
  assert.deepEqual(sourceFiles(/\.md$/).flatMap(brokenLinks), []);
});
