// SPDX-License-Identifier: Apache-2.0
/**
 * The engine process speaks newline-delimited JSON on stdout, one event a line, each with `v`, the protocol version.
 *
 * `hello` comes first; then `progress`, `checkpoint` and `warning`; last `result` or `error`. Events of an unknown type are skipped,
 * so that a newer engine can say more. Doubles that JSON lacks (NaN, infinities) travel as null.
 *
 * @module
 */
import { StringDecoder } from 'node:string_decoder';

import { z } from 'zod';

import { TramontanaError } from '../../../common/errors.js';

export const PROTOCOL_VERSION = 1;

/** Exit codes of the engine process; any other code, and a signal, is a crash. */
export const EXIT_CODE = { done: 0, invalidInput: 2, numericalFailure: 3, interrupted: 75 } as const;

/** A longer line is not ours: the largest event (an error with theta and facts) stays below 100 kB. */
export const MAXIMUM_LINE_BYTES = 1 << 20;

/** What the parent may say on stdin: the same as SIGTERM. */
export const INTERRUPT_LINE = 'interrupt\n';

const count = z.int().nonnegative();
const finiteOrNull = z.number().nullable();
const facts = z.record(z.string(), z.unknown());

const eventSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('hello'),
    pid: count,
    kind: z.enum(['fit', 'integrate']),
    jobKey: z.string(),
    attemptToken: count,
    engineVersion: z.string(),
    threads: count,
    /** Processes that compute together; absent: one. */
    ranks: count.optional(),
    /** Iteration of the checkpoint from which this attempt goes on; 0 when it starts afresh. */
    resumedFromIteration: count,
  }),
  z.object({
    type: z.literal('progress'),
    phase: z.enum(['prepare', 'search', 'hessian', 'integrate', 'done']),
    iteration: count,
    evaluations: count,
    objective: finiteOrNull,
    gradientNorm: finiteOrNull,
    /** Of the whole job, 0 to 1, never falling within an attempt. */
    fraction: z.number().min(0).max(1),
    /** Estimate of the seconds that are left; null while unknown. */
    etaSeconds: finiteOrNull,
    /** Over all attempts. */
    elapsedSeconds: z.number(),
  }),
  z.object({ type: z.literal('checkpoint'), path: z.string(), sha256: z.string(), sequence: count, iteration: count }),
  z.object({ type: z.literal('warning'), code: z.string(), message: z.string(), facts }),
  z.object({ type: z.literal('result'), path: z.string(), sha256: z.string() }),
  z.object({ type: z.literal('error'), tag: z.string(), message: z.string(), retryable: z.boolean(), facts }),
]);

export type EngineEvent = z.infer<typeof eventSchema>;
export type EngineEventOf<Type extends EngineEvent['type']> = Extract<EngineEvent, { type: Type }>;

const KNOWN_TYPES = new Set<string>(eventSchema.options.map((option) => option.shape.type.value));

/** JSON has no NaN and no infinities. */
export function finiteOrNullOf(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** One protocol line, newline included. */
export function encodeEvent(event: EngineEvent): string {
  return `${JSON.stringify({ v: PROTOCOL_VERSION, ...event })}\n`;
}

function violation(message: string, line: string, cause?: unknown): TramontanaError {
  const start = line.slice(0, 200);
  return new TramontanaError('Engine.ProtocolViolation', `engine process: ${message}, got ${JSON.stringify(start)}`, {
    facts: { lineStart: start, lineLength: line.length },
    cause,
  });
}

/**
 * Parses one line.
 *
 * @returns the event, or undefined for a type that this version does not know
 * @throws TramontanaError `Engine.ProtocolViolation` when the line is not JSON, of another protocol version, or lacks a field
 */
export function parseEventLine(line: string): EngineEvent | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw violation('expected one JSON event a line on stdout', line, error);
  }
  const head = z.object({ v: z.int(), type: z.string() }).safeParse(value);
  if (!head.success) throw violation('expected an event with "v" and "type"', line);
  if (head.data.v !== PROTOCOL_VERSION) throw violation(`expected protocol version ${PROTOCOL_VERSION}`, line);
  if (!KNOWN_TYPES.has(head.data.type)) return undefined;
  const event = eventSchema.safeParse(value);
  if (!event.success) throw violation(`malformed "${head.data.type}" event: ${z.prettifyError(event.error)}`, line);
  return event.data;
}

/** Cuts a byte stream into lines (a chunk may end anywhere, within a UTF-8 character too) and parses them. */
export class EventStreamParser {
  private readonly decoder = new StringDecoder('utf8');
  private rest = '';

  /** @param onForeignLine - takes lines that are no JSON objects; without it they are violations */
  constructor(private readonly onForeignLine?: (line: string) => void) {}

  /** @throws TramontanaError `Engine.ProtocolViolation` (see parseEventLine), and for a line above MAXIMUM_LINE_BYTES */
  push(chunk: Uint8Array): EngineEvent[] {
    const lines = (this.rest + this.decoder.write(Buffer.from(chunk))).split('\n');
    this.rest = lines.pop() ?? '';
    const events: EngineEvent[] = [];
    for (const line of lines) {
      this.refuseOversized(line);
      if (line.trim() === '') continue;
      if (this.onForeignLine !== undefined && !line.startsWith('{')) {
        this.onForeignLine(line);
        continue;
      }
      const event = parseEventLine(line);
      if (event !== undefined) events.push(event);
    }
    this.refuseOversized(this.rest);
    return events;
  }

  /** What came after the last newline: empty after a clean end, part of a line after a crash. */
  get incompleteLine(): string {
    return this.rest;
  }

  private refuseOversized(line: string): void {
    // length counts UTF-16 units, never more than the bytes: the bound is on what is held in memory
    if (line.length > MAXIMUM_LINE_BYTES)
      throw violation(`expected lines of at most ${MAXIMUM_LINE_BYTES} bytes`, line);
  }
}
