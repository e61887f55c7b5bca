// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe, it } from 'node:test';

import { addonPath, loadNativeEngine, type IntegrationResult } from '../../inference-core/host-ts/index.js';
import { smallModel } from '../../tests/golden/support.js';
import { describeIntegration, requestIntegration, type IntegrationChoice } from './integration-choice.js';

const MODEL = smallModel();
const THETA = [1.5, 1, 0, 2];
const SETTING = { route: 'mesh', fit: { evaluations: 40, seconds: 40 } } as const;
const REASON =
  /^(\d+) evaluations of 1\.0 s for (\d) hyperparameters take about ([\d.]+) s, (within|above) the budget of \d+ s$/;

describe('the choice of the integration', { skip: existsSync(addonPath()) ? false : 'the engine is not built' }, () => {
  const integrate = (request: ReturnType<typeof requestIntegration>, numFree = 4): Promise<IntegrationResult> => {
    const covariance = THETA.flatMap((_, i) => THETA.map((__, j) => (i === j && i < numFree ? 0.01 : 0)));
    return loadNativeEngine().integrate(MODEL, THETA, covariance, request).promise;
  };
  const within = async (integrationBudgetSeconds: number, numFree = 4): Promise<IntegrationChoice> => {
    const inference = { integration: 'automatic', integrationBudgetSeconds } as const;
    return describeIntegration(inference, SETTING, await integrate(requestIntegration(inference, SETTING), numFree));
  };

  it('takes the best way within the budget, and says why', async () => {
    // 2 x 4 for the axes, and 1 + 2 x 4 + 16 of the smallest design of resolution V [Sanchez2005]
    for (const [budget, strategy, evaluations, verdict] of [
      [32, 'empirical-bayes', 33, 'above'],
      [33, 'central-composite', 33, 'within'],
      [400, 'central-composite', 33, 'within'],
      [2000, 'lattice', undefined, 'within'],
    ] as const) {
      const choice = await within(budget);
      assert.equal(choice.strategy, strategy, `${budget} s: ${choice.reason}`);
      const [, told, numFree, seconds, word] = REASON.exec(choice.reason) ?? [];
      assert.equal(word, verdict, choice.reason);
      assert.equal(numFree, '4');
      assert.equal(told, seconds, 'an evaluation takes a second');
      if (evaluations !== undefined) assert.equal(told, String(evaluations));
    }
  });

  it('takes what it reckons, and never more than it may', async () => {
    const engine = loadNativeEngine();
    const fit = await engine.fit(MODEL, { initialTheta: THETA }, undefined, () => undefined).promise;
    const integrated = (request: ReturnType<typeof requestIntegration>): Promise<IntegrationResult> =>
      engine.integrate(MODEL, Array.from(fit.theta), fit.thetaCovariance ?? [], request).promise;
    const design = await integrated({ strategy: 'central-composite' });
    assert.equal(design.evaluations, design.expectedEvaluations.centralComposite);
    // 48 observations leave theta wide open: a lattice that goes on to its own end takes six times as many
    const mostEvaluations = Math.ceil(design.expectedEvaluations.lattice);
    const lattice = await integrated({ strategy: 'automatic', mostEvaluations });
    assert.equal(lattice.strategy, 'lattice');
    assert.ok(lattice.evaluations > mostEvaluations / 2 && lattice.evaluations <= mostEvaluations);
  });

  it('counts components that are held as nothing', async () => {
    assert.equal((await within(150, 2)).strategy, 'lattice');
    assert.match((await within(150, 2)).reason, / for 2 hyperparameters /);
  });

  it('does what the configuration says whatever it costs', async () => {
    for (const strategy of ['lattice', 'central-composite', 'empirical-bayes'] as const) {
      const inference = { integration: strategy, integrationBudgetSeconds: 0 };
      const request = requestIntegration(inference, SETTING);
      assert.deepEqual(request, { strategy });
      const choice = describeIntegration(inference, SETTING, await integrate(request));
      assert.deepEqual(choice, { requested: strategy, strategy, reason: 'as configured' });
    }
  });

  it('counts the maps of a grid beside the mesh as part of a point', async () => {
    const inference = { integration: 'automatic', integrationBudgetSeconds: 60 } as const;
    const setting = { ...SETTING, mapSeconds: 1 };
    const request = requestIntegration(inference, setting);
    assert.deepEqual(request, { strategy: 'automatic', mostEvaluations: 30 });
    const { strategy, reason } = describeIntegration(inference, setting, await integrate(request));
    assert.equal(strategy, 'empirical-bayes');
    assert.match(reason, /^33 evaluations of 2\.0 s .* 66 s, above/u);
  });

  it('of a complete grid has points of its own in the place of those of meshes', () => {
    const grid = { ...SETTING, route: 'grid' } as const;
    for (const [integration, strategy] of [
      ['lattice', 'cubature'],
      ['central-composite', 'cubature'],
      ['empirical-bayes', 'empirical-bayes'],
    ] as const) {
      const inference = { integration, integrationBudgetSeconds: 45 };
      assert.deepEqual(requestIntegration(inference, grid), { strategy });
      const result = { strategy, expectedEvaluations: { lattice: Infinity, centralComposite: 8 }, theta: [] };
      const { requested, reason } = describeIntegration(inference, grid, result);
      assert.equal(requested, integration);
      assert.match(reason, strategy === 'cubature' ? /is for meshes/u : /^as configured$/u);
    }
  });
});
