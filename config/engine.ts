// SPDX-License-Identifier: Apache-2.0
/** The engine of a domain: how it searches, and on how many processes. */
import { z } from 'zod';

/** More processes than any cluster gives one job of ours; a larger number is a slip. */
const MAXIMUM_RANKS = 4096;

/** SLURM's own limit on times is larger; a year is a slip. */
const MAXIMUM_MINUTES = 366 * 24 * 60;

/** What a launcher gets as it stands: one word of a command line each, without what would end it. */
const launcherArguments = z
  .array(
    z
      .string()
      .min(1)
      .max(1000)
      .regex(/^[^\0]*$/u, 'must not contain NUL'),
  )
  .max(100)
  .default([]);

/** A name that SLURM gives: a letter or digit first, so that it is no option. */
const slurmName = z
  .string()
  .max(200)
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.,-]*$/u, 'must be a name as SLURM has them');

export const engineSetting = z
  .strictObject({
    launcher: z.enum(['local', 'mpirun', 'slurm']).default('local').describe('How processes of the engine start.'),
    ranks: z.number().int().min(1).max(MAXIMUM_RANKS).default(1).describe('Processes that compute together.'),
    rankGroups: z
      .number()
      .int()
      .min(1)
      .max(MAXIMUM_RANKS)
      .optional()
      .describe('Evaluations at a time, each on an equal part of the ranks. Default: by counting what is quickest.'),
    threads: z
      .number()
      .int()
      .min(1)
      .max(256)
      .optional()
      .describe('Of each process. Default: the processors at hand, shared by the ranks.'),
    gradientTolerance: z.number().min(1e-12).max(1e3).default(1e-3),
    maximumIterations: z.number().int().min(1).max(10_000).default(200),
    silenceLimitSeconds: z
      .number()
      .min(15)
      .max(86_400)
      .default(120)
      .describe('An engine of which one process is not heard for so long is ended, and goes on from its checkpoint.'),
    start: z
      .enum(['automatic', 'defaults'])
      .default('automatic')
      .describe(
        'Where the search begins: at the mode of the latest fit of the same model or of coarser meshes, or always at the defaults.',
      ),
    mpirun: z
      .strictObject({
        hostFile: z.string().min(1).optional().describe('List of hosts, in the form of the MPI library.'),
        binding: z.enum(['none', 'core', 'socket', 'numa']).default('none'),
        arguments: launcherArguments,
      })
      .prefault({}),
    slurm: z
      .strictObject({
        partition: slurmName.optional(),
        account: slurmName.optional(),
        mpi: slurmName.optional().describe('How ranks find each other, e.g. pmix.'),
        timeLimitMinutes: z.number().int().min(1).max(MAXIMUM_MINUTES).optional(),
        batch: z.boolean().default(false).describe('Through sbatch, so that SLURM may requeue the job.'),
        arguments: launcherArguments,
      })
      .prefault({}),
  })
  .superRefine(({ launcher, ranks, rankGroups = 1 }, context) => {
    if (rankGroups > ranks) {
      context.addIssue({
        code: 'custom',
        path: ['rankGroups'],
        message: `must be at most engine.ranks, ${ranks}, got ${rankGroups}`,
      });
    }
    if (launcher !== 'local' || ranks === 1) return;
    context.addIssue({
      code: 'custom',
      path: ['ranks'],
      message: `must be 1 with the local launcher, got ${ranks}: several ranks are started by engine.launcher mpirun or slurm`,
    });
  })
  .prefault({});
