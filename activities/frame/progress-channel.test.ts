// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { ProgressChannel, SIGNAL_INTERVAL_MS } from './progress-channel.js';
import type { StageProgress } from '../stage-contracts.js';

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('progress channel', () => {
  it('sends the first news and every change of phase at once, others at most every five seconds', async () => {
    let nowMs = 0;
    const sent: StageProgress[] = [];
    const send = (news: StageProgress): Promise<void> => Promise.resolve(void sent.push(news));
    const channel = new ProgressChannel(
      'fit',
      2,
      send,
      () => assert.ok(false, 'a warning came'),
      () => nowMs,
    );
    for (const [atMs, phase, fraction] of [
      [0, 'search', 0],
      [100, 'search', 0.1],
      [200, 'maps (1 of 9)', 0.2],
      [300, 'maps (2 of 9)', 0.3],
      [200 + SIGNAL_INTERVAL_MS, 'maps (3 of 9)', 0.4],
    ] as const) {
      nowMs = atMs;
      channel.report({ phase, fraction });
      await settled();
    }
    assert.deepEqual(
      sent.map(({ fraction }) => fraction),
      [0, 0.2, 0.4],
    );
    assert.deepEqual([sent[0]?.stage, sent[0]?.attempt], ['fit', 2]);
    assert.equal(channel.latest?.fraction, 0.4);
  });

  it('a day of news fits into the history, whatever the phases do', async () => {
    for (const phaseAt of [() => 'search', (second: number) => (second % 2 === 0 ? 'search' : 'curvature')]) {
      let nowMs = 0;
      let sent = 0;
      let longestMs = 0;
      let lastMs = 0;
      const send = (): Promise<void> => {
        sent += 1;
        longestMs = Math.max(longestMs, nowMs - lastMs);
        lastMs = nowMs;
        return Promise.resolve();
      };
      const channel = new ProgressChannel(
        'fit',
        1,
        send,
        (text) => assert.ok(false, text),
        () => nowMs,
      );
      for (let second = 0; second < 24 * 3600; second += 1) {
        nowMs = 1000 * second;
        channel.report({ phase: phaseAt(second), fraction: second / (24 * 3600) });
        await channel.close();
      }
      // Each signal is four events: the signal, and scheduling, start and end of a workflow task.
      assert.ok(4 * sent < 2000, `${sent} signals`);
      assert.ok(longestMs <= 301_000, `${longestMs} ms without news`);
    }
  });

  it('a message that cannot be sent is told once and harms nothing', async () => {
    const warnings: string[] = [];
    const fail = (): Promise<void> => Promise.reject(new Error('no connection'));
    const channel = new ProgressChannel('fit', 1, fail, (text) => warnings.push(text));
    channel.report({ phase: 'search', fraction: 0 });
    await channel.close();
    assert.deepEqual(warnings, ['progress of fit could not be sent: no connection']);
  });
});
