// SPDX-License-Identifier: Apache-2.0
/**
 * What travels between the workflows and the activities: small, plain, serialisable values. Data travel as
 * {@link ArtifactRef}, never as payload.
 *
 * @module
 */
import type { ArtifactRef } from '../artifacts/index.js';
import type { TileArtifactName } from '../common/tile-names.js';
import type { ArtifactName, StageName, WorkName } from '../pipeline/index.js';

/** Name and version of a validated configuration as a JSON artifact. */
export const DOMAIN_CONFIG_SCHEMA = 'domain-config/1';

/** What a stage did and made. */
export interface StageOutcome {
  readonly name: WorkName;
  /** True when an earlier result with the same key was taken. */
  readonly reused: boolean;
  readonly seconds: number;
  /** Why it ran or was reused, in words. */
  readonly reason: string;
  readonly outputs: Readonly<Record<string, ArtifactRef>>;
  /** Small figures for people and for later stages. */
  readonly facts: Readonly<Record<string, unknown>>;
}

/** Everything about a run that is fixed once its cycle is known. */
export interface RunContext {
  readonly domain: string;
  /** For people. */
  readonly title: string;
  /** Day of the forecast cycle, YYYY-MM-DD. */
  readonly cycle: string;
  /** The validated configuration, `domain-config/1`. */
  readonly config: ArtifactRef;
  /** The input files with their hashes, `input-catalogue/1`. */
  readonly catalogue: ArtifactRef;
  /** Folder that holds the products of all cycles of all domains. */
  readonly outputFolder: string;
  /** Stages that are computed even when an intact earlier result exists. */
  readonly recompute: readonly StageName[];
  /** True where the run sets search attributes; absent in histories of before. */
  readonly searchAttributes?: true;
  /** The tile that is computed, its `id`; absent for the whole domain. */
  readonly tile?: string;
}

/** Outputs of earlier stages, by name. Which of them are there is the run's matter: a stage asks for what it needs. */
export type StageInputs<Name extends StageName> = Readonly<
  Partial<Record<ArtifactName<Name> | TileArtifactName, ArtifactRef>>
>;

/** Argument of every stage after the first; without a name, of one that may be given any artifact. */
export interface StageArgs<Name extends StageName = StageName> {
  readonly run: RunContext;
  readonly inputs: StageInputs<Name>;
}

/** A tile that could not be computed. */
export interface FailedTile {
  readonly tile: string;
  /** Dotted tag. */
  readonly type: string;
  readonly message: string;
}

/** Argument of the last stage: it reports on the others. */
export interface PublishArgs extends StageArgs<'publish'> {
  readonly stages: readonly StageOutcome[];
  /** Tiles that could not be computed, and why; absent for a domain in one rectangle. */
  readonly failedTiles?: readonly FailedTile[];
}

/** Result of the first stage. */
export interface ResolvedCycle {
  readonly run: RunContext;
  readonly outcome: StageOutcome;
}

/** Result of the last stage. */
export interface Published {
  readonly outcome: StageOutcome;
  /** Folder of this cycle's products. */
  readonly folder: string;
  /** Files in it, relative, `report.html` among them. */
  readonly files: readonly string[];
}

/** News from a running stage; the activity sends it to the workflow, throttled. */
export interface StageProgress {
  readonly stage: WorkName;
  /** 0 to 1. */
  readonly fraction: number;
  /** What it is doing, e.g. "search", "curvature at the mode". */
  readonly phase: string;
  readonly iteration?: number;
  readonly evaluations?: number;
  readonly objective?: number;
  /** Infinity norm. */
  readonly gradientNorm?: number;
  readonly etaSeconds?: number;
  /** Set when this attempt began at a checkpoint. */
  readonly resumedFromIteration?: number;
  /** 1 for the first attempt. */
  readonly attempt: number;
}

/** Name of the signal that carries {@link StageProgress}. */
export const STAGE_PROGRESS_SIGNAL = 'stageProgress' as const;

/** The kind of a phase, without its counts: "maps (3 of 39)" and "maps (4 of 39)" are one. */
export function phaseKind(phase: string): string {
  return phase.replace(/\d+/gu, '#');
}
