// SPDX-License-Identifier: Apache-2.0
/**
 * The words for {@link RunProgress}: one wording for the terminal and for the workflow's current details.
 *
 * @module
 */
import { markdownCode, markdownLine, MAXIMUM_MESSAGE_CHARACTERS } from '../common/text.js';
import type { StageProgress } from '../activities/stage-contracts.js';
import { WORK_LABEL } from '../pipeline/index.js';
import type { RunProgress, StageState, StageStatus } from './progress-state.js';

const STATE_SIGN: Readonly<Record<StageState, string>> = {
  waiting: '·',
  running: '▶',
  done: '✔',
  reused: '↺',
  failed: '✘',
  cancelled: '■',
};

/** Sign of a state, one column wide. */
export function stateSign(state: StageState): string {
  return STATE_SIGN[state];
}

/** A bar of `width` columns for a fraction in [0, 1]. */
export function progressBar(fraction: number, width: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, fraction)) * width);
  return '█'.repeat(filled) + '░'.repeat(width - filled);
}

/** Seconds for people: "0.4 s", "12 s", "3 min 05 s". */
export function formatSeconds(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
}

/** News of a running stage in one line. */
export function progressSentence(news: StageProgress): string {
  const parts = [
    news.phase,
    news.iteration === undefined ? undefined : `iteration ${news.iteration}`,
    news.objective === undefined ? undefined : `objective ${news.objective.toFixed(3)}`,
    news.gradientNorm === undefined ? undefined : `gradient ${news.gradientNorm.toExponential(1)}`,
    news.etaSeconds === undefined ? undefined : `about ${formatSeconds(news.etaSeconds)} left`,
    news.resumedFromIteration === undefined || news.resumedFromIteration === 0
      ? undefined
      : `resumed from the checkpoint of iteration ${news.resumedFromIteration}`,
    news.attempt > 1 ? `attempt ${news.attempt}` : undefined,
  ];
  return parts.filter((part) => part !== undefined && part !== '').join(', ');
}

/** What is to be said about a stage besides its name and state. */
export function stageSentence(stage: StageStatus): string {
  switch (stage.state) {
    case 'waiting':
      return '';
    case 'running':
      return stage.progress === undefined ? 'running' : progressSentence(stage.progress);
    case 'done':
    case 'reused': {
      const took = stage.seconds === undefined ? '' : formatSeconds(stage.seconds);
      const why = stage.state === 'reused' ? `reused, ${stage.reason ?? ''}` : (stage.summary ?? '');
      return [took, why].filter((part) => part !== '').join(' · ');
    }
    case 'failed':
      return 'failed';
    case 'cancelled':
      return 'cancelled';
  }
}

/** The state of the whole run in one sentence. */
export function runSentence(progress: RunProgress): string {
  const finished = progress.stages.filter(({ state }) => state === 'done' || state === 'reused');
  const computed = finished.filter(({ state }) => state === 'done').length;
  switch (progress.state) {
    case 'running': {
      const running = progress.stages.find(({ state }) => state === 'running');
      const now = running === undefined ? '' : `: ${WORK_LABEL[running.name]}`;
      return `${finished.length} of ${progress.stages.length} stages finished${now}`;
    }
    case 'done':
      return computed === 0
        ? 'Nothing had changed: nothing was computed, every stage was reused'
        : `Finished: ${computed} stages computed, ${finished.length - computed} reused`;
    case 'failed':
      return `Failed: ${progress.failure?.message ?? 'unknown reason'}`;
    case 'cancelled':
      return 'Cancelled; finished stages and checkpoints are kept, the next run goes on from them';
  }
}

/** A short markdown page: the current details of the workflow in the Web UI. */
export function progressMarkdown(progress: RunProgress): string {
  const title = [progress.title, progress.cycle].filter((part) => part !== undefined).join(', ');
  const rows = progress.stages.map((stage) => {
    const fraction = stage.state === 'done' || stage.state === 'reused' ? 1 : (stage.progress?.fraction ?? 0);
    const bar = stage.state === 'waiting' ? '' : `\`${progressBar(fraction, 10)}\``;
    const cells = [`${stateSign(stage.state)} ${WORK_LABEL[stage.name]}`, bar, markdownLine(stageSentence(stage))];
    return `| ${cells.join(' | ')} |`;
  });
  const { products, failure } = progress;
  return [
    ...(title === '' ? [] : [`### ${markdownLine(title)}`, '']),
    markdownLine(runSentence(progress), MAXIMUM_MESSAGE_CHARACTERS),
    '',
    '| stage | | |',
    '|---|---|---|',
    ...rows,
    ...(products === undefined
      ? []
      : [
          '',
          `Products: ${markdownCode(products.folder)}`,
          `Report: ${markdownCode(`${products.folder}/report.html`)}`,
        ]),
    ...(failure === undefined
      ? []
      : ['', `Failure ${markdownCode(failure.type)}: what to do stands in \`docs/operations.md\`.`]),
  ].join('\n');
}
