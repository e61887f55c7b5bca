// SPDX-License-Identifier: Apache-2.0

/** Looks as the schedule asks for them; each is about ten events of the history. */
const QUICK_LOOKS = 60;
const MAXIMUM_LOOKS = 150;

/** Where a waiting day stands. */
export interface Waiting {
  readonly nowMs: number;
  readonly deadlineMs: number;
  readonly expiresMs: number;
  /** What the schedule would wait now. */
  readonly waitMs: number;
  /** So many looks were taken. */
  readonly looks: number;
}

/**
 * How long to wait before the next look. Never beyond the deadline or the end: something is to be done there. After the first looks the
 * rest are spread over the time that is left, so that no setting makes a history longer than a server takes.
 */
export function nextWaitMs({ nowMs, deadlineMs, expiresMs, waitMs, looks }: Waiting): number {
  const bounds = [deadlineMs, expiresMs].filter((at) => at > nowMs).map((at) => at - nowMs);
  const spreadMs = looks < QUICK_LOOKS ? 0 : (expiresMs - nowMs) / Math.max(1, MAXIMUM_LOOKS - looks);
  return Math.max(1, Math.min(Math.max(spreadMs, waitMs), ...bounds));
}
