// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { isTramontanaError } from '../../../common/errors.js';
import { smallModel } from '../../../tests/golden/support.js';
import type { EngineModel } from '../contract/engine-model.js';
import { modelFromJson, modelToJson } from './model-json.js';

/** With every part that a model may have. */
function wholeModel(): EngineModel {
  const model = smallModel({ side: 2, numTimeSteps: 2 });
  const [group] = model.observations;
  assert.ok(group);
  const numObservations = group.y.length;
  return {
    ...model,
    sphereSeriesTerms: 50,
    spectralBasis: { eigenvalues: Float64Array.of(0, 0.1 + 0.2), eigenvectors: Float64Array.of(5e-324, 1e300) },
    observations: [
      {
        ...group,
        ...{ process: 0, likelihood: 'poisson', transform: 'identity' },
        weights: new Float64Array(numObservations).fill(0.3),
        exposure: new Float64Array(numObservations).fill(2),
        effectLevels: [new Int32Array(numObservations).fill(-1)],
      },
    ],
    randomEffects: [{ process: 0, numLevels: 2, structure: 'cyclic-walk' }],
    priors: [
      ...model.priors,
      { type: 'penalized-complexity', kind: 'noise-sd', lambda: 1 / 3 },
      { type: 'log-gamma', shape: 1, rate: 5e-5 },
      { type: 'fixed', value: 0 },
    ],
  };
}

/** The model as JSON, with one place changed; `undefined` takes the place away. */
function changed(path: readonly (string | number)[], value: unknown): unknown {
  const json = JSON.parse(JSON.stringify(modelToJson(wholeModel()))) as Record<PropertyKey, unknown>;
  let inner = json;
  for (const part of path.slice(0, -1)) inner = inner[part] as Record<PropertyKey, unknown>;
  const last = path.at(-1) ?? '';
  if (value === undefined) Reflect.deleteProperty(inner, last);
  else inner[last] = value;
  return json;
}

describe('models as JSON', () => {
  it('come back number for number, with what they have and nothing else', () => {
    for (const model of [wholeModel(), smallModel()]) {
      assert.deepEqual(modelFromJson(JSON.parse(JSON.stringify(modelToJson(model)))), model);
    }
  });

  const first = ['observations', 0] as const;
  const cases: readonly [readonly (string | number)[], unknown, string][] = [
    [['kynd'], 1, 'model: unknown key "kynd". Did you mean kind? Known: kind, manifold,'],
    [[...first, 'projektor'], 1, 'model.observations[0]: unknown key "projektor". Did you mean projector?'],
    [['g1', 'rows'], 1, 'model.g1: unknown key "rows". Known: numRows, numColumns, rowPointers'],
    [['kind'], 'temporal', 'model.kind: Invalid option'],
    [['kind'], undefined, 'it is missing'],
    [['c0'], undefined, 'model.c0: expected a list of finite numbers, it is missing'],
    [['c0'], '1 2 3', 'model.c0: expected a list of finite numbers, got "1 2 3"'],
    [['c0', 1], '1', 'model.c0[1]: expected a finite number, got "1"'],
    [['c0', 1], null, 'model.c0[1]: expected a finite number, got null'],
    [['c0', 2], JSON.parse('1e999'), 'model.c0[2]: expected a finite number, got Infinity'],
    [['g1', 'columnIndices', 0], 0.5, 'model.g1.columnIndices[0]: expected a whole 32-bit number, got 0.5'],
    [['g1', 'columnIndices', 0], 2 ** 40, 'expected a whole 32-bit number, got 1099511627776'],
    [['g1', 'numRows'], -1, 'model.g1.numRows: '],
    [['observations'], [], 'model.observations: '],
    [[...first, 'likelihood'], 'weibull', 'model.observations[0].likelihood: Invalid option'],
    [[...first, 'weights'], 1, 'model.observations[0].weights: expected a list of finite numbers, got 1'],
    [['priors', 0], { type: 'flat' }, 'model.priors[0].type: '],
    [['priors', 0, 'precison'], 1, 'model.priors[0]: unknown key "precison". Did you mean precision?'],
  ];
  for (const [path, value, expected] of cases) {
    it(`are refused with ${value === undefined ? 'no' : 'a wrong'} ${path.join('.')}: ${expected}`, () => {
      assert.throws(
        () => modelFromJson(changed(path, value)),
        (error) => {
          assert.ok(isTramontanaError(error, 'Input.Invalid'));
          assert.ok(error.message.includes(expected), error.message);
          return true;
        },
      );
    });
  }

  it('are refused when they are no objects', () => {
    for (const value of [null, 7, 'model', []]) {
      assert.throws(
        () => modelFromJson(value),
        (error) => isTramontanaError(error, 'Input.Invalid'),
      );
    }
  });

  it('are not made of a model with a number that JSON cannot hold', () => {
    const model = { ...smallModel(), c0: Float64Array.of(1, NaN) };
    assert.throws(
      () => modelToJson(model),
      (error) => isTramontanaError(error, 'Input.Invalid') && error.message.startsWith('model.c0[1]:'),
    );
  });
});
