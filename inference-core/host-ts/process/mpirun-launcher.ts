// SPDX-License-Identifier: Apache-2.0
import { TramontanaError } from '../../../common/errors.js';
import { helloCommand, rankCommand, type EngineCommand, type EngineLauncher } from './launcher.js';
import { launcherProgram, outputOf } from './program-search.js';

/** Where the threads of a rank may run; `none` leaves it to the system. */
export type RankBinding = 'none' | 'core' | 'socket' | 'numa';

export interface MpirunOptions {
  /** Processes that compute together. */
  readonly ranks: number;
  /** Path of the list of hosts, in the form of the MPI library; absent: this machine. */
  readonly hostFile?: string | undefined;
  /** Default `none`: a rank's threads may use all cores. */
  readonly binding?: RankBinding | undefined;
  /** Further arguments of mpirun, before the program. */
  readonly arguments?: readonly string[] | undefined;
  /** Default `mpirun`. */
  readonly program?: string | undefined;
}

/** The command lines of mpirun that are spoken. */
const DIALECTS = {
  'Open MPI': {
    mark: /Open MPI|OpenRTE/u,
    argumentsOf: ({ ranks, hostFile, binding = 'none' }: MpirunOptions) => [
      // it refuses root unless told; in containers root is the only user
      ...(process.getuid?.() === 0 ? ['--allow-run-as-root'] : []),
      ...['-n', String(ranks), '--bind-to', binding],
      ...(hostFile === undefined ? [] : ['--hostfile', hostFile]),
    ],
  },
  // MPICH, and what is made of it
  Hydra: {
    mark: /HYDRA|MPICH|Intel\(R\) MPI/u,
    argumentsOf: ({ ranks, hostFile, binding = 'none' }: MpirunOptions) => [
      ...['-n', String(ranks), '-bind-to', binding],
      ...(hostFile === undefined ? [] : ['-f', hostFile]),
    ],
  },
} as const;

/**
 * Starts ranks by `mpirun` of Open MPI or MPICH, of that library with which the addon was built: with another one each process would
 * find itself alone, which it refuses.
 *
 * @throws TramontanaError `Engine.LauncherUnavailable` when `mpirun` is not on the PATH or speaks no known dialect
 */
export async function mpirunLauncher(options: MpirunOptions): Promise<EngineLauncher> {
  const program = options.program ?? 'mpirun';
  const file = launcherProgram(program, 'install openmpi-bin or mpich, or use the local launcher');
  const said = await outputOf(file, ['--version']);
  const dialect = Object.values(DIALECTS).find(({ mark }) => mark.test(said));
  if (dialect === undefined) {
    const firstLine = said.split('\n', 1)[0];
    throw new TramontanaError(
      'Engine.LauncherUnavailable',
      `${file}: expected mpirun of Open MPI or MPICH, found ${JSON.stringify(firstLine)}`,
      { facts: { program: file } },
    );
  }
  const before = [...dialect.argumentsOf(options), ...(options.arguments ?? [])];
  const start = (rank: EngineCommand): EngineCommand => ({
    file,
    args: [...before, rank.file, ...rank.args],
    stopsBy: 'stdin',
    hasForeignLines: true,
  });
  return {
    name: 'mpirun',
    ranks: options.ranks,
    command: (jobFile) => start(rankCommand(jobFile, options.ranks)),
    hello: () => start(helloCommand(options.ranks)),
  };
}
