// SPDX-License-Identifier: Apache-2.0
/** The tags of errors, held against the code that throws them and the page that explains them. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { test } from 'node:test';

import { ERROR_TAGS } from '../../common/error-tags.js';
import { sourceFiles } from '../../infra/dev/source-files.mjs';
import { inRoot, ROOT } from '../../infra/setup/core/paths.mjs';

const PAGE = 'docs/reference/errors.md';
const text = (file) => readFileSync(file, 'utf8');
const path = (file) => relative(ROOT, file).replaceAll('\\', '/');

const registered = ERROR_TAGS;
const rows = [...text(inRoot(...PAGE.split('/'))).matchAll(/^\| `([\w.]+)` *\|(.+)\|(.+)\|$/gmu)];

/** Code without its comments, and without the places where a tag is only asked for. */
function throwing(file) {
  return text(file)
    .replaceAll(/\/\*[\s\S]*?\*\//gu, '')
    .replaceAll(/^\s*\/\/.*$/gmu, '')
    .replaceAll(/isTramontanaError\([^()]*\)/gu, '')
    .replaceAll(/===\s*'[\w.]+'/gu, '')
    .replaceAll(/new Set\(\[[^\]]*\]\)/gu, '');
}

const typescript = sourceFiles(/(?<!\.test)\.ts$/u)
  .filter((file) => !/^(?:common\/error-tags\.ts|tests\/|samples\/)/u.test(path(file)))
  .map(throwing)
  .join('\n');
const engine = sourceFiles(/\.[ch]pp$/u)
  .filter((file) => /^inference-core\/(?!tests\/|examples\/)/u.test(path(file)))
  .map(text)
  .join('\n');
const thrownByEngine = [...engine.matchAll(/(?:\bError\(|return \{)"([A-Z]\w+)"/gu)].map(([, tag]) => `Engine.${tag}`);
const literals = [...typescript.matchAll(/['`]([A-Z][A-Za-z]+\.[A-Z][A-Za-z]+)['`]/gu)].map(([, tag]) => tag);
const thrown = new Set([...literals, ...thrownByEngine]);

test('every tag that is registered is thrown, once in the list', () => {
  assert.deepEqual(
    registered.filter((tag, position) => !thrown.has(tag) || registered.indexOf(tag) !== position),
    [],
  );
});

test('every tag that the engine throws is registered; those of TypeScript are by their type', () => {
  assert.ok(thrownByEngine.length >= 5, 'tags are found in the sources of the engine');
  assert.deepEqual(
    thrownByEngine.filter((tag) => !registered.includes(tag)),
    [],
  );
});

test('types of Temporal failures, which no type checks, are registered', () => {
  const types = [...typescript.matchAll(/\btype: '([A-Z][A-Za-z]+\.[A-Z][A-Za-z]+)'/gu)].map(([, tag]) => tag);
  assert.ok(types.length > 0, 'failures with a type are found');
  assert.deepEqual(
    types.filter((tag) => !registered.includes(tag)),
    [],
  );
});

test(`${PAGE} explains every tag, in the order of the list, and says what helps`, () => {
  assert.deepEqual(
    rows.map(([, tag]) => tag),
    registered,
  );
  for (const [, tag, happened, helps] of rows) {
    for (const sentence of [happened, helps]) assert.match(sentence.trim(), /^\S.*\.$/u, tag);
  }
});
