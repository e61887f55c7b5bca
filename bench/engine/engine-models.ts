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

/** A model of the table: `gapSteps` where the variant with gaps, whose time is proportional to n_t, has fewer steps. */
interface ModelFamily {
  readonly nodes: number;
  readonly steps: number;
  readonly processes: number;
  readonly gapSteps?: number;
}

/** The axes of the scaling plot. */
const OVER_STEPS: readonly ModelFamily[] = [8, 16, 32, 64, 128, 256].map((steps) => ({
  nodes: 300,
  steps,
  processes: 1,
}));
const OVER_NODES: readonly ModelFamily[] = [72, 150, 600, 850, 1119].map((nodes) => ({
  nodes,
  steps: 32,
  processes: 1,
}));
const JOINT: readonly ModelFamily[] = [
  { nodes: 600, steps: 64, processes: 1, gapSteps: 16 },
  { nodes: 72, steps: 256, processes: 3 },
  { nodes: 300, steps: 64, processes: 2, gapSteps: 16 },
  { nodes: 200, steps: 64, processes: 3, gapSteps: 16 },
  { nodes: 500, steps: 60, processes: 2, gapSteps: 16 },
  { nodes: 400, steps: 60, processes: 3, gapSteps: 16 },
  { nodes: 700, steps: 8, processes: 3 },
];

/** Each complete and with gaps. */
export const FULL_MODELS: readonly EngineModelSize[] = [...JOINT, ...OVER_STEPS, ...OVER_NODES].flatMap(
  ({ nodes, steps, processes, gapSteps = steps }) => [
    { nodes, steps: gapSteps, processes, complete: false },
    { nodes, steps, processes, complete: true },
  ],
);

/** Blocks of order 600: with gaps, complete, trivariate. */
export const QUICK_MODELS: readonly EngineModelSize[] = [
  { nodes: 600, steps: 24, processes: 1, complete: false },
  { nodes: 600, steps: 64, processes: 1, complete: true },
  { nodes: 200, steps: 16, processes: 3, complete: false },
];
