// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { ArtifactRef } from '../../artifacts/index.js';
import { requireDeclared } from './declared-outputs.js';

function ref(schema: string): ArtifactRef {
  return { uri: 'file:///x', sha256: '0', bytes: 1, mediaType: 'x', schema };
}

const field = ref('gridded-field/1');
const notes = ref('ingest-notes/1');

test('what a stage makes is what it is declared to make', () => {
  requireDeclared('ingest', { daily: field, notes });
  requireDeclared('mesh', { route: ref('estimation-route/1') });
  requireDeclared('mesh', { route: ref('estimation-route/1'), mesh: ref('mesh/1'), 'tiles/r0c0/daily': field });
  requireDeclared('publish', { 'forecast.nc': ref('product:forecast.nc') });
  requireDeclared('resolve-cycle', {});
});

test('an artifact that is missing, of another schema or undeclared ends the stage', () => {
  assert.throws(
    () => requireDeclared('ingest', { daily: field }),
    /ingest: expected notes as declared \(ingest-notes\/1\), got none/u,
  );
  assert.throws(
    () => requireDeclared('ingest', { daily: ref('gridded-field/2'), notes }),
    /expected daily as declared \(gridded-field\/1\), got gridded-field\/2/u,
  );
  assert.throws(
    () => requireDeclared('ingest', { daily: field, notes, more: field }),
    /expected more as declared \(not at all\)/u,
  );
});
