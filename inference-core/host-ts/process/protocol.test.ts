// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { isTramontanaError } from '../../../common/errors.js';
import { encodeEvent, EventStreamParser, MAXIMUM_LINE_BYTES, parseEventLine, type EngineEvent } from './protocol.js';

const EVENTS: EngineEvent[] = [
  {
    type: 'hello',
    pid: 1,
    kind: 'fit',
    jobKey: 'µg-Ω',
    attemptToken: 1,
    engineVersion: '0',
    threads: 2,
    resumedFromIteration: 0,
  },
  {
    type: 'progress',
    phase: 'search',
    iteration: 1,
    evaluations: 2,
    objective: -0.1,
    gradientNorm: null,
    fraction: 0.25,
    etaSeconds: null,
    elapsedSeconds: 1.5,
  },
  { type: 'warning', code: 'checkpoint-corrupt', message: '“quoted”\nline', facts: { path: 'a' } },
];

function violates(work: () => unknown, text: RegExp): void {
  assert.throws(work, (error) => isTramontanaError(error, 'Engine.ProtocolViolation') && text.test(error.message));
}

describe('the event stream', () => {
  it('is the same however the bytes are cut', () => {
    const bytes = Buffer.from(EVENTS.map(encodeEvent).join(''));
    for (const size of [1, 2, 3, 7, bytes.length]) {
      const parser = new EventStreamParser();
      const events: EngineEvent[] = [];
      for (let start = 0; start < bytes.length; start += size)
        events.push(...parser.push(bytes.subarray(start, start + size)));
      assert.deepEqual(
        events,
        EVENTS.map((event) => ({ ...event })),
        `in chunks of ${size}`,
      );
      assert.equal(parser.incompleteLine, '');
    }
  });

  it('keeps an unfinished line for later', () => {
    const parser = new EventStreamParser();
    assert.deepEqual(parser.push(Buffer.from('{"v":1,')), []);
    assert.equal(parser.incompleteLine, '{"v":1,');
  });

  it('skips empty lines and events of a type that it does not know', () => {
    assert.deepEqual(new EventStreamParser().push(Buffer.from('\n{"v":1,"type":"song","verse":3}\n')), []);
  });

  it('refuses what is not the protocol, showing how the line starts', () => {
    violates(() => parseEventLine('Hello from a library'), /one JSON event a line.*Hello from a library/u);
    violates(() => parseEventLine('[1]'), /"v" and "type"/u);
    violates(() => parseEventLine('{"v":2,"type":"hello"}'), /protocol version 1/u);
    violates(() => parseEventLine('{"v":1,"type":"result"}'), /malformed "result" event/u);
  });

  it('refuses a line without end before it fills the memory', () => {
    const parser = new EventStreamParser();
    const chunk = Buffer.alloc(MAXIMUM_LINE_BYTES / 4, 'x');
    for (let part = 0; part < 4; part += 1) parser.push(chunk);
    violates(() => parser.push(chunk), /lines of at most/u);
  });
});
