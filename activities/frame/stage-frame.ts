// SPDX-License-Identifier: Apache-2.0
/**
 * What all stages have in common: look into the cache, beat, report, compute, record, translate errors.
 *
 * @module
 */
import { Context } from '@temporalio/activity';

import type { ArtifactRef, HeldLease, StageIdentity, StageLookup } from '../../artifacts/index.js';
import { AttemptsInPlace } from './attempts-in-place.js';
import type { ActivityDependencies } from '../dependencies.js';
import { toApplicationFailure } from './failures.js';
import { withHeartbeat } from './heartbeat.js';
import { logAbout } from './log-attributes.js';
import { requireDeclared } from './declared-outputs.js';
import { ProgressChannel, type StageNews } from './progress-channel.js';
import { countBegin, countFailure, countLookup, countOutcome } from './stage-metrics.js';
import type { RunContext, StageOutcome } from '../stage-contracts.js';
import type { StageName, WorkName } from '../../pipeline/index.js';

/** Longer than any fit: the activity's own time-out decides. */
const EXCLUSIVE_TIMEOUT_MS = 24 * 3600 * 1000;

/** The work of a stage, or lone work, as the frame runs it. */
export interface StageWork<Name extends WorkName = StageName> {
  readonly name: Name;
  /** Raised when the code changes the result. */
  readonly version: number;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly inputs: Readonly<Record<string, ArtifactRef>>;
  /**
   * True for the stages that keep files outside the store: two runs that need the same result do not compute it side by side,
   * the second one waits and takes the result of the first. Default false.
   */
  readonly exclusive?: boolean;
  compute(tools: StageTools): Promise<StageResult>;
}

/** What a computation returns. */
export interface StageResult extends Pick<StageOutcome, 'outputs' | 'facts'> {
  /** Called once the result is recorded, e.g. to remove what only a retry would have needed. */
  readonly settled?: () => Promise<void>;
}

/** Where the engine's last checkpoint lies; travels in the heartbeat as a pointer, the file is the truth. */
export interface CheckpointPointer {
  readonly path: string;
  readonly sha256: string;
  readonly iteration: number;
}

/** What a stage tells an operator. */
export interface StageLog {
  info(message: string, facts?: Readonly<Record<string, unknown>>): void;
  warn(message: string, facts?: Readonly<Record<string, unknown>>): void;
}

/** What a computing stage may use of its surroundings. */
export interface StageTools {
  /** Aborted on cancellation, pause, time-out and worker shutdown. */
  readonly signal: AbortSignal;
  /** Identity of the computation; the same for every attempt. */
  readonly key: string;
  readonly attempt: number;
  /** Of the lease on the computation, where there is one with a token. */
  readonly leaseToken?: number;
  /** Of the activity; silent where there is none. */
  readonly log: StageLog;
  readonly report: (news: StageNews) => void;
  readonly pointToCheckpoint: (pointer: CheckpointPointer) => void;
}

/** Of a computation that nobody watches. */
export function silentTools(key = '', signal: AbortSignal = new AbortController().signal): StageTools {
  const nothing = (): void => undefined;
  const log = { info: nothing, warn: nothing };
  return { signal, key, attempt: 1, log, report: nothing, pointToCheckpoint: nothing };
}

/** Which run a stage belongs to, as far as the cache and those who watch need to know; the first stage knows no cycle yet. */
export interface StageScope extends Pick<RunContext, 'domain' | 'tile'>, Partial<Pick<RunContext, 'cycle'>> {
  /** Computed even when an intact earlier result exists. */
  readonly recompute: readonly WorkName[];
}

/** Whose latest computation explains a new one: of a tile that of the same tile. */
export function cacheScope({ domain, tile }: StageScope): string {
  return tile === undefined ? domain : `${domain}/${tile}`;
}

/** The identity of a stage's computation. */
export function identityOf(
  work: Pick<StageWork<WorkName>, 'name' | 'version' | 'parameters' | 'inputs'>,
): StageIdentity {
  const inputs = Object.fromEntries(Object.entries(work.inputs).map(([name, ref]) => [name, ref.sha256]));
  return { stage: work.name, version: work.version, parameters: work.parameters, inputs };
}

/**
 * Runs one stage inside its activity, or takes its earlier result. Beats all the while.
 *
 * @throws what the stage throws, translated by the attempts since the last checkpoint unless it was cancelled; nothing is
 *   recorded then
 */
export async function runStage(
  deps: ActivityDependencies,
  scope: StageScope,
  work: StageWork<WorkName>,
): Promise<StageOutcome> {
  const { info, log } = Context.current();
  const { domain, cycle, tile } = scope;
  logAbout({
    stage: work.name,
    domain,
    ...(cycle === undefined ? {} : { cycle }),
    ...(tile === undefined ? {} : { tile }),
  });
  countBegin(work.name, scope);
  // of tiles the workflow counts those that are done; their own news travel in the heartbeats
  const send = scope.tile === undefined ? deps.progressSender() : () => Promise.resolve();
  const channel = new ProgressChannel(work.name, info.attempt, send, (text) => {
    log.warn(text);
  });
  const run = new StageRun(deps, scope, work, channel, log);
  try {
    const outcome = await withHeartbeat(
      () => run.heartbeatDetails(),
      () => run.outcome(),
    );
    countOutcome(scope, outcome);
    return outcome;
  } catch (error) {
    if (Context.current().cancellationSignal.aborted) throw error;
    const failure = toApplicationFailure(error, run.attemptsInPlace);
    countFailure(work.name, scope, failure);
    throw failure;
  } finally {
    await channel.close();
  }
}

class StageRun {
  private readonly context = Context.current();
  private readonly identity: StageIdentity;
  private readonly seconds = stopwatch();
  private readonly attempts = new AttemptsInPlace(this.context.info.attempt, this.context.info.heartbeatDetails);
  private checkpoint: CheckpointPointer | undefined;

  constructor(
    private readonly deps: ActivityDependencies,
    private readonly scope: StageScope,
    private readonly work: StageWork<WorkName>,
    private readonly channel: ProgressChannel,
    private readonly log: StageLog,
  ) {
    this.identity = identityOf(work);
  }

  heartbeatDetails(): object {
    const { checkpoint, channel } = this;
    const { beat } = this.attempts;
    return { stage: this.work.name, progress: channel.latest ?? null, checkpoint: checkpoint ?? null, ...beat };
  }

  get attemptsInPlace(): number {
    return this.attempts.attemptsInPlace;
  }

  async outcome(): Promise<StageOutcome> {
    const found = await this.lookup();
    if (found.hit) return this.reused(found);
    if (this.work.exclusive !== true) return this.compute(found);
    const options = {
      timeoutMs: EXCLUSIVE_TIMEOUT_MS,
      signal: this.context.cancellationSignal,
      onWait: () => this.channel.report({ fraction: 0, phase: 'waiting for another run that computes the same' }),
    };
    return this.deps.leases.hold(`${this.work.name}-${found.key}`, options, async (lease) => {
      const again = await this.lookup();
      return again.hit ? this.reused(again) : this.compute(again, lease);
    });
  }

  /** A stage that was asked for anew is a miss, whatever the cache holds. */
  private async lookup(): Promise<StageLookup> {
    const found = await this.deps.cache.lookup(this.identity, cacheScope(this.scope));
    const forced = found.hit && this.scope.recompute.includes(this.work.name);
    return forced ? { hit: false, key: found.key, reason: 'asked to compute again' } : found;
  }

  private reused(found: StageLookup & { hit: true }): StageOutcome {
    countLookup(this.work.name, this.scope, true);
    const { outputs, facts } = found.record;
    return { name: this.work.name, reused: true, seconds: this.seconds(), reason: found.reason, outputs, facts };
  }

  private async compute(found: StageLookup, lease?: HeldLease): Promise<StageOutcome> {
    const { context, work, log } = this;
    const { attempt } = context.info;
    countLookup(work.name, this.scope, false);
    log.info(`${work.name}: computing`, { reason: found.reason, key: found.key });
    const { cancellationSignal } = context;
    const signal = lease === undefined ? cancellationSignal : AbortSignal.any([cancellationSignal, lease.signal]);
    const { settled, outputs, facts } = await work.compute({
      signal,
      ...(lease?.token === undefined ? {} : { leaseToken: lease.token }),
      key: found.key,
      attempt,
      log,
      report: (news) => this.channel.report(news),
      pointToCheckpoint: (pointer) => {
        this.checkpoint = pointer;
        this.attempts.reach(pointer.iteration);
        context.heartbeat(this.heartbeatDetails());
      },
    });
    signal.throwIfAborted();
    requireDeclared(work.name, outputs);
    const seconds = this.seconds();
    await this.deps.cache.record(this.identity, cacheScope(this.scope), { outputs, facts, seconds });
    await settled?.();
    return { name: work.name, reused: false, seconds, reason: found.reason, outputs, facts };
  }
}

/** Measures seconds since its making, to the millisecond. */
export function stopwatch(): () => number {
  const start = performance.now();
  return () => Math.round(performance.now() - start) / 1000;
}
