// SPDX-License-Identifier: Apache-2.0
/**
 * Shows where a run stands, on stderr: live bars on a terminal, else one plain line a change. The words are those of the
 * workflow's current details.
 *
 * @module
 */
import type { WriteStream } from 'node:tty';

import { phaseKind } from '../../activities/stage-contracts.js';
import type { RunProgress, StageState, StageStatus } from '../../workflows/progress-state.js';
import { WORK_LABEL } from '../../pipeline/index.js';
import { progressBar, stageSentence, stateSign } from '../../workflows/progress-text.js';
import { plainLine } from '../../common/text.js';
import { styleFor, type Style } from './style.js';

/** Follows one run. */
export interface ProgressView {
  update(progress: RunProgress): void;
  /** A line that stays, above the bars. */
  note(text: string): void;
  /** Leaves the last state on the screen. */
  end(): void;
}

const BAR_COLUMNS = 24;
const LABEL_COLUMNS = Math.max(...Object.values(WORK_LABEL).map((label) => label.length));

/** The view that fits the stream. */
export function createProgressView(stream: WriteStream): ProgressView {
  return stream.isTTY ? new LiveView(stream) : new LineView(stream);
}

function paintOf(style: Style, state: StageState): (text: string) => string {
  const byState: Readonly<Record<StageState, (text: string) => string>> = {
    waiting: style.dim,
    running: style.cyan,
    done: style.green,
    reused: style.green,
    failed: style.red,
    cancelled: style.yellow,
  };
  return byState[state];
}

/** One stage as one line of at most `columns` characters. */
export function stageLine(stage: StageStatus, style: Style, columns: number): string {
  const isFinished = stage.state === 'done' || stage.state === 'reused';
  const fraction = isFinished ? 1 : (stage.progress?.fraction ?? 0);
  const paint = paintOf(style, stage.state);
  const head = `${stateSign(stage.state)} ${WORK_LABEL[stage.name].padEnd(LABEL_COLUMNS)}  `;
  const room = columns - head.length - BAR_COLUMNS - 2;
  const sentence = plainLine(stageSentence(stage));
  const words = sentence.length > room ? `${sentence.slice(0, Math.max(0, room - 1))}…` : sentence;
  return `${paint(head)}${paint(progressBar(fraction, BAR_COLUMNS))}  ${stage.state === 'waiting' ? '' : words}`;
}

class LiveView implements ProgressView {
  private readonly style: Style;
  private shown: string[] = [];

  constructor(private readonly stream: WriteStream) {
    this.style = styleFor(stream);
  }

  update(progress: RunProgress): void {
    const columns = Math.max(40, this.stream.columns) - 1;
    const lines = progress.stages.map((stage) => stageLine(stage, this.style, columns));
    this.stream.write(`${this.erase()}${lines.join('\n')}\n`);
    this.shown = lines;
  }

  note(text: string): void {
    const bars = this.shown.length === 0 ? '' : `${this.shown.join('\n')}\n`;
    this.stream.write(`${this.erase()}${text}\n${bars}`);
  }

  end(): void {
    this.shown = [];
  }

  /** Back to the start of the bars, and clears them. */
  private erase(): string {
    return this.shown.length === 0 ? '' : `\u001b[${this.shown.length}A\u001b[0J`;
  }
}

/** Share of a stage after which a plain line is worth its place. */
const LINE_STEP = 0.1;

class LineView implements ProgressView {
  private readonly last = new Map<string, string>();

  constructor(private readonly stream: WriteStream) {}

  update(progress: RunProgress): void {
    for (const stage of progress.stages) {
      if (stage.state === 'waiting') continue;
      const { state, progress: news } = stage;
      const step = news === undefined ? 0 : Math.floor(news.fraction / LINE_STEP);
      const isNews = news !== undefined && state === 'running';
      const mark = isNews ? `${state} ${phaseKind(news.phase)} ${news.attempt} ${step}` : state;
      if (this.last.get(stage.name) === mark) continue;
      this.last.set(stage.name, mark);
      // a stage is told when it has something to tell: its news or its end
      if (state === 'running' && news === undefined) continue;
      const percent = isNews ? ` ${Math.round(news.fraction * 100)} %` : '';
      this.stream.write(
        `${stateSign(state)} ${WORK_LABEL[stage.name]}:${percent} ${plainLine(stageSentence(stage))}\n`,
      );
    }
  }

  note(text: string): void {
    this.stream.write(`${text}\n`);
  }

  end(): void {
    this.last.clear();
  }
}
