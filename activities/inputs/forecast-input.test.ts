// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { isTramontanaError } from '../../common/errors.js';
import { parseForecastInput } from './forecast-input.js';

function messageFor(value: unknown): string {
  try {
    parseForecastInput(value);
  } catch (error) {
    assert.ok(isTramontanaError(error, 'Input.Invalid'));
    assert.equal(error.retryable, false);
    return error.message;
  }
  return assert.fail('the input was accepted');
}

describe('input of the forecast workflow', () => {
  it('needs a version and one source of configuration; the rest has defaults', () => {
    const parsed = parseForecastInput({ schemaVersion: 1, configUri: 'file:///x.yaml' });
    assert.equal(parsed.reuse, true);
    assert.deepEqual(parsed.overrides, {});
  });

  it('an empty form of the Web UI is answered with what is expected', () => {
    assert.match(messageFor(null), /^input: .*got null/);
  });

  it('each issue names path, expectation and value', () => {
    const base = { schemaVersion: 1, configUri: 'x' };
    assert.match(messageFor({ ...base, schemaVersion: 2 }), /input\.schemaVersion: must be 1, got 2/);
    assert.match(messageFor({ ...base, cycle: 'today' }), /input\.cycle: must be a day such as .*got "today"/);
    assert.match(messageFor({ ...base, cycle: '2026-02-31' }), /input\.cycle: must be a day of the calendar/);
    assert.match(messageFor({ ...base, reuse: { from: 'fitt' } }), /input\.reuse: must be true, false or .*fit.*got/);
    assert.match(messageFor({ ...base, config: 'y' }), /expected only the keys .* got "config"/);
    assert.match(messageFor({ ...base, domain: {} }), /either "domain" or "configUri"/);
    assert.match(messageFor({ schemaVersion: 1 }), /either "domain" or "configUri"/);
  });
});
