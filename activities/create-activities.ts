// SPDX-License-Identifier: Apache-2.0
import type { TramontanaActivities } from './activity-interface.js';
import type { ActivityDependencies } from './dependencies.js';
import { downscale } from './downscale.js';
import { withFailureMapping } from './failures.js';
import { fit } from './fit.js';
import { ingest } from './ingest.js';
import { mesh } from './mesh.js';
import { publish } from './publish.js';
import { qualityGate } from './quality-gate.js';
import { resolveCycle } from './resolve-cycle.js';
import { resolveFit } from './resolve-fit.js';

type Bound<Arguments, Result> = (args: Arguments) => Promise<Result>;

/** Gives a stage its surroundings and translates what it throws. */
function bind<Arguments, Result>(
  deps: ActivityDependencies,
  stage: (deps: ActivityDependencies, args: Arguments) => Promise<Result>,
): Bound<Arguments, Result> {
  return (args) => withFailureMapping(() => stage(deps, args));
}

/** The activities for a worker; the only place where stages and surroundings meet. */
export function createActivities(deps: ActivityDependencies): TramontanaActivities {
  return {
    resolveCycle: bind(deps, resolveCycle),
    ingest: bind(deps, ingest),
    qualityGate: bind(deps, qualityGate),
    mesh: bind(deps, mesh),
    fit: bind(deps, fit),
    downscale: bind(deps, downscale),
    publish: bind(deps, publish),
    resolveFit: bind(deps, resolveFit),
  };
}
