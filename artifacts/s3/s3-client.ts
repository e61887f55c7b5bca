// SPDX-License-Identifier: Apache-2.0
/**
 * Requests to an S3-compatible server: signed, watched, and repeated with growing pauses while the server is not well.
 *
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';

import { AwsV4Signer } from 'aws4fetch';

import { TramontanaError } from '../../common/errors.js';
import { sha256Hex } from '../../common/hash.js';
import { isPassing, refusalOf, storeRefused, storeUnreachable, type S3Refusal } from './s3-failures.js';
import type { S3Settings } from './s3-settings.js';

export interface S3Request {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** Without the prefix; absent for a request about the bucket. */
  readonly name?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly signal?: AbortSignal | undefined;
  /** Refusals that the caller understands: they are answers. */
  readonly understands?: (refusal: S3Refusal) => boolean;
}

/** An answer whose body was read. */
export interface S3Answer {
  readonly status: number;
  readonly code: string;
  readonly headers: Headers;
  readonly body: Buffer;
}

/** How patient the client is. */
export interface S3Patience {
  readonly attempts: number;
  /** Before the second attempt; doubled for each further one, with chance, so that many workers do not come at once. */
  readonly firstPauseMs: number;
  /** Without a byte in either direction. */
  readonly stallMs: number;
}

/** About four seconds of pauses: a server that restarts is back by then, and a longer outage is for Temporal's own retries. */
const DEFAULT_PATIENCE: S3Patience = { attempts: 5, firstPauseMs: 250, stallMs: 30_000 };

/** A request's body may take this long for each byte beyond the stall time: 50 kB/s, below which a store is of no use. */
const MS_PER_SENT_BYTE = 1 / 50;

/** Pieces of an answer, in order; called again from the start when an attempt breaks off. */
export type S3Consumer<Result> = (response: Response, pieces: AsyncIterable<Uint8Array>) => Promise<Result>;

const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/gu, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

export class S3Client {
  private readonly patience: S3Patience;

  constructor(
    readonly settings: S3Settings,
    patience: Partial<S3Patience> = {},
  ) {
    this.patience = { ...DEFAULT_PATIENCE, ...patience };
  }

  /** Sends a request and reads the whole answer into memory: for what is small. */
  send(request: S3Request): Promise<S3Answer> {
    return this.stream(request, async ({ status, headers }, pieces) => {
      const parts: Uint8Array[] = [];
      for await (const piece of pieces) parts.push(piece);
      return { status, code: '', headers, body: Buffer.concat(parts) };
    });
  }

  /**
   * Sends a request and hands the answer on piece by piece.
   *
   * @returns what `consume` returns; an answer without body for a refusal that the caller understands
   * @throws {TramontanaError} `Artifact.StoreUnreachable` (retryable), `Artifact.StoreRefused`, `Config.InvalidStore`; the signal's reason
   */
  async stream<Result>(request: S3Request, consume: S3Consumer<Result>): Promise<Result | S3Answer> {
    const subject = { method: request.method, key: this.keyOf(request.name) };
    let last: unknown;
    for (let attempt = 1; attempt <= this.patience.attempts; attempt += 1) {
      if (attempt > 1) await pause(this.patience.firstPauseMs * 2 ** (attempt - 2), request.signal);
      const outcome = await this.attempt(request, consume);
      if ('result' in outcome) return outcome.result;
      if ('refusal' in outcome) {
        const { refusal, headers } = outcome;
        if (request.understands?.(refusal) === true) {
          return { status: refusal.status, code: refusal.code, headers, body: Buffer.alloc(0) };
        }
        if (!isPassing(refusal)) throw storeRefused(this.settings, subject, refusal);
        last = new Error(`status ${refusal.status} ${refusal.code}`);
      } else last = outcome.error;
    }
    throw storeUnreachable(this.settings, subject, this.patience.attempts, last);
  }

  private async attempt<Result>(
    request: S3Request,
    consume: S3Consumer<Result>,
  ): Promise<
    | { readonly result: Result }
    | { readonly refusal: S3Refusal; readonly headers: Headers }
    | { readonly error: unknown }
  > {
    request.signal?.throwIfAborted();
    const signed = await this.sign(request);
    const stall = new AbortController();
    const alive = (extraMs = 0): NodeJS.Timeout =>
      setTimeout(() => stall.abort(new Error('nothing was heard in time')), this.patience.stallMs + extraMs);
    let timer = alive((request.body?.byteLength ?? 0) * MS_PER_SENT_BYTE);
    const signal = request.signal === undefined ? stall.signal : AbortSignal.any([stall.signal, request.signal]);
    try {
      const response = await fetch(signed.url, {
        method: request.method,
        headers: signed.headers,
        signal,
        // a redirect would be signed for another host
        redirect: 'manual',
        ...(request.body === undefined ? {} : { body: request.body as Uint8Array<ArrayBuffer> }),
      });
      const pieces = (async function* () {
        for await (const piece of (response.body ?? []) as AsyncIterable<Uint8Array>) {
          clearTimeout(timer);
          timer = alive();
          yield piece;
        }
      })();
      if (response.ok) return { result: await consume(response, pieces) };
      return { refusal: refusalOf(response.status, await response.text()), headers: response.headers };
    } catch (error) {
      request.signal?.throwIfAborted();
      // what the consumer decides, or the disk refuses, is no trouble of the server
      if (error instanceof TramontanaError || isOfDisk(error)) throw error;
      return { error };
    } finally {
      clearTimeout(timer);
    }
  }

  /** Whole key of an object; the prefix itself without a name. */
  keyOf(name: string | undefined): string {
    return name === undefined ? '' : `${this.settings.prefix}${name}`;
  }

  private async sign({ method, name, query = {}, headers = {}, body }: S3Request) {
    const { endpoint, bucket, pathStyle, region } = this.settings;
    const url = new URL(endpoint);
    if (!pathStyle) url.hostname = `${bucket}.${url.hostname}`;
    const key = this.keyOf(name).split('/').map(encoded).join('/');
    url.pathname = [url.pathname.replace(/\/+$/u, ''), ...(pathStyle ? [bucket] : []), key].join('/');
    url.search = new URLSearchParams(query).toString();
    const signer = new AwsV4Signer({
      ...(await this.settings.credentials()),
      ...{ method, url: url.href, region, service: 's3' },
      // the server proves by it what it was sent
      headers: { ...headers, 'x-amz-content-sha256': sha256Hex(body ?? '') },
    });
    return signer.sign();
  }
}

/** The system's own errors; those of the network come wrapped by fetch. */
function isOfDisk(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}

async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  // cut short by the signal, whose own reason is thrown
  await sleep(milliseconds * (0.5 + Math.random()), undefined, { signal }).catch(() => undefined);
  signal?.throwIfAborted();
}
