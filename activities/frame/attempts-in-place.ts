// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';

/** What a beat tells the next attempt; anything else in it is for people. */
const beatSchema = z.object({
  attemptsInPlace: z.int().positive(),
  reachedIteration: z.int().nonnegative(),
});

/**
 * Counts the attempts at a stage since its last progress: an attempt whose checkpoint lies beyond those of the earlier ones is
 * the first again. What earlier attempts reached comes in the last heartbeat, whichever worker sent it.
 */
export class AttemptsInPlace {
  private count: number;
  private reached: number;

  /**
   * @param attempt - of the activity, from 1
   * @param lastBeat - details of the last heartbeat of the attempt before; what is none of ours counts as no progress
   */
  constructor(attempt: number, lastBeat: unknown) {
    const beat = beatSchema.safeParse(lastBeat).data;
    this.reached = beat?.reachedIteration ?? 0;
    this.count = beat === undefined ? attempt : Math.min(attempt, beat.attemptsInPlace + 1);
  }

  /** A checkpoint was written. */
  reach(iteration: number): void {
    if (iteration <= this.reached) return;
    this.reached = iteration;
    this.count = 1;
  }

  /** Attempts since the last progress, this one included. */
  get attemptsInPlace(): number {
    return this.count;
  }

  /** To be told in every beat. */
  get beat(): z.infer<typeof beatSchema> {
    return { attemptsInPlace: this.count, reachedIteration: this.reached };
  }
}
