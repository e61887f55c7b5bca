// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { closingLine, countJUnit, countReporterLines, withCrash } from './counts.mjs';

test('the closing line has skipped tests only when there are some', () => {
  assert.equal(closingLine({ passed: 3, failed: 0, skipped: 0 }), '3 passed, 0 failed');
  assert.equal(closingLine({ passed: 3, failed: 1, skipped: 2 }), '3 passed, 1 failed, 2 skipped');
});

test('JUnit of ctest: passed, failed, not run and disabled cases are told apart', () => {
  const xml = `<?xml version="1.0"?><testsuite tests="4" failures="1" skipped="1">
    <testcase name="A.&gt;B" time="0.1" status="run"><system-out>a failure is &lt;failure&gt;</system-out></testcase>
    <testcase name="b" status="fail"><failure message=""/><system-out>x</system-out></testcase>
    <testcase name="c" status="notrun"><skipped message=""/></testcase>
    <testcase name="d" status="disabled"/>
  </testsuite>`;
  assert.deepEqual(countJUnit(xml), { passed: 1, failed: 1, skipped: 2 });
});

test('a reporter line that a crash cut off is not counted', () => {
  assert.deepEqual(countReporterLines('{"outcome":"passed"}\n{"outcome":"fai'), { passed: 1, failed: 0, skipped: 0 });
});

test('a suite that ended badly without a failed test counts as one failure', () => {
  assert.equal(withCrash({ passed: 5, failed: 0, skipped: 0 }, false).failed, 1);
  assert.equal(withCrash({ passed: 5, failed: 2, skipped: 0 }, false).failed, 2);
  assert.equal(withCrash({ passed: 5, failed: 0, skipped: 0 }, true).failed, 0);
});

test('the reporter counts tests and subtests, skips, failures and files that die, and leaves suites out', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tramontana-counts-'));
  try {
    const good = join(folder, 'good.test.mjs');
    const dies = join(folder, 'dies.test.mjs');
    const output = join(folder, 'counts.jsonl');
    writeFileSync(
      good,
      `import { describe, it, test } from 'node:test';
       describe('suite', () => { it('passes', () => {}); it('fails', () => { throw new Error('no'); }); });
       test.skip('skipped', () => {});`,
    );
    writeFileSync(dies, 'process.exit(7);');
    const reporter = join(import.meta.dirname, 'count-reporter.mjs');
    // Inside a test runner this variable would turn the inner runner into one of its workers.
    const env = { ...process.env, NODE_TEST_CONTEXT: undefined };
    const args = ['--test', '--test-reporter', reporter, '--test-reporter-destination', output, good, dies];
    const { status } = spawnSync(process.execPath, args, { env });
    assert.equal(status, 1);
    assert.deepEqual(countReporterLines(readFileSync(output, 'utf8')), { passed: 1, failed: 2, skipped: 1 });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
