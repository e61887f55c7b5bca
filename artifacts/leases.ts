// SPDX-License-Identifier: Apache-2.0
export interface LeaseOptions {
  /** How long to wait for another holder. */
  readonly timeoutMs: number;
  /** Stops the waiting; its reason is thrown. */
  readonly signal?: AbortSignal;
  /** Told while somebody else holds the lease, with who it is. */
  readonly onWait?: (holder: string) => void;
}

/** A lease in hand. */
export interface HeldLease {
  /** Aborted when the lease is lost: from then on nothing may be written in its name. */
  readonly signal: AbortSignal;
  /**
   * Larger than that of every holder before. What is written under the largest token is the truth: one that lost its lease and does
   * not know it yet cannot spoil the work of its successor. Absent where holders are processes of one machine, which cannot lose it.
   */
  readonly token?: number;
}

/** One holder at a time for each name, among all who share a store. */
export interface Leases {
  /**
   * Runs `body` while nobody else holds the lease.
   *
   * @throws {TramontanaError} `Lock.NotFree` (retryable) when the holder does not let go in time; what `body` throws
   */
  hold<Result>(name: string, options: LeaseOptions, body: (lease: HeldLease) => Promise<Result>): Promise<Result>;
}
