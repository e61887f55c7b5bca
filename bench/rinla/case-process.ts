// SPDX-License-Identifier: Apache-2.0
/** The process that measures one case: `case-process NAME THREADS`, answers its parent with a CaseMeasurement. */
import type { NumberVector } from '../../inference-core/host-ts/contract/engine-model.js';
import { loadNativeEngine } from '../../inference-core/host-ts/addon/native.js';
import { criteriaOfRinla, fitWhole, parameterMoments, referenceMode } from './fit-separable.js';
import type { CaseMeasurement } from './measurement.js';
import { REFERENCE_CASES } from './reference.js';
import { engineOrder, readCase } from './separable-case.js';

async function measure(name: string, numThreads: number): Promise<CaseMeasurement> {
  const reference = REFERENCE_CASES.find((known) => known.name === name);
  if (reference === undefined) throw new RangeError(`expected one of the cases, got "${name}"`);
  const engine = loadNativeEngine();
  engine.setNumThreads(numThreads);
  const separable = await readCase(reference.name);
  const whole = await fitWhole(engine, separable);
  // The peak of the fit: what follows is no part of it.
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  const { fit, posterior, model, seconds, cpuSeconds } = whole;
  const logPosteriorAt = async (theta: NumberVector): Promise<number> =>
    (await engine.evaluate(model, theta)).logPosterior;
  const { answers } = reference;
  const { criteria: exact } = posterior;
  if (exact === undefined) throw new TypeError('expected the criteria that were asked for, got none');
  const comparable = answers === undefined ? exact : await criteriaOfRinla(engine, whole);
  return {
    row: {
      case: reference.name,
      seconds,
      peakBytes,
      evaluations: fit.evaluations + posterior.evaluations,
      mode: referenceMode(whole),
      logPosteriorAtReferenceMode: answers === undefined ? null : await logPosteriorAt(engineOrder(answers.mode)),
      logMarginalLikelihood: posterior.logMarginalLikelihood,
      dic: comparable.dic,
      waic: comparable.waic,
      parameters: parameterMoments(whole, separable.fixedEffectNames),
    },
    logPosteriorAtMode: await logPosteriorAt(fit.theta),
    exactCriteria: {
      dic: exact.dic,
      dicEffectiveParameters: exact.dicEffectiveParameters,
      waic: exact.waic,
      waicEffectiveParameters: exact.waicEffectiveParameters,
    },
    phases: {
      fit: { seconds: fit.seconds, evaluations: fit.evaluations },
      integrate: { seconds: posterior.seconds, evaluations: posterior.evaluations },
    },
    cpuSeconds,
    stopReason: fit.stopReason,
  };
}

const [name = '', numThreads = '1'] = process.argv.slice(2);
const measurement = await measure(name, Number(numThreads));
process.send?.(measurement);
