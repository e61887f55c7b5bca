// SPDX-License-Identifier: Apache-2.0
/**
 * Whom a line of an activity's log is about. The SDK puts its own attributes (workflow id, attempt, task queue) into every line of an
 * activity, those that it writes itself among them; ours go the same way, so that no line of a stage lacks them.
 *
 * @module
 */
import { Context } from '@temporalio/activity';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';

/** What is known about an activity while it runs; the first stage finds its cycle itself. */
export interface LogSubject {
  readonly stage?: string;
  readonly domain?: string;
  readonly cycle?: string;
  readonly tile?: string;
}

const subjects = new WeakMap<Context, LogSubject>();

/** From here on the lines of the running activity are about this, besides what was said of it before. */
export function logAbout(subject: LogSubject): void {
  const context = Context.current();
  subjects.set(context, { ...subjects.get(context), ...subject });
}

/** Gives every line of an activity `stage`, `domain`, `cycle` and `run`; null for what is not known yet, or of no run. */
export const logAttributesOf: ActivityInterceptorsFactory = (context) => ({
  outbound: {
    getLogAttributes: (attributes, next) =>
      next({
        ...attributes,
        ...{ domain: null, cycle: null, run: context.info.workflowExecution?.runId ?? null },
        stage: context.info.activityType,
        ...subjects.get(context),
      }),
  },
});
