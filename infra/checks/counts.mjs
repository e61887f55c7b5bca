// SPDX-License-Identifier: Apache-2.0
/** Counting tests: what the runners write, turned into {passed, failed, skipped}. */

export const noCounts = () => ({ passed: 0, failed: 0, skipped: 0 });

export const addCounts = (a, b) => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
});

/** The closing line of a whole run. */
export function closingLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** Counts the lines of count-reporter.mjs; a last line that was cut off by a crash is left out. */
export function countReporterLines(text) {
  const counts = noCounts();
  for (const line of text.split('\n')) {
    try {
      const { outcome } = JSON.parse(line);
      if (outcome in counts) counts[outcome] += 1;
    } catch {
      // Not a whole line: the runner ended in the middle of it, which its exit code tells.
    }
  }
  return counts;
}

/** Counts the test cases of a JUnit file as ctest writes it. */
export function countJUnit(xml) {
  const counts = noCounts();
  for (const [, attributes, closed, body] of xml.matchAll(
    /<testcase\b((?:"[^"]*"|[^>"])*?)(\/)?>(?:([\s\S]*?)<\/testcase>)?/g,
  )) {
    const content = closed === '/' ? '' : (body ?? '');
    if (/<failure\b|<error\b/.test(content) || /\bstatus="fail"/.test(attributes)) counts.failed += 1;
    else if (/<skipped\b/.test(content) || /\bstatus="(notrun|disabled)"/.test(attributes)) counts.skipped += 1;
    else counts.passed += 1;
  }
  return counts;
}

/** A suite that ended badly must not look well: without a failed test of its own, the crash counts as one. */
export function withCrash(counts, endedWell) {
  return endedWell || counts.failed > 0 ? counts : { ...counts, failed: counts.failed + 1 };
}
