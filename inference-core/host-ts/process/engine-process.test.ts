// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, it } from 'node:test';

import { isTramontanaError, type TramontanaError } from '../../../common/errors.js';
import { superviseEngineProcess, type SuperviseOptions } from './engine-process.js';
import type { EngineCommand } from './launcher.js';
import { encodeEvent, type EngineEvent } from './protocol.js';

const RESULT = encodeEvent({ type: 'result', path: '/result.json', sha256: '00' });

/** A process that pretends to be the engine: runs JavaScript text, with `say(text)` for stdout and `log(text)` for stderr. */
function fakeEngine(body: string): EngineCommand {
  const prelude = `
    const { writeSync } = require('node:fs');
    const say = (text) => writeSync(1, text);
    const log = (text) => writeSync(2, text + '\\n');
    const RESULT = ${JSON.stringify(RESULT)};
  `;
  return { file: process.execPath, args: ['-e', prelude + body] };
}

function run(body: string, options: Partial<SuperviseOptions> = {}): ReturnType<typeof superviseEngineProcess> {
  return superviseEngineProcess(fakeEngine(body), { graceTimeMs: 5000, ...options });
}

async function failureOf(work: Promise<unknown>): Promise<TramontanaError> {
  const outcome = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.ok(isTramontanaError(outcome), `expected a TramontanaError, got ${String(outcome)}`);
  return outcome;
}

function errorLine(tag: string, message: string): string {
  return JSON.stringify(encodeEvent({ type: 'error', tag, message, retryable: false, facts: { block: 17 } }));
}

function isAlive(pid: number): boolean {
  try {
    // a process that has ended but that nobody has waited for (state Z) is not alive
    if (existsSync('/proc/self/stat')) return !/\) Z /u.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('the engine process', () => {
  it('gives the result event of a clean end, and every event on the way', async () => {
    const events: EngineEvent[] = [];
    const lines: string[] = [];
    const result = await run(
      `const warning = '{"v":1,"type":"warning","code":"c","message":"m","facts":{}}\\n';
       say(warning.slice(0, 9)); log('one'); setTimeout(() => { say(warning.slice(9)); log('two'); say(RESULT); }, 50);`,
      { onEvent: (event) => events.push(event), onLogLine: (line) => lines.push(line) },
    );
    assert.equal(result.path, '/result.json');
    assert.deepEqual(
      events.map(({ type }) => type),
      ['warning', 'result'],
    );
    assert.deepEqual(lines, ['one', 'two']);
  });

  const hello = encodeEvent({
    ...({ type: 'hello', pid: 1, kind: 'fit', jobKey: 'k', attemptToken: 1, engineVersion: '1', threads: 1 } as const),
    ...{ ranks: 2, resumedFromIteration: 0 },
  });
  const silences: [string, string, number, string][] = [
    ['a rank that is not heard', `log('{"beat":1}'); setInterval(() => say(hello), 50);`, 1, 'rank 1 of 2'],
    [
      'rank 0 that is not heard',
      'say(hello); setInterval(() => log(JSON.stringify({ beat: 1 })), 50);',
      0,
      'rank 0 of 2',
    ],
  ];
  for (const [name, body, rank, words] of silences) {
    it(`is ended for ${name}`, async () => {
      const lines: string[] = [];
      const error = await failureOf(
        run(`const hello = ${JSON.stringify(hello)}; ${body}`, {
          ...{ ranks: 2, silenceLimitMs: 700, graceTimeMs: 500 },
          onLogLine: (line) => lines.push(line),
        }),
      );
      assert.deepEqual([error.tag, error.retryable, error.facts['rank']], ['Engine.Unresponsive', true, rank]);
      assert.ok(error.message.startsWith(words), error.message);
      assert.deepEqual(lines, [], 'that a rank is there is no line of the log');
    });
  }

  it('may be silent before it starts, and while all its ranks are heard goes on', async () => {
    // a queue lets it begin after longer than the limit
    const beats = `const hello = ${JSON.stringify(hello)};
      setTimeout(() => setInterval(() => { say(hello); log('{"beat":1}'); }, 50), 900);
      setTimeout(() => { say(RESULT); process.exit(0); }, 2000);`;
    await run(beats, { ranks: 2, silenceLimitMs: 700 });
  });

  const exits: [number, string, boolean][] = [
    [2, 'Engine.InvalidInput', false],
    [3, 'Engine.NumericalFailure', false],
    [75, 'Engine.Interrupted', true],
    [1, 'Engine.Crashed', true],
    [134, 'Engine.Crashed', true],
  ];
  for (const [code, tag, retryable] of exits) {
    it(`maps exit code ${code} to ${tag}, with the engine's message and facts`, async () => {
      const error = await failureOf(
        run(`say(${errorLine('Engine.Own', 'block 17 is bad')}); log('last words'); process.exit(${code});`),
      );
      assert.equal(error.tag, tag);
      assert.equal(error.retryable, retryable);
      assert.match(error.message, /block 17 is bad/u);
      assert.deepEqual(error.facts, {
        block: 17,
        engineTag: 'Engine.Own',
        exitCode: code,
        signal: null,
        lastLogLines: ['last words'],
      });
    });
  }

  it('tells an attempt that was superseded from one that was interrupted', async () => {
    const error = await failureOf(
      run(`say(${errorLine('Engine.Superseded', 'attempt 2 has taken over')}); process.exit(75);`),
    );
    assert.equal(error.tag, 'Engine.Superseded');
    assert.equal(error.retryable, true);
  });

  it('calls a death by signal a crash, with the signal and the last log lines', async () => {
    const error = await failureOf(
      run(
        `for (let i = 0; i < 50; i += 1) log('line ' + i); process.kill(process.pid, 'SIGKILL'); setInterval(() => {}, 1000);`,
      ),
    );
    assert.equal(error.tag, 'Engine.Crashed');
    assert.equal(error.retryable, true);
    assert.equal(error.facts['signal'], 'SIGKILL');
    assert.deepEqual(
      error.facts['lastLogLines'],
      Array.from({ length: 20 }, (_, index) => `line ${30 + index}`),
    );
    assert.match(error.message, /SIGKILL.*line 49/u);
  });

  it('calls an end with 0 but without a result a crash', async () => {
    const error = await failureOf(run(`log('done?');`));
    assert.equal(error.tag, 'Engine.Crashed');
  });

  it('reports a crash, not the torn line that it left', async () => {
    const error = await failureOf(
      run(`say('{"v":1,"type":"prog'); process.kill(process.pid, 'SIGKILL'); setInterval(() => {}, 1000);`),
    );
    assert.equal(error.tag, 'Engine.Crashed');
  });

  it('ends a process whose stdout is not the protocol', async () => {
    const startMs = performance.now();
    const error = await failureOf(
      run(`log('why'); setTimeout(() => say('Loading library...\\n'), 200); setTimeout(() => {}, 30000);`),
    );
    assert.equal(error.tag, 'Engine.ProtocolViolation');
    assert.equal(error.retryable, false);
    assert.match(error.message, /Loading library/u);
    assert.deepEqual(error.facts['lastLogLines'], ['why']);
    assert.ok(performance.now() - startMs < 10_000, 'it does not wait for the process to end by itself');
  });

  it('ends a process that writes a line without end', async () => {
    const error = await failureOf(run(`setInterval(() => say('x'.repeat(65536)), 1); setTimeout(() => {}, 30000);`));
    assert.equal(error.tag, 'Engine.ProtocolViolation');
  });

  it('passes an error of the listener on, and leaves no process behind', async () => {
    let pid = 0;
    await assert.rejects(
      run(
        `say('{"v":1,"type":"warning","code":"' + process.pid + '","message":"","facts":{}}\\n'); setTimeout(() => {}, 30000);`,
        {
          onEvent: (event) => {
            pid = event.type === 'warning' ? Number(event.code) : 0;
            throw new RangeError('listener');
          },
        },
      ),
      RangeError,
    );
    assert.equal(isAlive(pid), false);
  });

  it('sends SIGTERM on abort, and takes exit code 75 for an interruption', async () => {
    const stop = new AbortController();
    const work = run(
      `process.on('SIGTERM', () => { say(${errorLine('Engine.Interrupted', 'interrupted by SIGTERM')}); process.exit(75); });
       log('ready'); setTimeout(() => {}, 30000);`,
      { signal: stop.signal, onLogLine: () => stop.abort() },
    );
    const error = await failureOf(work);
    assert.equal(error.tag, 'Engine.Interrupted');
    assert.equal(error.facts['exitCode'], 75);
  });

  it('kills the whole group when the grace time is over', async () => {
    const stop = new AbortController();
    let grandchild = 0;
    const startMs = performance.now();
    const error = await failureOf(
      run(
        `process.on('SIGTERM', () => {});
         const child = require('node:child_process').spawn(process.execPath,
           ['-e', "process.on('SIGTERM', () => {}); console.error(process.pid); setInterval(() => {}, 1000);"],
           { stdio: ['ignore', 'ignore', 'inherit'] });
         setInterval(() => {}, 1000);`,
        {
          signal: stop.signal,
          graceTimeMs: 300,
          onLogLine: (line) => {
            grandchild = Number(line);
            stop.abort();
          },
        },
      ),
    );
    assert.equal(error.tag, 'Engine.Interrupted');
    assert.equal(error.facts['signal'], 'SIGKILL');
    assert.ok(performance.now() - startMs > 300, 'not before the grace time');
    // the kernel needs a moment to reap what init inherits
    for (let wait = 0; wait < 50 && isAlive(grandchild); wait += 1) await sleep(20);
    assert.equal(isAlive(grandchild), false);
  });

  it('says which command cannot be started', async () => {
    const error = await failureOf(
      superviseEngineProcess({ file: join('/', 'no', 'such', 'program'), args: [] }, { graceTimeMs: 100 }),
    );
    assert.equal(error.tag, 'Engine.LaunchFailed');
    assert.match(error.message, /such.program/u);
  });
});
