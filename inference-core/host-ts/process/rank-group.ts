// SPDX-License-Identifier: Apache-2.0
/**
 * The ranks of one attempt as TypeScript sees them. What they compute together they share in the engine; here they agree on what
 * comes before and after: whether all can read the job, from where to resume, how it ended.
 *
 * @module
 */
import { isTramontanaError, messageOf, TramontanaError, type ErrorFacts } from '../../../common/errors.js';
import { parseExact, stringifyExact } from '../codec/exact-json.js';
import type { JoinedRanks, NativeEngine } from '../contract/native-engine.js';

/** How a phase ended on one rank. */
type Outcome =
  | { readonly value: unknown }
  | {
      readonly error: {
        readonly tag: string;
        readonly message: string;
        readonly retryable: boolean;
        readonly facts: ErrorFacts;
      };
    };

function outcomeOfError(error: unknown): Outcome {
  const message = messageOf(error);
  if (!isTramontanaError(error)) {
    return { error: { tag: 'Engine.Unexpected', message, retryable: true, facts: {} } };
  }
  const { tag, retryable, facts } = error;
  return { error: { tag, message, retryable, facts } };
}

/** Ranks that run the same program on the same job; every method is collective, called by all in the same order. */
export class RankGroup {
  constructor(
    /** Where this process stands among the others. */
    readonly place: JoinedRanks,
    private readonly engine: Pick<NativeEngine, 'gatherTexts' | 'leaveRanks'>,
  ) {}

  /** Rank 0: it alone speaks to the parent, and writes. */
  get isRoot(): boolean {
    return this.place.rank === 0;
  }

  /**
   * Runs a phase on all ranks.
   *
   * @returns what it gave on each, rank by rank
   * @throws what it threw on the lowest rank where it did, on all alike; on the others with that rank in the facts
   */
  async onAll<Value>(phase: () => Promise<Value>): Promise<readonly Value[]> {
    if (this.place.size === 1) return [await phase()];
    let own: Outcome;
    let ownError: unknown;
    try {
      own = { value: await phase() };
    } catch (error) {
      ownError = error;
      own = outcomeOfError(error);
    }
    // exact: optimiser states may hold infinities
    const texts = await this.engine.gatherTexts(stringifyExact(own));
    return texts.map((text, rank) => {
      const outcome = parseExact(text) as Outcome;
      if (!('error' in outcome)) return outcome.value as Value;
      // whose error it is keeps it as it was thrown
      if (rank === this.place.rank) throw ownError;
      const { tag, message, retryable, facts } = outcome.error;
      throw TramontanaError.fromOutside(tag, rank === 0 ? message : `rank ${rank}: ${message}`, {
        facts: { ...facts, rank },
        retryable,
      });
    });
  }

  /** What rank 0 finds, for all; what it throws, on all. The value is plain data. */
  async fromRoot<Value>(phase: () => Promise<Value>): Promise<Value> {
    const [first] = await this.onAll(async () => (this.isRoot ? await phase() : null));
    return first as Value;
  }

  /** The last call: nobody is waited for from here on. */
  async leave(): Promise<void> {
    await this.engine.leaveRanks();
  }
}

/** The group of one. */
export function singleRank(): RankGroup {
  const unused = (): Promise<never> => Promise.reject(new Error('one rank sends no messages'));
  return new RankGroup(
    { rank: 0, size: 1, library: 'none' },
    { gatherTexts: unused, leaveRanks: () => Promise.resolve() },
  );
}

/** Finds the ranks that were started together with this process. @throws TramontanaError `Engine.MpiFailed` */
export async function joinRankGroup(engine: NativeEngine): Promise<RankGroup> {
  return new RankGroup(await engine.joinRanks(), engine);
}

/**
 * Processes that do not find each other would each be rank 0, and all write.
 *
 * @throws TramontanaError `Engine.InvalidInput` for another number of ranks than was started
 */
export function requireAll({ size, library }: JoinedRanks, ranks: number): void {
  if (size === ranks) return;
  throw new TramontanaError(
    'Engine.InvalidInput',
    `expected ${ranks} ranks, ${library} finds ${size}: is the launcher of the MPI library that the engine was built with?`,
    { facts: { ranks, size, library } },
  );
}
