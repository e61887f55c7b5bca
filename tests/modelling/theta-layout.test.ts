// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';

import { entry } from '../../common/entry.js';
import type { PollutantId } from '../../common/pollutants.js';
import { addonPath, loadNativeEngine } from '../../inference-core/host-ts/index.js';
import { thetaLayout } from '../../modelling/theta-layout.js';

const skip = existsSync(addonPath()) ? false : 'the native engine is not built; run `npm run setup`';

const POLLUTANTS: readonly PollutantId[] = ['pm2_5', 'pm10', 'no2', 'o3'];

/** A name of the engine with the pollutant in place of its index, and the unit of a range. */
function inWords(name: string, pollutants: readonly PollutantId[]): string {
  const coupling = /^lambda_(\d+)_to_(\d+)$/u.exec(name);
  if (coupling !== null) {
    const [, from, to] = coupling;
    return `weight_${entry(pollutants, Number(from))}_in_${entry(pollutants, Number(to))}`;
  }
  const [, quantity = name, index = '0'] = /^(.*?)(?:_(\d+))?$/u.exec(name) ?? [];
  const unit = quantity.replace(/_s$/u, '_km').replace(/_t$/u, '_days');
  return `${unit}_${entry(pollutants, Number(index))}`;
}

test('theta of a forecast is laid out as the engine names it', { skip }, () => {
  const none = { numCovariates: 0, timeIndex: new Int32Array(), y: new Float64Array(), covariates: new Float64Array() };
  for (const kind of ['spatio-temporal', 'spatial'] as const) {
    for (let count = 1; count <= POLLUTANTS.length; count += 1) {
      const pollutants = POLLUTANTS.slice(0, count);
      const names = loadNativeEngine().thetaNames({
        kind: kind === 'spatial' ? 'spatial' : 'exact-diffusion',
        groups: pollutants.map((_, process) => ({ ...none, process })),
      });
      assert.deepEqual(
        thetaLayout(kind, pollutants).names,
        names.map((name) => inWords(name, pollutants)),
      );
    }
  }
});
