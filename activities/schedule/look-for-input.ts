// SPDX-License-Identifier: Apache-2.0
import { Context } from '@temporalio/activity';

import { isTramontanaError, TramontanaError } from '../../common/errors.js';
import { readCamsTimes } from '../../ingest/index.js';
import type { ActivityDependencies } from '../dependencies.js';
import { withHeartbeat } from '../frame/heartbeat.js';
import { logAbout } from '../frame/log-attributes.js';
import { parseForecastInput } from '../inputs/forecast-input.js';
import { catalogueOf } from '../inputs/input-catalogue.js';
import { inputStateOf, type InputState } from '../inputs/input-state.js';
import { readSources } from '../inputs/read-sources.js';
import { configOf } from '../inputs/run-configuration.js';
import type { LookArgs } from './schedule-contracts.js';

/** What files that are not there, or not whole yet, look like. */
function isNotThereYet(error: unknown): error is TramontanaError {
  if (!(error instanceof TramontanaError)) return false;
  return (
    error.tag.startsWith('Ingest.') ||
    isTramontanaError(error, 'Input.Missing') ||
    isTramontanaError(error, 'Input.NoFiles') ||
    isTramontanaError(error, 'Input.Changed')
  );
}

/**
 * Whether the input of a cycle has arrived. Files that cannot be read are taken for files that are being written: the run says what
 * is wrong with them when the time is up.
 *
 * @throws {TramontanaError} `Config.*`, `Input.*` of what waiting cannot mend
 */
export async function lookForInput(deps: ActivityDependencies, { input, cycle }: LookArgs): Promise<InputState> {
  const config = await configOf(deps, parseForecastInput(input));
  logAbout({ stage: 'look-for-input', domain: config.name, cycle });
  const signal = Context.current().cancellationSignal;
  return withHeartbeat(
    () => ({ stage: 'look-for-input' }),
    async () => {
      try {
        const { sources } = await catalogueOf(deps, config, signal);
        const { fields } = await readSources(sources, config, readCamsTimes, { signal });
        return inputStateOf(fields, config.pollutants, cycle, config.window.minimumDailyCoverage);
      } catch (error) {
        signal.throwIfAborted();
        if (!isNotThereYet(error)) throw error;
        return { state: 'absent', reason: error.message };
      }
    },
  );
}
