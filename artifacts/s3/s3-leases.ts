// SPDX-License-Identifier: Apache-2.0
/**
 * Leases as objects of a bucket, by conditional writes. Nobody compares clocks: a holder writes its lease anew every few seconds, and
 * who waits takes over when it has seen one and the same version for longer than a lease lasts, by its own clock. All that is asked of
 * the clocks is that an hour is about as long on one machine as on another.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

import { z } from 'zod';

import { messageOf, TramontanaError } from '../../common/errors.js';
import type { HeldLease, LeaseOptions, Leases } from '../leases.js';
import type { S3Objects } from './s3-objects.js';

/** Below which the leases of a store lie. */
export const LEASES_PREFIX = 'leases/';

/** Long enough for a server that restarts, short enough for who waits for a machine that is gone. */
const DEFAULT_DURATION_MS = 60_000;

/** The holder stops this much earlier than anybody takes over, so that clocks may differ in speed by a tenth, and a look takes time. */
const HOLDER_SHARE = 0.75;
const RENEWALS_IN_DURATION = 6;
const LOOKS_IN_DURATION = 12;

const leaseSchema = z.object({
  schema: z.literal('lease/1'),
  /** Of this version: a write whose answer was lost is recognised by it. */
  id: z.string(),
  holder: z.string(),
  token: z.int().positive(),
  released: z.boolean(),
  /** For people; nobody decides by it. */
  writtenAt: z.string(),
});

type Lease = Readonly<z.infer<typeof leaseSchema>>;

interface SeenLease {
  readonly tag: string;
  readonly lease: Lease | undefined;
}

/** A version of a lease, and when it was written at the latest, by the clock of this process that nobody sets. */
interface Written {
  readonly tag: string;
  readonly atMs: number;
}

export class S3Leases implements Leases {
  constructor(
    private readonly objects: S3Objects,
    private readonly durationMs: number = DEFAULT_DURATION_MS,
  ) {}

  async hold<Result>(
    name: string,
    options: LeaseOptions,
    body: (lease: HeldLease) => Promise<Result>,
  ): Promise<Result> {
    const key = `${LEASES_PREFIX}${name}.json`;
    const { token, written } = await this.take(key, options);
    const lost = new AbortController();
    const done = new AbortController();
    const renewing = this.renew(key, token, written, { lost, done: done.signal });
    try {
      return await body({ signal: lost.signal, token });
    } finally {
      done.abort();
      const last = await renewing;
      // what is not released is taken over when it is old; no reason to fail what is done
      if (last !== undefined) await this.write(key, token, last.tag, true).catch(() => undefined);
    }
  }

  private async take(
    key: string,
    options: LeaseOptions,
  ): Promise<{ readonly token: number; readonly written: Written }> {
    const { timeoutMs, signal, onWait } = options;
    const endMs = performance.now() + timeoutMs;
    let version: { readonly tag: string; readonly sinceMs: number } | undefined;
    for (;;) {
      const seen = await this.read(key, signal);
      const nowMs = performance.now();
      if (seen !== undefined && seen.tag !== version?.tag) version = { tag: seen.tag, sinceMs: nowMs };
      const isOver = version !== undefined && nowMs - version.sinceMs > this.durationMs;
      const { lease } = seen ?? {};
      // one that nobody can read was not written by us; it too is waited for, once
      if (seen === undefined || lease?.released === true || isOver) {
        // after a lease object was removed its tokens go on above the old ones
        const token = Math.max((lease?.token ?? 0) + 1, Date.now());
        const written = await this.write(key, token, seen?.tag, false, signal);
        if (written !== undefined) return { token, written };
        continue;
      }
      const holder = lease?.holder ?? 'somebody';
      onWait?.(holder);
      if (nowMs > endMs) throw notFree(this.objects.addressOf(key), timeoutMs, holder);
      await sleep(this.durationMs / LOOKS_IN_DURATION, undefined, signal === undefined ? {} : { signal }).catch(
        () => undefined,
      );
      signal?.throwIfAborted();
    }
  }

  /** Keeps the lease; the last version that was written, undefined when it was lost. */
  private async renew(
    key: string,
    token: number,
    first: Written,
    { lost, done }: { readonly lost: AbortController; readonly done: AbortSignal },
  ): Promise<Written | undefined> {
    let last = first;
    let trouble = 'somebody else has taken it';
    while (!lost.signal.aborted) {
      await sleep(this.durationMs / RENEWALS_IN_DURATION, undefined, { signal: done, ref: false }).catch(
        () => undefined,
      );
      if (done.aborted) return last;
      const leftMs = last.atMs + this.durationMs * HOLDER_SHARE - performance.now();
      try {
        const written =
          leftMs > 0
            ? await this.write(key, token, last.tag, false, AbortSignal.timeout(Math.ceil(leftMs)))
            : undefined;
        if (written === undefined) lost.abort(leaseLost(this.objects.addressOf(key), trouble));
        else last = written;
      } catch (error) {
        trouble = `it could not be renewed in time: ${messageOf(error)}`;
      }
    }
    return undefined;
  }

  /** Writes a version over the one with this tag; undefined when another one is there. */
  private async write(
    key: string,
    token: number,
    tag: string | undefined,
    released: boolean,
    signal?: AbortSignal,
  ): Promise<Written | undefined> {
    const atMs = performance.now();
    const id = randomUUID();
    const writtenAt = new Date().toISOString();
    const holder = `process ${process.pid} of ${hostname()}`;
    const lease: Lease = { schema: 'lease/1', id, holder, token, released, writtenAt };
    const text = JSON.stringify(lease);
    const written =
      tag === undefined
        ? await this.objects.create(key, text, signal)
        : await this.objects.replace(key, text, tag, signal);
    if (written !== undefined) return { tag: written, atMs };
    // an attempt whose answer was lost may have been the one that is in the way
    const seen = await this.read(key, signal);
    return seen?.lease?.id === id ? { tag: seen.tag, atMs } : undefined;
  }

  private async read(key: string, signal?: AbortSignal): Promise<SeenLease | undefined> {
    const found = await this.objects.readTagged(key, signal);
    if (found === undefined) return undefined;
    try {
      return { tag: found.tag, lease: leaseSchema.parse(JSON.parse(found.bytes.toString('utf8'))) };
    } catch {
      return { tag: found.tag, lease: undefined };
    }
  }
}

function notFree(place: string, timeoutMs: number, holder: string): TramontanaError {
  return new TramontanaError(
    'Lock.NotFree',
    `${place}: expected the lease to be free within ${timeoutMs} ms, ${holder} holds it`,
    { facts: { place, timeoutMs, holder }, retryable: true },
  );
}

function leaseLost(place: string, trouble: string): TramontanaError {
  return new TramontanaError(
    'Lock.Lost',
    `${place}: expected to keep the lease until the work is done, but ${trouble}; the work is done again by who holds it now`,
    { facts: { place, trouble }, retryable: true },
  );
}
