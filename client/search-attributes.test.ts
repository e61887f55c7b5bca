// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { SEARCH_ATTRIBUTES } from '../common/search-attributes.js';
import { checkSearchAttributes, registerSearchAttributes, type Operated } from './search-attributes.js';

/** A server that knows none of ours and lets nobody add them. */
const refusing = {
  operatorService: {
    listSearchAttributes: () => Promise.resolve({ customAttributes: {} }),
    addSearchAttributes: () => Promise.reject(new Error('permission denied')),
  },
} as unknown as Operated;

test('the commands for an administrator go to the server that was asked, one for each attribute', async () => {
  for (const ask of [checkSearchAttributes, registerSearchAttributes]) {
    const { complete, trouble = '' } = await ask(refusing, 'air', 'temporal.example.org:7233');
    assert.equal(complete, false);
    const commands = trouble.split('\n').slice(1);
    assert.deepEqual(
      commands.map((line) => / --name (\w+) /u.exec(line)?.[1]),
      Object.values(SEARCH_ATTRIBUTES).map(({ name }) => name),
    );
    for (const line of commands)
      assert.match(line, / create --address temporal\.example\.org:7233 --namespace air --name /u);
  }
});
