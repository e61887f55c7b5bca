// SPDX-License-Identifier: Apache-2.0
import { isTramontanaError } from '../common/errors.js';

/** Exit codes of every command; scripts may rely on them. */
export const EXIT_CODES = {
  done: 0,
  /** A defect, or something around us that does not work: server, disk, worker. */
  failed: 1,
  /** Command line, configuration or data cannot be used; trying again changes nothing. */
  badInput: 2,
  /** The model could not be fitted. */
  numerical: 3,
  /** Stopped by Ctrl-C; what was finished is kept. */
  cancelled: 130,
} as const;

const BAD_INPUT = /^(?:Cli|Config|Input|Ingest|Quality|Golden|Mesh|Modelling|Schedule)\./u;
/** Models and jobs that the engine refuses before it computes, runs and products that are not there. */
const BAD_GIVEN = new Set([
  'Engine.InvalidInput',
  'Engine.InvalidModel',
  'Products.NotPublished',
  'Run.Unknown',
  'Run.NotAForecast',
]);
const NUMERICAL = new Set(['Engine.NumericalFailure', 'Engine.NotPositiveDefinite', 'Engine.InnerModeNotFound']);

/** The exit code for an error. */
export function exitCodeOf(error: unknown): number {
  if (!isTramontanaError(error)) return EXIT_CODES.failed;
  if (error.tag === 'Run.Cancelled') return EXIT_CODES.cancelled;
  if (NUMERICAL.has(error.tag)) return EXIT_CODES.numerical;
  return BAD_INPUT.test(error.tag) || BAD_GIVEN.has(error.tag) ? EXIT_CODES.badInput : EXIT_CODES.failed;
}
