// SPDX-License-Identifier: Apache-2.0
/** What a store keeps under a name. */
export interface StoredObject {
  readonly name: string;
  readonly bytes: number;
  /** When it was written or last touched, by the store's own clock, ms since 1970. */
  readonly modifiedMs: number;
}

/**
 * Where a store keeps its bytes: objects under names such as `objects/ab/ab12...` and `stages/latest/x/fit.json`. Nobody outside
 * of this room knows what is behind it.
 */
export interface ObjectStore {
  /** Address of the whole, ending with a slash. */
  readonly address: string;
  addressOf(name: string): string;
  /** Undefined where there is no such object. */
  read(name: string, signal?: AbortSignal): Promise<Buffer | undefined>;
  /** Readers see the object before, or the whole new one. */
  write(name: string, data: Uint8Array | string, signal?: AbortSignal): Promise<void>;
  /** Undefined where there is no such object. */
  stat(name: string): Promise<StoredObject | undefined>;
  /** Notes that an object was used now; retention asks. Does nothing where there is none. */
  touch(name: string): Promise<void>;
  /** Objects whose names begin with the prefix, in no promised order. */
  list(prefix: string, signal?: AbortSignal): AsyncIterable<StoredObject>;
  /** Does nothing where there is none. */
  remove(name: string): Promise<void>;
  /**
   * Removes uploads that were begun before a time and never ended, where the store keeps such.
   *
   * @returns how many there were; with `dryRun` they stay
   */
  removeUnfinished?(beforeMs: number, dryRun: boolean): Promise<number>;
}

/** An object was last used when it was written, or when the one of its name below this prefix was, where there is one. */
export const USED_PREFIX = 'used/';
