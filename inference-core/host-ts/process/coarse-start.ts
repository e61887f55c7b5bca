// SPDX-License-Identifier: Apache-2.0
/**
 * A start from coarser meshes. What a mesh does not resolve counts as noise there, and the mode moves about as the edge does: the
 * modes of two meshes, carried on to the edge of a third in a straight line, lie near its own, where neither of them does.
 *
 * @module
 */
import { entry } from '../../../common/entry.js';
import { isTramontanaError, messageOf } from '../../../common/errors.js';
import type { NativeFitResult } from '../contract/fit.js';
import type { NativeEngine } from '../contract/native-engine.js';
import type { CoarseMeshes } from '../job/job-arrays.js';
import type { FitJobContent, StartChoice } from '../job/job.js';

/**
 * Searches the modes on two coarser meshes.
 *
 * @param otherwise - the start where the meshes are of no use
 * @throws {TramontanaError} `Engine.Interrupted`; what else a coarse search throws is told in the reason
 */
export async function coarseStart(
  job: FitJobContent,
  { edgeKm, meshes }: CoarseMeshes,
  otherwise: StartChoice,
  { engine, signal }: { readonly engine: NativeEngine; readonly signal: AbortSignal },
): Promise<StartChoice> {
  const startMs = performance.now();
  const modes: { readonly edgeKm: number; readonly fit: NativeFitResult }[] = [];
  for (const mesh of meshes) {
    const refused = (why: string): StartChoice => ({
      ...otherwise,
      reason: `${otherwise.reason}; the mesh with edges of ${mesh.edgeKm.toPrecision(3)} km is none: ${why}`,
    });
    try {
      const initialTheta = modes[0]?.fit.theta ?? job.initialTheta;
      const fit = await searchOn(mesh.model, job, [...initialTheta], { engine, signal });
      if (!fit.converged || fit.activeBounds.length > 0) return refused(fit.stopReason);
      modes.push({ edgeKm: mesh.edgeKm, fit });
    } catch (error) {
      if (isTramontanaError(error, 'Engine.Interrupted')) throw error;
      return refused(messageOf(error));
    }
  }
  const [coarser, finer] = [entry(modes, 0), entry(modes, 1)];
  const share = (finer.edgeKm - edgeKm) / (coarser.edgeKm - finer.edgeKm);
  const { lower = [], upper = [] } = job.thetaBounds ?? {};
  const theta = Array.from(finer.fit.theta, (value, i) => {
    const carried = value + share * (value - entry(coarser.fit.theta, i));
    return Math.min(upper[i] ?? Infinity, Math.max(lower[i] ?? -Infinity, carried));
  });
  const sizes = meshes.map(({ model }) => model.c0.length).join(' and ');
  const seconds = (performance.now() - startMs) / 1000;
  const searched = modes.reduce((sum, { fit }) => sum + fit.evaluations, 0);
  return {
    from: 'coarse-mesh',
    reason: `${otherwise.reason}; modes on meshes of ${sizes} nodes, ${searched} evaluations there in ${seconds.toFixed(1)} s`,
    theta,
    ...(otherwise.reference === undefined ? {} : { reference: otherwise.reference }),
    coarseSearch: {
      evaluations: coarser.fit.evaluations,
      of: `the search from the defaults on the mesh of ${entry(meshes, 0).model.c0.length} nodes, and the curvature here`,
    },
  };
}

async function searchOn(
  model: CoarseMeshes['meshes'][number]['model'],
  { thetaBounds, options: { gradientTolerance, maximumIterations } }: FitJobContent,
  initialTheta: readonly number[],
  { engine, signal }: { readonly engine: NativeEngine; readonly signal: AbortSignal },
): Promise<NativeFitResult> {
  const running = engine.fit(
    model,
    {
      // as closely as on the fine mesh: the evaluations are what a search there is compared with
      ...{ initialTheta, maximumIterations, gradientTolerance, computeHessian: false },
      ...(thetaBounds === undefined ? {} : { lowerBounds: thetaBounds.lower, upperBounds: thetaBounds.upper }),
    },
    undefined,
    () => undefined,
  );
  const interrupt = (): void => running.interrupt();
  signal.addEventListener('abort', interrupt, { once: true });
  if (signal.aborted) interrupt();
  try {
    return await running.promise;
  } finally {
    signal.removeEventListener('abort', interrupt);
  }
}
