// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';

import { LATER_STAGES, STAGE_NAMES } from '../../pipeline/index.js';
import { workOfStage } from './index.js';

test('every stage has a file of its name with its work', async () => {
  const files = readdirSync(new URL('./', import.meta.url));
  for (const name of STAGE_NAMES) assert.ok(files.includes(`${name}.ts`), name);
  for (const { name } of LATER_STAGES) assert.equal(typeof (await workOfStage(name)), 'function');
  await assert.rejects(
    workOfStage('product-inputs' as 'fit'),
    /activities\/stages\/product-inputs: expected a function/u,
  );
});
