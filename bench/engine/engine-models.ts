// SPDX-License-Identifier: Apache-2.0

/** Sizes of a model; bench/native/grid_model.cpp makes mesh and data from them. */
export interface EngineModelSize {
  readonly nodes: number;
  readonly steps: number;
  readonly processes: number;
  readonly complete: boolean;
}

const KINDS = ['univariate', 'bivariate', 'trivariate'] as const;

export function modelName({ nodes, steps, processes, complete }: EngineModelSize): string {
  return `${KINDS[processes - 1] ?? `${processes} processes`} ${nodes} x ${steps}, ${complete ? 'complete' : 'gaps'}`;
}

/** [n_s, n_t, n_v], each measured complete and with gaps. The first two lists are the axes of the scaling plot. */
const OVER_STEPS: readonly (readonly [number, number, number])[] = [8, 16, 32, 64, 128, 256].map((steps) => [
  500,
  steps,
  1,
]);
const OVER_NODES: readonly (readonly [number, number, number])[] = [72, 150, 300, 700, 1119].map((nodes) => [
  nodes,
  64,
  1,
]);
const JOINT: readonly (readonly [number, number, number])[] = [
  [72, 256, 3],
  [300, 64, 2],
  [200, 64, 3],
  [500, 60, 2],
  [400, 60, 3],
  [1119, 8, 3],
];

export const FULL_MODELS: readonly EngineModelSize[] = [...OVER_STEPS, ...OVER_NODES, ...JOINT].flatMap(
  ([nodes, steps, processes]) => [false, true].map((complete) => ({ nodes, steps, processes, complete })),
);

/** Blocks of order 600: with gaps, complete, trivariate. */
export const QUICK_MODELS: readonly EngineModelSize[] = [
  { nodes: 600, steps: 24, processes: 1, complete: false },
  { nodes: 600, steps: 64, processes: 1, complete: true },
  { nodes: 200, steps: 16, processes: 3, complete: false },
];
