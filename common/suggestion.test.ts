// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { editDistance, suggestion } from './suggestion.js';

describe('suggestions', () => {
  it('the edit distance is a metric on examples that can be checked by hand', () => {
    assert.equal(editDistance('kitten', 'sitting'), 3);
    assert.equal(editDistance('sitting', 'kitten'), 3);
    assert.equal(editDistance('', 'abc'), 3);
    assert.equal(editDistance('same', 'same'), 0);
  });

  it('near words are suggested, far ones are not', () => {
    assert.equal(suggestion('inspct', ['run', 'inspect']), ' Did you mean inspect?');
    assert.equal(suggestion('weather', ['run', 'inspect']), '');
  });
});
