// SPDX-License-Identifier: Apache-2.0
/**
 * Reporter for node's test runner: one JSON line for each finished test, written as it ends, so that the counts survive a runner that dies. Suites
 * are no tests; the wrapper that the runner puts around a file counts only when it is all that is known of the file.
 */
export default async function* countReporter(events) {
  for await (const { type, data } of events) {
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    if (data.details?.type === 'suite') continue;
    const outcome =
      data.skip !== undefined
        ? 'skipped'
        : data.todo !== undefined
          ? 'skipped'
          : type === 'test:pass'
            ? 'passed'
            : 'failed';
    yield `${JSON.stringify({ outcome, name: data.name, file: data.file ?? null, nesting: data.nesting })}\n`;
  }
}
