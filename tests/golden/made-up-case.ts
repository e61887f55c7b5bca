// SPDX-License-Identifier: Apache-2.0
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { zipSync } from 'fflate';

export type Entry = readonly [row: number, column: number, value: number];

export function npy(values: readonly number[]): Uint8Array {
  const text = `{'descr': '<f8', 'fortran_order': False, 'shape': (${values.length},), }`.padEnd(117);
  const header = Buffer.concat([
    Buffer.from([0x93]),
    Buffer.from('NUMPY'),
    Buffer.from([1, 0, 118, 0]),
    Buffer.from(`${text}\n`),
  ]);
  return Buffer.concat([header, Buffer.from(Float64Array.from(values).buffer)]);
}

function triplets(
  name: string,
  shape: readonly [number, number],
  entries: readonly Entry[],
): Record<string, Uint8Array> {
  return {
    [`${name}_i.npy`]: npy(entries.map(([row]) => row)),
    [`${name}_j.npy`]: npy(entries.map(([, column]) => column)),
    [`${name}_v.npy`]: npy(entries.map(([, , value]) => value)),
    [`${name}_shape.npy`]: npy(shape),
  };
}

const diagonal = (...values: number[]): Entry[] => values.map((value, index) => [index, index, value]);

const NUM_NODES = 2;
const NUM_TIMES = 3;
const PRIOR = { type: 'gaussian', mean: 0, precision: 0.5 };

/** Two pollutants, two nodes, three time steps; one fixed effect of the first pollutant and two of the second: 12 + 3 columns. */
export const COREGIONAL_A: Entry[] = [
  // pollutant 0: node 1 at time 0; both nodes at time 2, with stored zeros elsewhere
  [0, 1, 1],
  [0, 12, 1],
  [1, 3, 0],
  [1, 8, 0.25],
  [1, 9, 0.75],
  [1, 12, 1],
  [1, 13, 0],
  // pollutant 1: node 0 at time 1, given as two halves; an observation of its fixed effects alone
  [2, 6, 0.5],
  [2, 6, 0.5],
  [2, 13, 1],
  [2, 14, -2],
  [3, 13, 1],
  [3, 14, 7],
];

/** Writes a case of the coregional model into a folder, with what the overrides change. */
export async function writeCase(
  folder: string,
  overrides: { caseJson?: Record<string, unknown>; a?: readonly Entry[]; outputs?: Record<string, Uint8Array> } = {},
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const evaluation = { theta: [1, 2], f_independent_dense: 10, grad_exact: [4, -8] };
  const caseJson = {
    case: 'made-up',
    kind: 'coregional_st_2',
    manifold: 'plane',
    likelihood: 'gaussian',
    n_models: 2,
    n_s: NUM_NODES,
    n_t: NUM_TIMES,
    obs_per_model: [2, 2],
    fixed_effects_prior_precision: 0.01,
    priors: [PRIOR, { type: 'penalized_complexity', kind: 'r_t', alpha: 0.01, u: 4 }],
    evaluations: [evaluation],
    optimum: { theta: [0, 0], f: 3 },
    ...overrides.caseJson,
  };
  await writeFile(join(folder, 'case.json'), JSON.stringify(caseJson));
  const inputs = {
    ...triplets('c0', [2, 2], diagonal(0.5, 0.5)),
    // one triangle only, and a pair that adds up to zero
    ...triplets(
      'g1',
      [2, 2],
      [
        [0, 0, 1],
        [0, 1, -1],
        [1, 1, 1],
        [1, 0, 3],
        [1, 0, -3],
      ],
    ),
    ...triplets('m0', [3, 3], diagonal(0.5, 1, 0.5)),
    ...triplets(
      'm1',
      [3, 3],
      [
        [0, 0, 0.5],
        [2, 2, 0.5],
      ],
    ),
    ...triplets('m2', [3, 3], [...diagonal(1, 2, 1), [0, 1, -1], [1, 0, -1], [1, 2, -1], [2, 1, -1]]),
    ...triplets('A', [4, 15], overrides.a ?? COREGIONAL_A),
    'y.npy': npy([1, 2, 3, 4]),
  };
  await writeFile(join(folder, 'inputs.npz'), zipSync(inputs));
  await writeFile(
    join(folder, 'outputs.npz'),
    zipSync(overrides.outputs ?? { 'x_0.npy': npy([2, -4]), 'var_0.npy': npy([1, 100]) }),
  );
  return folder;
}
