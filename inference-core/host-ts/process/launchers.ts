// SPDX-License-Identifier: Apache-2.0
import { localLauncher, type EngineLauncher } from './launcher.js';
import { mpirunLauncher, type MpirunOptions } from './mpirun-launcher.js';
import { slurmLauncher, type SlurmOptions } from './slurm-launcher.js';

/** How the engine's processes start, as a domain's configuration says it. */
export interface LaunchSettings {
  readonly launcher: 'local' | 'mpirun' | 'slurm';
  readonly ranks: number;
  readonly mpirun: Omit<MpirunOptions, 'ranks'>;
  readonly slurm: Omit<SlurmOptions, 'ranks'>;
}

/** @throws TramontanaError `Engine.LauncherUnavailable` when the program that starts them is not there */
export async function engineLauncher({ launcher, ranks, mpirun, slurm }: LaunchSettings): Promise<EngineLauncher> {
  switch (launcher) {
    case 'local':
      return localLauncher;
    case 'mpirun':
      return mpirunLauncher({ ...mpirun, ranks });
    case 'slurm':
      return slurmLauncher({ ...slurm, ranks });
  }
}
