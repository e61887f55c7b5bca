// SPDX-License-Identifier: Apache-2.0
import { float64At } from '../../../common/entry.js';
import type { EngineModel } from '../contract/engine-model.js';
import type { GoldenEvaluation } from './golden-case.js';
import type { NativeEngine } from '../contract/native-engine.js';

/**
 * Largest deviation of the engine's Hessian at the reference optimum, from central differences of exact gradients, relative to the
 * largest entry of the reference; 0 when the reference has none.
 */
export async function hessianDeviation(
  engine: NativeEngine,
  model: EngineModel,
  { theta, hessian }: GoldenEvaluation,
): Promise<number> {
  if (hessian === undefined) return 0;
  const { promise } = engine.fit(
    model,
    // the gradient at the optimum is far below 1: no step is taken
    { initialTheta: theta, gradientTolerance: 1, maximumIterations: 0, hessianDifferences: 'central' },
    undefined,
    () => undefined,
  );
  const found = (await promise).hessian;
  const reference = hessian.flat();
  if (found?.length !== reference.length) return NaN;
  const scale = Math.max(...reference.map(Math.abs));
  const deviations = reference.map((value, index) => Math.abs(float64At(found, index) - value) / scale);
  return deviations.some(Number.isNaN) ? NaN : Math.max(...deviations);
}
