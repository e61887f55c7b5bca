// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { sourceFiles } from '../infra/dev/source-files.mjs';
import { inRoot } from '../infra/setup/core/paths.mjs';

/** Keys in square brackets: `[Rue2009]`, `[Cody1969, eq. 2]`, `[Takahashi1973; Rue2009]`. */
const citedKeys = (text) =>
  [...text.matchAll(/\[([^[\]]*)\]/g)].flatMap(([, inside]) => inside.match(/\b[A-Z][A-Za-z]+(?:19|20)\d\d\b/g) ?? []);

const bibliography = [...readFileSync(inRoot('references.bib'), 'utf8').matchAll(/^@\w+\{(\w+),/gm)].map(
  ([, key]) => key,
);
const cited = new Set(
  sourceFiles(/\.(ts|mjs|cpp|hpp|md)$/)
    .filter((file) => file !== import.meta.filename)
    .flatMap((file) => citedKeys(readFileSync(file, 'utf8'))),
);

test('every cited key is in the bibliography', () => {
  assert.deepEqual(
    [...cited].filter((key) => !bibliography.includes(key)),
    [],
  );
});

test('every entry of the bibliography is cited, and stands once', () => {
  assert.deepEqual(
    bibliography.filter((key, position) => !cited.has(key) || bibliography.indexOf(key) !== position),
    [],
  );
});

test('every section of the mathematics that code or a page names is there', () => {
  const page = readFileSync(inRoot('docs', 'mathematics.md'), 'utf8');
  const sections = [...page.matchAll(/^## (\d+)\. /gm)].map(([, number]) => number);
  const named = sourceFiles(/\.(ts|mjs|cpp|hpp|md)$/)
    .filter((file) => file !== import.meta.filename)
    .flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/mathematics(\.md)?,? sections? (\d+)(?: and (\d+))?/g)])
    .flatMap(([whole, isPage, ...numbers]) => (isPage ? numbers.filter(Boolean) : [`none without its file: ${whole}`]));
  assert.ok(named.length >= 5, 'references are found');
  assert.deepEqual(
    named.filter((number) => !sections.includes(number)),
    [],
  );
});
