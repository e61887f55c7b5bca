// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import {
  activityName,
  MIDDLE_STAGES,
  STAGE_NAMES,
  STAGES,
  stagesBefore,
  TILED_STAGES,
  type StageName,
} from './index.js';
import { stagesTable } from './stages-table.js';

test('a stage builds on earlier ones only, and the last on every one that makes what is published', () => {
  STAGES.forEach(({ name, after }, position) => {
    for (const earlier of after) {
      const found = STAGE_NAMES.indexOf(earlier as StageName);
      assert.ok(found >= 0 && found < position, `${name} after ${earlier}`);
    }
  });
  assert.equal(new Set(STAGE_NAMES).size, STAGE_NAMES.length);
  // Nothing is computed for nobody: every stage that makes artifacts reaches the products.
  const reached = new Set(stagesBefore('publish'));
  for (const { name } of MIDDLE_STAGES) assert.ok(reached.has(name), name);
});

test('what a stage builds on is closed and in order', () => {
  for (const name of STAGE_NAMES) {
    const before = stagesBefore(name);
    assert.deepEqual(
      before,
      STAGE_NAMES.filter((other) => before.includes(other)),
    );
    for (const earlier of before) {
      for (const other of stagesBefore(earlier)) assert.ok(before.includes(other), `${name}: ${earlier}: ${other}`);
    }
  }
  assert.deepEqual(stagesBefore('integrate'), ['ingest', 'mesh', 'fit']);
});

test('an artifact of the domain is made by one stage, or made anew by a later one of the same schema', () => {
  const schemas = new Map<string, string>();
  for (const { outputs, sometimes = {} } of STAGES) {
    for (const [artifact, schema] of Object.entries({ ...sometimes, ...outputs })) {
      assert.equal(schemas.get(artifact) ?? schema, schema, artifact);
      schemas.set(artifact, schema);
      assert.match(schema, /^[a-z-]+\/[1-9]\d*$/u);
    }
  }
});

test('the stages of a tile stand together and are those of the engine', () => {
  const positions = TILED_STAGES.map(({ name }) => STAGE_NAMES.indexOf(name));
  assert.ok(positions.length > 0);
  positions.forEach((position, k) => assert.equal(position, (positions[0] as number) + k));
  assert.deepEqual(
    TILED_STAGES.map(({ name }) => name),
    STAGES.filter(({ kind }) => kind === 'engine').map(({ name }) => name),
  );
});

test('activities have the names of stages in camel case', () => {
  assert.equal(activityName('quality-gate'), 'qualityGate');
  assert.equal(new Set(STAGE_NAMES.map((name) => activityName(name))).size, STAGE_NAMES.length);
});

test("the manual's table is that of the pipeline", () => {
  const page = readFileSync(new URL('../docs/reference/stages.md', import.meta.url), 'utf8');
  const lines = page.split('\n').filter((line) => line.startsWith('|'));
  const cells = (line: string): string[] => line.split('|').map((cell) => cell.trim());
  assert.deepEqual(lines.map(cells).slice(2), stagesTable().map(cells).slice(2));
});

test('every page that lists the stages lists all of them', () => {
  const page = readFileSync(new URL('../docs/reference/cli.md', import.meta.url), 'utf8');
  assert.ok(page.includes(STAGE_NAMES.map((name) => `\`${name}\``).join(', ')));
});
