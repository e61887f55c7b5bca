// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { ForecastReport } from '../run-forecast.js';
import { printReport } from './run.js';

const REPORT: ForecastReport = {
  state: 'done',
  domain: 'tiny',
  cycle: '2026-03-16',
  folder: '/runs/tiny/2026-03-16',
  quality: 'degraded',
  report: '/runs/tiny/2026-03-16/report.html',
  summary: '/runs/tiny/2026-03-16/summary.json',
  stages: [{ name: 'fit', reused: false, seconds: 1, reason: 'not computed before' }],
  nothingComputed: false,
  seconds: 2,
  workflowId: 'forecast-tiny',
  runId: '1',
};

test('the end of a run says that its products are degraded, to people and to programs', (context) => {
  const printed = (report: ForecastReport, asJson: boolean): string => {
    const write = context.mock.method(process.stdout, 'write', () => true);
    printReport(report, asJson);
    write.mock.restore();
    return write.mock.calls.map(({ arguments: [text] }) => String(text)).join('');
  };
  assert.match(printed(REPORT, false), /degraded.*\nReport: /u);
  assert.doesNotMatch(printed({ ...REPORT, quality: 'ok' }, false), /degraded/u);
  assert.equal((JSON.parse(printed(REPORT, true)) as ForecastReport).quality, 'degraded');
});
