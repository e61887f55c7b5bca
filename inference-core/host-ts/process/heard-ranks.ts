// SPDX-License-Identifier: Apache-2.0
/**
 * Which ranks of a job are still heard. A rank that is stopped, or whose machine is gone without a word, ends no process and fails no
 * call: the others wait for it, for ever, while rank 0 goes on telling that it waits. So every rank says a line from time to time.
 *
 * @module
 */
import { z } from 'zod';

/** How often a rank says that it is there. */
export const BEAT_INTERVAL_MS = 5000;

/** What none of these is left out for: a swapping machine, a file system that hangs for a minute. A lost one is noticed in time for a retry. */
export const SILENCE_LIMIT_MS = 120_000;

/** It is asked twice a second: for longer than this nobody listened, because this process was stopped or busy. That is no silence of theirs. */
const DEAF_MS = 2000;

const beatSchema = z.strictObject({ beat: z.int().nonnegative() });

/** One line of stderr, newline included. */
export function beatLine(rank: number): string {
  return `${JSON.stringify({ beat: rank })}\n`;
}

/** @returns the rank that says it is there; undefined for any other line */
function rankOfBeat(line: string): number | undefined {
  if (!line.startsWith('{"beat":')) return undefined;
  try {
    return beatSchema.safeParse(JSON.parse(line)).data?.beat;
  } catch {
    return undefined;
  }
}

/** A rank, and for how long it has said nothing. */
export interface SilentRank {
  readonly rank: number;
  readonly silentMs: number;
}

/**
 * A rank is listened for from its first sign on: nobody knows when a queue lets a job begin, and where an option of the launcher leads
 * the lines of ranks elsewhere only the events of rank 0 are heard.
 */
export class HeardRanks {
  private readonly heardMs = new Map<number, number>();
  private askedMs: number | undefined;

  /** @param nowMs - of a clock that never goes back */
  constructor(
    private readonly ranks: number,
    private readonly limitMs: number,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /** Rank 0 has told something. */
  hearEvent(): void {
    this.heardMs.set(0, this.nowMs());
  }

  /** @returns true for a line that only says that a rank is there */
  hearLine(line: string): boolean {
    const rank = rankOfBeat(line);
    if (rank === undefined) return false;
    if (rank < this.ranks) this.heardMs.set(rank, this.nowMs());
    return true;
  }

  /** The rank that has been silent for longest, where that is too long. To be asked all the time. */
  silent(): SilentRank | undefined {
    const now = this.nowMs();
    const deafMs = now - (this.askedMs ?? now);
    this.askedMs = now;
    if (deafMs > DEAF_MS) this.pardon(deafMs);
    let longest: SilentRank = { rank: 0, silentMs: 0 };
    for (const [rank, heardMs] of this.heardMs) {
      if (now - heardMs > longest.silentMs) longest = { rank, silentMs: now - heardMs };
    }
    return longest.silentMs > this.limitMs ? longest : undefined;
  }

  private pardon(milliseconds: number): void {
    for (const [rank, heardMs] of this.heardMs) this.heardMs.set(rank, heardMs + milliseconds);
  }
}
