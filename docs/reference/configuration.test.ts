// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

import { domainConfigJsonSchema, parseDomainConfig } from '../../config/index.js';
import { parse } from 'yaml';

const page = readFileSync(new URL('configuration.md', import.meta.url), 'utf8');

interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>;
}

/** Dotted paths of the keys that a person may write; a prior's own keys and the pollutants under `thresholds` are one key each. */
function keysOf(node: SchemaNode, prefix = ''): string[] {
  return Object.entries(node.properties ?? {}).flatMap(([name, child]) => {
    const path = `${prefix}${name}`;
    const isLeaf = child.properties === undefined || path.startsWith('model.priors.');
    return isLeaf ? [path] : keysOf(child, `${path}.`);
  });
}

/** Paths written in the first column of the tables; `a.b`, `.c` on one row stands for `a.b` and `a.c`. */
function documentedKeys(text: string): Set<string> {
  const keys = new Set<string>();
  for (const [, cell] of text.matchAll(/^\| ([^|]+?) +\|/gm)) {
    const names = [...(cell ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? '');
    const folder = names[0]?.slice(0, names[0].lastIndexOf('.')) ?? '';
    for (const name of names) keys.add(name.startsWith('.') ? folder + name : name);
  }
  return keys;
}

test('every key of the configuration is documented', () => {
  const documented = documentedKeys(page);
  const missing = keysOf(domainConfigJsonSchema()).filter((key) => !documented.has(key));
  assert.deepEqual(missing, []);
});

test('no key is documented that the configuration does not have', () => {
  const known = new Set(keysOf(domainConfigJsonSchema()));
  const beforeTheWorkflow = page.slice(0, page.indexOf('## Starting a workflow by hand'));
  const unknown = [...documentedKeys(beforeTheWorkflow)].filter((key) => !known.has(key));
  assert.deepEqual(unknown, []);
});

test('the smallest file of the page is a valid configuration', () => {
  const yaml = /```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
  assert.equal(yaml.trim().split('\n').length, 4);
  assert.equal(parseDomainConfig(parse(yaml), 'configuration.md').name, 'my-region');
});
