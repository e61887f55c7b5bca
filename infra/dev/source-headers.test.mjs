// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import { forbiddenRooms, ROOM_TABLE, ROOMS } from './room-table.mjs';
import { problemsOf } from './source-headers.mjs';

test('the licence line comes first, after a shebang where there is one, in the comment of the language', () => {
  assert.deepEqual(problemsOf('a-b.ts', '// SPDX-License-Identifier: Apache-2.0\nexport {};'), []);
  assert.deepEqual(problemsOf('run.sh', '#!/bin/sh\n# SPDX-License-Identifier: Apache-2.0\n'), []);
  assert.equal(problemsOf('a.cpp', '#include <vector>\n').length, 1);
  assert.equal(problemsOf('a.ts', '// SPDX-License-Identifier: MIT\n').length, 1);
});

test('TypeScript files have kebab-case names', () => {
  const header = '// SPDX-License-Identifier: Apache-2.0\n';
  assert.deepEqual(problemsOf('fit-result.test.ts', header), []);
  assert.deepEqual(problemsOf('fitResult.ts', header), ['expected a kebab-case file name']);
});

test('every room of the table is known to it, and imports go down only', () => {
  const reaches = (room) =>
    ROOM_TABLE[room].imports === 'all' ? ROOMS : [...ROOM_TABLE[room].imports, ...(ROOM_TABLE[room].types ?? [])];
  for (const room of ROOMS) {
    for (const other of reaches(room)) assert.ok(ROOMS.includes(other), `${room} names the unknown room ${other}`);
  }
  const openRooms = ROOMS.filter((room) => ROOM_TABLE[room].imports !== 'all');
  for (const room of openRooms) {
    for (const other of reaches(room))
      assert.ok(!reaches(other).includes(room), `${room} and ${other} import each other`);
  }
  assert.deepEqual(forbiddenRooms('cli'), []);
  assert.ok(forbiddenRooms('mesh').includes('ingest'));
});

test('files of the engine have at most 300 lines, its tests may have more', () => {
  const long = `// SPDX-License-Identifier: Apache-2.0\n${'\n'.repeat(300)}`;
  assert.deepEqual(problemsOf('filter.cpp', long), ['expected at most 300 lines, found 301']);
  assert.deepEqual(problemsOf('filter.cpp', long.slice(0, -1)), []);
  assert.deepEqual(problemsOf('filter_test.cpp', long, true), []);
});
