// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path';

import { Context } from '@temporalio/activity';

import type { DomainConfig } from '../../config/index.js';
import { readCamsTimes } from '../../ingest/index.js';
import { requireRoom } from '../../products/index.js';
import type { ResolveCycleArgs } from '../activity-interface.js';
import type { ActivityDependencies } from '../dependencies.js';
import { withHeartbeat } from '../frame/heartbeat.js';
import { runStage, type StageScope, type StageWork } from '../frame/stage-frame.js';
import { cycleDayOf, ofPollutants, scanInput } from '../inputs/cycle-day.js';
import { requireInputOf } from '../inputs/cycle-input.js';
import { parseForecastInput, recomputeOf } from '../inputs/forecast-input.js';
import { catalogueOf, sourceInputs } from '../inputs/input-catalogue.js';
import { readSources } from '../inputs/read-sources.js';
import { configOf } from '../inputs/run-configuration.js';
import { cycleOfSchedule } from '../schedule/scheduled-cycle.js';
import { requireAffordable } from '../model/cost.js';
import { DOMAIN_CONFIG_SCHEMA, type ResolvedCycle, type RunContext, type StageOutcome } from '../stage-contracts.js';

/** A run before its cycle is known. */
export interface PreparedRun {
  readonly scope: StageScope;
  readonly work: StageWork;
  /**
   * What later stages need; stores the configuration and the catalogue.
   *
   * @throws {TramontanaError} `Config.TooCostly` when the days of the input do not fit the memory; `Products.NotOurs` when
   *   something else lies where the products shall be
   */
  context(facts: StageOutcome['facts']): Promise<RunContext>;
}

/**
 * Validates the input, reads the configuration, lists and hashes the input files. A run that cannot fit the memory is refused by
 * its configuration before any file is looked at, and by the days of the files before any is read as a whole.
 *
 * @throws {TramontanaError} `Input.*`, `Config.*`
 */
export async function prepareRun(
  deps: ActivityDependencies,
  args: ResolveCycleArgs,
  signal?: AbortSignal,
): Promise<PreparedRun> {
  const input = parseForecastInput(args.input);
  const config = await configOf(deps, input);
  requireAffordable(config, deps.memoryLimitBytes);
  const outputFolder = resolve(input.outputFolder ?? deps.runsFolder);
  await deps.roots.require('output', outputFolder, 'input.outputFolder');
  const catalogue = await catalogueOf(deps, config, signal);
  const { sources } = catalogue;
  const requested = input.cycle ?? scheduledCycle(config, args.scheduledStartTime);
  const scope = {
    domain: config.name,
    recompute: recomputeOf(input.reuse),
    ...(requested === undefined ? {} : { cycle: requested }),
  };
  const work: StageWork = {
    name: 'resolve-cycle',
    version: 5,
    parameters: {
      requestedCycle: requested ?? null,
      boundingBox: config.boundingBox,
      origin: config.source.origin ?? null,
      minimumDailyCoverage: config.window.minimumDailyCoverage,
    },
    inputs: sourceInputs(catalogue),
    compute: async ({ signal, report }) => {
      const read = await readSources(sources, config, readCamsTimes, {
        signal,
        onFile: (index) => report({ fraction: index / sources.length, phase: 'looking at times' }),
      });
      const fields = ofPollutants(read.fields, config.pollutants);
      const scan = scanInput(fields, config.window.minimumDailyCoverage);
      const cycle = cycleDayOf(scan, requested);
      requireInputOf(fields, cycle, config.window.minimumDailyCoverage);
      const files = sources.length === 1 ? 'one file' : `${sources.length} files`;
      return {
        outputs: {},
        facts: {
          summary: `${cycle}; ${files}, ${scan.firstDay} to ${scan.lastDay}`,
          ...{ cycle, ...scan },
        },
      };
    },
  };
  return {
    scope,
    work,
    context: async (facts) => {
      const [firstDay, lastDay, cycle] = [facts['firstDay'], facts['lastDay'], facts['cycle']].map(String) as [
        string,
        string,
        string,
      ];
      requireAffordable(config, deps.memoryLimitBytes, {
        ...{ firstDay, lastDay, cycle },
        numTimes: Number(facts['numTimes']),
      });
      await requireRoom({ runsFolder: outputFolder, domain: config.name, cycle });
      return {
        domain: config.name,
        title: config.title ?? config.name,
        cycle,
        config: await deps.store.putJson(config, DOMAIN_CONFIG_SCHEMA),
        catalogue: await deps.store.putJson(catalogue, 'input-catalogue/1'),
        outputFolder,
        recompute: scope.recompute,
        ...(deps.searchAttributes ? { searchAttributes: true as const } : {}),
      };
    },
  };
}

/** The cycle of a schedule is the day that its zone's calendar shows. */
function scheduledCycle(config: DomainConfig, scheduledStartTime: string | undefined): string | undefined {
  if (scheduledStartTime === undefined) return undefined;
  if (config.schedule === undefined) return scheduledStartTime.slice(0, 10);
  return cycleOfSchedule(config.schedule, Date.parse(scheduledStartTime));
}

/**
 * First stage: {@link prepareRun}, then finds the day of the cycle.
 *
 * @throws ApplicationFailure `Input.*`, `Config.*`, `Ingest.*`; none is retried
 */
export async function resolveCycle(deps: ActivityDependencies, args: ResolveCycleArgs): Promise<ResolvedCycle> {
  const prepared = await withHeartbeat(
    () => ({ stage: 'resolve-cycle' }),
    () => prepareRun(deps, args, Context.current().cancellationSignal),
  );
  const outcome = await runStage(deps, prepared.scope, prepared.work);
  const run = await prepared.context(outcome.facts);
  return {
    run,
    outcome: { ...outcome, outputs: { ...outcome.outputs, config: run.config, catalogue: run.catalogue } },
  };
}
