// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe, it } from 'node:test';

import { addonPath, loadNativeEngine } from '../inference-core/host-ts/index.js';
import { smallModel } from '../tests/golden/support.js';
import { chooseIntegration, compositeEvaluations } from './integration-choice.js';

function fitOf(numTheta: number, secondsEach: number, numFixed = 0): Parameters<typeof chooseIntegration>[1] {
  const variance = (i: number): number => (i < numFixed ? 0 : 0.01);
  return {
    thetaCovariance: Array.from({ length: numTheta }, (_, i) =>
      Array.from({ length: numTheta }, (__, j) => (i === j ? variance(i) : 0)),
    ),
    evaluations: 40,
    seconds: 40 * secondsEach,
  };
}

describe('the choice of the integration', () => {
  it('counts evaluations as the design of the engine has them', () => {
    // corners of the smallest fractions of resolution V [Sanchez2005]: 4 to 16, 6 to 32, 8 to 64, 11 to 128, 15 to 256 runs
    const counts = [0, 1, 2, 4, 6, 8, 11, 15].map(compositeEvaluations);
    assert.deepEqual(counts, [1, 5, 4 + 9, 16 + 17, 32 + 25, 64 + 33, 128 + 45, 256 + 61]);
  });

  it('agrees with the engine', { skip: existsSync(addonPath()) ? false : 'the engine is not built' }, async () => {
    const theta = [1.5, 1, 0, 2];
    const covariance = theta.flatMap((_, i) => theta.map((__, j) => (i === j ? 0.01 : 0)));
    const { evaluations } = await loadNativeEngine().integrate(smallModel(), theta, covariance, {
      strategy: 'central-composite',
    }).promise;
    assert.equal(evaluations, compositeEvaluations(4));
  });

  it('integrates within its budget, and says why', () => {
    const inference = { integration: 'automatic', integrationBudgetSeconds: 45 } as const;
    const quick = chooseIntegration(inference, fitOf(4, 1));
    assert.equal(quick.strategy, 'central-composite');
    assert.match(
      quick.reason,
      /^33 evaluations of 1\.0 s for 4 hyperparameters take about 33 s, within the budget of 45 s$/,
    );
    const slow = chooseIntegration(inference, fitOf(15, 2));
    assert.equal(slow.strategy, 'empirical-bayes');
    assert.match(slow.reason, /above the budget of 45 s$/);
    assert.equal(
      chooseIntegration(inference, fitOf(15, 2, 12)).strategy,
      'central-composite',
      'fixed ones cost nothing',
    );
  });

  it('does what the configuration says whatever it costs', () => {
    for (const strategy of ['central-composite', 'empirical-bayes'] as const) {
      const choice = chooseIntegration({ integration: strategy, integrationBudgetSeconds: 0 }, fitOf(15, 100));
      assert.deepEqual(choice, { requested: strategy, strategy, reason: 'as configured' });
    }
  });
});
