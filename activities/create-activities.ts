// SPDX-License-Identifier: Apache-2.0
import type { TramontanaActivities } from './activity-interface.js';
import { requireArtifacts } from './inputs/allowed-roots.js';
import type { ActivityDependencies } from './dependencies.js';
import { downscaleWork } from './stages/downscale.js';
import { withFailureMapping } from './frame/failures.js';
import { fitWork } from './stages/fit.js';
import { ingestWork } from './stages/ingest.js';
import { integrateWork } from './stages/integrate.js';
import { meshWork } from './stages/mesh.js';
import { publish } from './stages/publish.js';
import { qualityGateWork } from './stages/quality-gate.js';
import { resolveCycle } from './stages/resolve-cycle.js';
import { resolveFit } from './stages/resolve-fit.js';
import type { StageArgs, StageOutcome } from './stage-contracts.js';
import { runStage, type StageWork } from './frame/stage-frame.js';

type Bound<Arguments, Result> = (args: Arguments) => Promise<Result>;

/** Gives an activity its surroundings and translates what it throws. */
function bind<Arguments, Result>(
  deps: ActivityDependencies,
  body: (deps: ActivityDependencies, args: Arguments) => Promise<Result>,
): Bound<Arguments, Result> {
  return (args) => withFailureMapping(() => body(deps, args));
}

/** Judges the artifacts that a stage is given before it looks at any. */
function onOwnArtifacts<Arguments extends StageArgs, Result>(
  body: (deps: ActivityDependencies, args: Arguments) => Promise<Result>,
): typeof body {
  return async (deps, args) => {
    await requireArtifacts(deps.roots, { ...args.inputs, config: args.run.config, catalogue: args.run.catalogue });
    return body(deps, args);
  };
}

/** An activity that does nothing but run a stage. */
function stage(
  deps: ActivityDependencies,
  workOf: (deps: ActivityDependencies, args: StageArgs) => Promise<StageWork>,
): Bound<StageArgs, StageOutcome> {
  return bind(
    deps,
    onOwnArtifacts(async (surroundings, args: StageArgs) =>
      runStage(surroundings, args.run, await workOf(surroundings, args)),
    ),
  );
}

/** The activities for a worker; the only place where stages and surroundings meet. */
export function createActivities(deps: ActivityDependencies): TramontanaActivities {
  return {
    resolveCycle: bind(deps, resolveCycle),
    ingest: stage(deps, ingestWork),
    qualityGate: stage(deps, qualityGateWork),
    mesh: stage(deps, meshWork),
    fit: stage(deps, fitWork),
    integrate: stage(deps, integrateWork),
    downscale: stage(deps, downscaleWork),
    publish: bind(deps, onOwnArtifacts(publish)),
    resolveFit: bind(deps, resolveFit),
  };
}
