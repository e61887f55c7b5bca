// SPDX-License-Identifier: Apache-2.0
/** How a job of SLURM stands, as `scontrol show job` tells. */
export interface SlurmJobState {
  /** PENDING, RUNNING, COMPLETED, ... */
  readonly name: string;
  /** Of a job that ended by itself; undefined for one that a signal ended. */
  readonly exitCode: number | undefined;
}

/** States in which a job waits, runs or comes back [squeue(1), JOB STATE CODES]. */
const GOES_ON = new Set([
  'PENDING',
  'CONFIGURING',
  'RUNNING',
  'SUSPENDED',
  'STOPPED',
  'SIGNALING',
  'STAGE_OUT',
  'COMPLETING',
  'RESIZING',
  'REQUEUED',
  'REQUEUE_FED',
  'REQUEUE_HOLD',
  'SPECIAL_EXIT',
  'RESV_DEL_HOLD',
]);

/** @returns undefined where the text tells no state */
export function parseJobState(text: string): SlurmJobState | undefined {
  const name = /(?:^|\s)JobState=(\w+)/u.exec(text)?.[1];
  if (name === undefined) return undefined;
  const [, code, signal] = /(?:^|\s)ExitCode=(\d+):(\d+)/u.exec(text) ?? [];
  return { name, exitCode: code === undefined || signal !== '0' ? undefined : Number(code) };
}

export function isOver({ name }: SlurmJobState): boolean {
  return !GOES_ON.has(name);
}
