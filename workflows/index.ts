// SPDX-License-Identifier: Apache-2.0
/**
 * The workflows of Tramontana, safe for the workflow sandbox. A worker with workflows of its own re-exports them:
 * `export * from 'tramontana/workflows'`.
 *
 * @module
 */
export { backfill, type BackfillResult } from './backfill.js';
export { dailyForecast, type DailyResult } from './daily-forecast.js';
export { fit } from './fit.js';
export { fitModel } from './fit-model.js';
export { forecast, type ForecastResult } from './forecast.js';
export { plan } from './plan.js';
export { backfillProgressQuery, dailyProgressQuery, progressQuery, stageProgressSignal } from './messages.js';
export type { BackfillProgress } from './backfill-progress.js';
export type { DailyProgress } from './daily-progress.js';
export type { RunProgress, StageStatus } from './progress-state.js';
