// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { evaluateGolden } from '../../inference-core/host-ts/index.js';

/** Reference cases live beside the repository and are not part of it. */
const GOLDEN = fileURLToPath(new URL('../../../shared/golden', import.meta.url));
const skip = existsSync(GOLDEN) ? false : 'the reference cases (../shared/golden) are not here';

const CASES = ['st_uni_plane_pc', 'spatial_uni', 'coreg2_st', 'coreg3_st', 'poisson_st', 'inladist_ns42'];

describe('golden cases', { skip }, () => {
  for (const name of CASES) {
    it(`${name}: f, gradient, means, variances, optimum and Hessian agree with the reference`, async (context) => {
      const report = await evaluateGolden(join(GOLDEN, name));
      context.diagnostic(JSON.stringify({ ...report.deviations, fit: report.fit, seconds: report.seconds }));
      assert.equal(report.status, 'passed', report.reason);
    });
  }
});
