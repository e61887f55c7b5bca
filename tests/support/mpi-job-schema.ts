// SPDX-License-Identifier: Apache-2.0
/**
 * The fields of an MPIJob of kubeflow.org/v2beta1, as its CustomResourceDefinition has them in release 0.6 of the MPI Operator. The pods
 * within are those of Kubernetes itself, which has its own validator.
 *
 * @module
 */
import { z } from 'zod';

const count = z.int().min(0).max(0x7f_ff_ff_ff);
const labels = z.record(z.string(), z.string());

const podTemplate = z.strictObject({
  metadata: z.strictObject({ labels: labels.optional(), annotations: labels.optional() }).optional(),
  spec: z.looseObject({ containers: z.array(z.looseObject({ name: z.string() })).min(1) }),
});

const replicaSpec = z.strictObject({
  replicas: count.optional(),
  restartPolicy: z.enum(['Never', 'OnFailure', 'Always', 'ExitCode']).optional(),
  template: podTemplate,
});

export const mpiJobSchema = z.strictObject({
  apiVersion: z.literal('kubeflow.org/v2beta1'),
  kind: z.literal('MPIJob'),
  metadata: z.looseObject({ name: z.string().max(63), labels: labels.optional() }),
  spec: z.strictObject({
    launcherCreationPolicy: z.enum(['AtStartup', 'WaitForWorkersReady']).optional(),
    mpiImplementation: z.enum(['OpenMPI', 'Intel', 'MPICH']).optional(),
    mpiReplicaSpecs: z.strictObject({ Launcher: replicaSpec, Worker: replicaSpec.optional() }),
    runLauncherAsWorker: z.boolean().optional(),
    runPolicy: z
      .strictObject({
        activeDeadlineSeconds: count.optional(),
        backoffLimit: count.optional(),
        cleanPodPolicy: z.enum(['None', 'Running', 'All']).optional(),
        managedBy: z.string().max(63).optional(),
        schedulingPolicy: z.looseObject({}).optional(),
        suspend: z.boolean().optional(),
        ttlSecondsAfterFinished: count.optional(),
      })
      .optional(),
    slotsPerWorker: count.optional(),
    sshAuthMountPath: z.string().optional(),
  }),
});
