// SPDX-License-Identifier: Apache-2.0
import { join, resolve } from 'node:path';

import { openStorage, type ArtifactStore, type Leases, type ObjectStore, type StageCache } from '../artifacts/index.js';
import type { CsrMatrix, SpectralBasis } from '../artifacts/schemas/mesh.js';
import { loadNativeEngine, runEngine, type EngineModel } from '../inference-core/host-ts/index.js';
import { WorkerRoots, type AllowedRoots, type RootOptions } from './inputs/allowed-roots.js';
import { defaultMemoryLimitBytes } from './model/cost.js';
import { keptRates, type RatesAt } from './model/kernel-rates.js';
import { hookOf, type Hook } from './schedule/hook.js';
import { signalOwnWorkflow, type SendProgress } from './frame/progress-channel.js';

/** Where the activities keep what outlives them. */
export interface StorageOptions extends RootOptions {
  /** Runs that need more than this at the least are refused at their start. Default: three quarters of the memory. */
  readonly memoryLimitBytes?: number;
  /** Store, stage cache and the engine's jobs; workers that share it resume each other's fits. Default `.tramontana`. */
  readonly stateFolder?: string;
  /**
   * `s3://bucket/prefix`: store, stage cache and checkpoints of all workers that name it, whatever their state folders, which hold
   * copies then. Default: `$TRAMONTANA_STORE`, else the state folder.
   */
  readonly store?: string;
  /** Products of all cycles of all domains. Default `runs`. */
  readonly runsFolder?: string;
  /** True where the server knows our search attributes (`registerSearchAttributes`): runs then set them. Default false. */
  readonly searchAttributes?: boolean;
  /** Whom to tell of late and degraded forecasts. Default: what the environment names. */
  readonly hook?: Hook;
}

/** The surroundings of the activities; a test gives its own. */
export interface ActivityDependencies {
  readonly store: ArtifactStore;
  readonly cache: StageCache;
  /** Among the workers that share the store. */
  readonly leases: Leases;
  /** Where checkpoints are for workers with other state folders; absent where the jobs folder is all there is. */
  readonly checkpoints?: ObjectStore;
  /** Job files and checkpoints of the engine. */
  readonly jobsFolder: string;
  readonly runsFolder: string;
  /** Which files a workflow may name. */
  readonly roots: AllowedRoots;
  /** What a run may plan with. */
  readonly memoryLimitBytes: number;
  readonly runEngine: typeof runEngine;
  /** Eigen-decomposition of the mesh's Laplacian. */
  readonly spectralBasis: (c0: Float64Array, g1: CsrMatrix) => Promise<SpectralBasis>;
  /** Names of the components of theta. */
  readonly thetaNames: (model: EngineModel) => readonly string[];
  /** Flops a second of the engine's kernels at an order of blocks; measured once a machine. */
  readonly kernelRates: RatesAt;
  /** Version of the engine, for provenance. */
  readonly engineVersion: () => string;
  readonly searchAttributes: boolean;
  readonly hook?: Hook | undefined;
  /** Asked once a stage, inside its activity. */
  readonly progressSender: () => SendProgress;
}

/** The real surroundings. */
export function defaultDependencies(options: StorageOptions = {}): ActivityDependencies {
  const stateFolder = resolve(options.stateFolder ?? '.tramontana');
  const { artifacts, stages, leases, objects, isShared } = openStorage({ ...options, stateFolder });
  const runsFolder = resolve(options.runsFolder ?? 'runs');
  return {
    store: artifacts,
    cache: stages,
    leases,
    ...(isShared ? { checkpoints: objects } : {}),
    jobsFolder: join(stateFolder, 'jobs'),
    runsFolder,
    roots: new WorkerRoots({ ...options, stateFolder, storeFolder: join(stateFolder, 'store'), runsFolder }),
    memoryLimitBytes: options.memoryLimitBytes ?? defaultMemoryLimitBytes(),
    runEngine,
    spectralBasis: (c0, g1) => loadNativeEngine().spectralBasis(c0, g1),
    thetaNames: (model) => loadNativeEngine().thetaNames(model),
    kernelRates: keptRates(
      stateFolder,
      (order) => loadNativeEngine().kernelRates(order),
      () => loadNativeEngine().version(),
    ),
    engineVersion: () => loadNativeEngine().version(),
    searchAttributes: options.searchAttributes ?? false,
    hook: options.hook ?? hookOf(process.env),
    progressSender: signalOwnWorkflow,
  };
}
