// SPDX-License-Identifier: Apache-2.0
/** R-INLA's answers in the suite: what is quick of `npm run bench -- rinla`. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';

import { addonPath, loadNativeEngine } from '../../inference-core/host-ts/addon/native.js';
import { missingSharedData } from '../core/shared-data.js';
import { criteriaOfRinla, fitWhole, parameterMoments, referenceMode } from './fit-separable.js';
import { REFERENCE_CASES, type ReferenceAnswers } from './reference.js';
import { engineOrder, readCase } from './separable-case.js';

const skip = existsSync(addonPath())
  ? (missingSharedData('data', 'rinla-reference') ?? missingSharedData('data', 'piemonte') ?? false)
  : 'the native engine is not built; run `npm run setup`';

function answersOf(name: string): ReferenceAnswers {
  const answers = REFERENCE_CASES.find((reference) => reference.name === name)?.answers;
  assert.ok(answers);
  return answers;
}

for (const name of ['Piemonte', 'B600'] as const) {
  test(`${name}: the log posterior at R-INLA's mode is R-INLA's, all constants included`, { skip }, async () => {
    const { mode, logPosteriorAtMode } = answersOf(name);
    const { model } = await readCase(name);
    const { logPosterior } = await loadNativeEngine().evaluate(model, engineOrder(mode));
    // R-INLA prints four digits behind the point of the log posterior and of the mode, where the slope is below one.
    assert.ok(Math.abs(logPosterior - logPosteriorAtMode) < 2e-4, `${logPosterior}, R-INLA ${logPosteriorAtMode}`);
  });
}

test('Piemonte: mode, posterior of every parameter and criteria are those of R-INLA', { skip }, async () => {
  const engine = loadNativeEngine();
  const answers = answersOf('Piemonte');
  const separable = await readCase('Piemonte');
  const whole = await fitWhole(engine, separable);
  assert.ok(whole.fit.converged, whole.fit.stopReason);
  referenceMode(whole).forEach((value, i) => {
    // R-INLA stops within about a hundredth of a posterior standard deviation (0.04 to 0.17) of the mode.
    assert.ok(Math.abs(value - (answers.mode[i] ?? NaN)) < 5e-3, `theta[${i}] ${value}, R-INLA ${answers.mode[i]}`);
  });
  const parameters = parameterMoments(whole, separable.fixedEffectNames);
  for (const [name, { mean, sd }] of Object.entries(answers.parameters)) {
    const found = parameters[name];
    assert.ok(found);
    // Two designs of points: R-INLA's lie closer to the mode, which costs the fixed effects up to 3 % of their sd.
    assert.ok(Math.abs(found.mean - mean) < 0.05 * sd, `${name}: mean ${found.mean}, R-INLA ${mean}`);
    assert.ok(Math.abs(found.sd / sd - 1) < 0.05, `${name}: sd ${found.sd}, R-INLA ${sd}`);
  }
  const { logMarginalLikelihood } = whole.posterior;
  assert.ok(Math.abs(logMarginalLikelihood - answers.logMarginalLikelihood) < 0.05, `${logMarginalLikelihood}`);

  // At the mode tau (sum of squares + sum of variances) = n + 2, the 2 from the prior Gamma(1, 5e-5); D(mean) holds the squares.
  const { criteria, theta } = whole.posterior;
  assert.ok(criteria !== undefined);
  const count = 4054;
  const squares = criteria.devianceAtMean - count * (Math.log(2 * Math.PI) - (theta[3]?.internal.mean ?? NaN));
  // Mean instead of mode of theta, and its variance, move either side by a few parameters.
  assert.ok(Math.abs(criteria.dicEffectiveParameters - (count + 2 - squares)) < 10);

  // On R-INLA's own design and with its quadrature; what is left is the difference of the modes.
  const { dic, waic } = await criteriaOfRinla(engine, whole);
  assert.ok(Math.abs(dic / answers.dic - 1) < 1e-3, `DIC ${dic}, R-INLA ${answers.dic}`);
  assert.ok(Math.abs(waic / answers.waic - 1) < 1e-3, `WAIC ${waic}, R-INLA ${answers.waic}`);
});
