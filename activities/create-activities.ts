// SPDX-License-Identifier: Apache-2.0
import { activityName, MIDDLE_STAGES, type MiddleStage } from '../pipeline/index.js';
import type { MiddleActivities, TramontanaActivities } from './activity-interface.js';
import type { ActivityDependencies } from './dependencies.js';
import { fitModel } from './fit-model.js';
import { withFailureMapping } from './frame/failures.js';
import { withHeartbeat } from './frame/heartbeat.js';
import { logAbout } from './frame/log-attributes.js';
import { runStage } from './frame/stage-frame.js';
import type { ForecastInput } from './inputs/forecast-input.js';
import { requireArtifacts } from './inputs/allowed-roots.js';
import { planForecast } from './plan.js';
import { lookForInput } from './schedule/look-for-input.js';
import { notify } from './schedule/notify.js';
import { resolveBackfill, resolveSchedule } from './schedule/resolve-schedule.js';
import type { StageArgs, StageOutcome } from './stage-contracts.js';
import { workOfStage } from './stages/index.js';
import { publish } from './stages/publish.js';
import { resolveCycle } from './stages/resolve-cycle.js';
import { resolveFit } from './stages/resolve-fit.js';

type Bound<Arguments, Result> = (args: Arguments) => Promise<Result>;

/** Gives an activity its surroundings and translates what it throws. */
function bind<Arguments, Result>(
  deps: ActivityDependencies,
  body: (deps: ActivityDependencies, args: Arguments) => Promise<Result>,
): Bound<Arguments, Result> {
  return (args) => withFailureMapping(() => body(deps, args));
}

/** Judges the artifacts that a stage is given before it looks at any. */
function onOwnArtifacts<Arguments extends Pick<StageArgs, 'run'> & { readonly inputs: object }, Result>(
  body: (deps: ActivityDependencies, args: Arguments) => Promise<Result>,
): typeof body {
  return async (deps, args) => {
    const { domain, cycle } = args.run;
    logAbout({ domain, cycle });
    await requireArtifacts(deps, { ...args.inputs, config: args.run.config, catalogue: args.run.catalogue });
    return body(deps, args);
  };
}

/** An activity that does nothing but run a stage. */
function stage(deps: ActivityDependencies, name: MiddleStage): Bound<StageArgs, StageOutcome> {
  return bind(
    deps,
    onOwnArtifacts(async (surroundings, args: StageArgs) => {
      const workOf = await workOfStage(name);
      return runStage(surroundings, args.run, await workOf(surroundings, args));
    }),
  );
}

/** The activities for a worker; the only place where stages and surroundings meet. */
export function createActivities(deps: ActivityDependencies): TramontanaActivities {
  const middle = Object.fromEntries(
    MIDDLE_STAGES.map(({ name }) => [activityName(name), stage(deps, name)]),
  ) as MiddleActivities;
  return {
    ...middle,
    resolveCycle: bind(deps, resolveCycle),
    publish: bind(deps, onOwnArtifacts(publish)),
    planForecast: bind(deps, (surroundings, input: ForecastInput) =>
      withHeartbeat(
        () => ({ stage: 'plan' }),
        () => planForecast(surroundings, input),
      ),
    ),
    resolveFit: bind(deps, resolveFit),
    resolveSchedule: bind(deps, resolveSchedule),
    resolveBackfill: bind(deps, resolveBackfill),
    lookForInput: bind(deps, lookForInput),
    notify: bind(deps, notify),
    fitModel: bind(deps, fitModel),
  };
}
