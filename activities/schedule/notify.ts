// SPDX-License-Identifier: Apache-2.0
import { Context } from '@temporalio/activity';

import type { ActivityDependencies } from '../dependencies.js';
import { logAbout } from '../frame/log-attributes.js';
import { countEvent } from '../frame/stage-metrics.js';
import { callHook } from './hook.js';
import type { OperatorEvent } from './schedule-contracts.js';

/**
 * Tells an operator: a line of the log and a metric always, the worker's hook where it has one.
 *
 * @throws {TramontanaError} `Hook.Failed` (retryable)
 */
export async function notify({ hook }: Pick<ActivityDependencies, 'hook'>, event: OperatorEvent): Promise<void> {
  const { log, cancellationSignal, info } = Context.current();
  logAbout({ domain: event.domain, ...(event.cycle === null ? {} : { cycle: event.cycle }) });
  if (info.attempt === 1) {
    const { event: kind, domain, cycle, reason, ...facts } = event;
    log.warn(`${[domain, ...(cycle === null ? [] : [cycle])].join(', ')}: ${kind}: ${reason}`, {
      event: kind,
      ...facts,
    });
    countEvent(domain, kind);
  }
  if (hook !== undefined) await callHook(hook, event, cancellationSignal);
}
