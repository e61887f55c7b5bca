// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, it } from 'node:test';

import { MODEL_FIELDS, PRIOR_FIELDS, type FieldSpec, type FieldTable } from '../contract/model-fields.js';
import { addonPath, loadNativeEngine } from './native.js';

const skip = existsSync(addonPath()) ? false : 'the native engine is not built; run `npm run setup`';

/** A field as the addon tells it. */
interface ToldField {
  readonly name: string;
  readonly kind: string;
  readonly of: readonly string[];
  readonly optional: boolean;
}

type Tables = Readonly<Record<string, readonly ToldField[]>>;

/** Every path of a table with what stands there, so that a difference names its field. */
function linesOf(tables: Tables): string[] {
  return Object.entries(tables)
    .flatMap(([struct, fields]) =>
      fields.map(({ name, kind, of, optional }, index) => {
        const presence = optional ? 'optional' : 'required';
        return `${struct}[${index}] ${name}: ${presence} ${kind}${of.length === 0 ? '' : ` of ${of.join(' | ')}`}`;
      }),
    )
    .sort();
}

function told(name: string, spec: FieldSpec): ToldField {
  const of = 'of' in spec ? [spec.of].flat() : [];
  return { name, kind: spec.kind, of, optional: spec.optional === true };
}

function tablesOf(structs: Readonly<Record<string, FieldTable>>): Tables {
  return Object.fromEntries(
    Object.entries(structs).map(([struct, table]) => [
      struct,
      Object.entries(table).map(([name, spec]) => told(name, spec)),
    ]),
  );
}

describe('the fields of a model', { skip }, () => {
  it('are those that the engine reads: the same names, kinds, presence and order on both sides', () => {
    const addon = createRequire(import.meta.url)(addonPath()) as {
      model_fields(): { readonly structs: Tables; readonly priors: Tables };
    };
    const native = addon.model_fields();
    assert.deepEqual(linesOf(tablesOf(MODEL_FIELDS)), linesOf(native.structs));
    assert.deepEqual(linesOf(tablesOf(PRIOR_FIELDS)), linesOf(native.priors));
    assert.ok(linesOf(native.structs).length > 50);
  });
});

describe('the names of theta', { skip }, () => {
  const group = { process: 0, timeIndex: new Int32Array(), y: new Float64Array(), covariates: new Float64Array() };

  it('come from the kind, the groups and the random effects', () => {
    const engine = loadNativeEngine();
    const groups = [0, 1, 0].map((process) => ({ ...group, process, numCovariates: 0 }));
    assert.deepEqual(engine.thetaNames({ kind: 'separable', groups }), [
      ...['log_range_s_0', 'rho_internal_0', 'log_noise_precision_0'],
      ...['log_range_s_1', 'rho_internal_1', 'log_noise_precision_1'],
      ...['log_sigma_0', 'log_sigma_1', 'lambda_0_to_1', 'log_noise_precision_group_2'],
    ]);
  });

  it('are refused where a process has no group', () => {
    assert.throws(
      () => loadNativeEngine().thetaNames({ kind: 'spatial', groups: [{ ...group, process: 2e9, numCovariates: 0 }] }),
      /groups must observe every process from 0 on/u,
    );
    assert.throws(() => loadNativeEngine().thetaNames({ kind: 'spatial', groups: [] }), /at least one group/u);
  });
});
