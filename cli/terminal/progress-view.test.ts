// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { WriteStream } from 'node:tty';

import type { StageProgress } from '../../activities/stage-contracts.js';
import {
  initialProgress,
  runEnded,
  stageAdvanced,
  stageFinished,
  stageStarted,
  type RunProgress,
} from '../../workflows/progress-state.js';
import { createProgressView, stageLine } from './progress-view.js';
import { styleFor } from './style.js';

/** A stream that keeps what is written to it. */
function recorder(isTTY: boolean): { stream: WriteStream; text: () => string } {
  let written = '';
  const stream = { isTTY, columns: 80, write: (text: string) => ((written += text), true) };
  return { stream: stream as unknown as WriteStream, text: () => written };
}

const news = (fraction: number, phase = 'searching the mode'): StageProgress => ({
  stage: 'fit',
  fraction,
  phase,
  attempt: 1,
});

function fitting(): RunProgress {
  return stageStarted(initialProgress(['mesh', 'fit']), 'fit');
}

describe('plain lines', () => {
  it('one a change: of state, phase or a tenth of the work; the same state again writes nothing', () => {
    const { stream, text } = recorder(false);
    const view = createProgressView(stream);
    let progress = fitting();
    for (const fraction of [0, 0.01, 0.02, 0.11, 0.12, 0.19]) {
      progress = stageAdvanced(progress, news(fraction));
      view.update(progress);
      view.update(progress);
    }
    view.update(stageAdvanced(progress, news(0.19, 'curvature at the mode')));
    const facts = { summary: '12 iterations' };
    const done = { name: 'fit', reused: false, seconds: 75, reason: 'x', outputs: {}, facts } as const;
    view.update(stageFinished(progress, done));
    assert.deepEqual(text().trimEnd().split('\n'), [
      '▶ Fit the model: 0 % searching the mode',
      '▶ Fit the model: 11 % searching the mode',
      '▶ Fit the model: 19 % curvature at the mode',
      '✔ Fit the model: 1 min 15 s · 12 iterations',
    ]);
  });

  it('a later attempt is told, with the checkpoint from which it goes on', () => {
    const { stream, text } = recorder(false);
    const view = createProgressView(stream);
    const progress = stageAdvanced(fitting(), news(0.3));
    view.update(progress);
    view.update(stageAdvanced(progress, { ...news(0.3), attempt: 2, resumedFromIteration: 5 }));
    assert.match(text(), /resumed from the checkpoint of iteration 5, attempt 2\n$/);
  });
});

describe('live bars', () => {
  it('each update replaces the one before, and notes stay above', () => {
    const { stream, text } = recorder(true);
    const view = createProgressView(stream);
    view.update(fitting());
    view.note('a note');
    view.update(runEnded(fitting(), 'cancelled'));
    const parts = text().split('\u001b[2A\u001b[0J');
    assert.equal(parts.length, 3);
    assert.match(parts[1] ?? '', /^a note\n/);
    assert.match(parts[2] ?? '', /■ Fit the model.*cancelled\n$/);
  });

  it('a line never exceeds the width of the terminal', () => {
    const style = styleFor({ isTTY: false });
    const progress = stageAdvanced(fitting(), news(0.5, 'a very long phase '.repeat(9)));
    for (const stage of progress.stages) assert.ok(stageLine(stage, style, 60).length <= 60);
  });
});

describe('colours', () => {
  it('only on a terminal, and never when NO_COLOR is set', () => {
    assert.equal(styleFor({ isTTY: true }, {}).red('x'), '\u001b[31mx\u001b[39m');
    assert.equal(styleFor({ isTTY: false }, {}).red('x'), 'x');
    assert.equal(styleFor({ isTTY: true }, { NO_COLOR: '1' }).red('x'), 'x');
    assert.equal(styleFor({ isTTY: true }, { TERM: 'dumb' }).red('x'), 'x');
    assert.equal(styleFor({ isTTY: false }, { FORCE_COLOR: '1' }).red('x'), '\u001b[31mx\u001b[39m');
  });
});
