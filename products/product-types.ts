// SPDX-License-Identifier: Apache-2.0
/**
 * What a run hands to the products: plain data only, so that any caller can fill it.
 *
 * @module
 */
import type { AreaMeans, ExceedanceRun } from '../artifacts/schemas/area-means.js';
import type { EstimationRoute } from '../artifacts/schemas/estimation-route.js';
import type { FineGridPosterior } from '../artifacts/schemas/fine-grid-posterior.js';
import type { FitResult, ParameterSummary } from '../artifacts/schemas/fit-result.js';
import type { InferenceSummary } from '../artifacts/schemas/inference-summary.js';
import type { GriddedField } from '../artifacts/schemas/gridded-field.js';
import type { PosteriorBands } from '../artifacts/schemas/posterior-bands.js';
import type { QualityIssue } from '../artifacts/schemas/quality-issue.js';
import type { LeftOutTile, Tile, TilePlan } from '../artifacts/schemas/tile-plan.js';
import type { ExceedanceThreshold, PollutantId } from '../common/pollutants.js';

export type { ExceedanceThreshold, QualityIssue };

/** One stage of the pipeline as it ran. */
export interface StageReport {
  readonly name: string;
  /** True when an earlier result with the same key was taken. */
  readonly reused: boolean;
  readonly seconds: number;
  /** Why it ran or was reused, in words. */
  readonly reason: string;
}

/** Figures of one pollutant of the normalised input. */
export interface QualityFigures {
  readonly pollutant: string;
  readonly min: number | null;
  readonly mean: number | null;
  readonly max: number | null;
  /** Share of missing values in [0, 1]. */
  readonly missingShare: number;
}

/** The quality gate's decision with its grounds. */
export interface QualitySummary {
  readonly decision: 'pass' | 'degrade' | 'fail';
  readonly reasons: readonly string[];
  readonly issues: readonly QualityIssue[];
  readonly figures: readonly QualityFigures[];
}

/** One input of a run, identified by its content. */
export interface InputRecord {
  /** File name or address as the user knows it. */
  readonly name: string;
  readonly sha256: string;
  readonly bytes: number;
  /** What it is, e.g. "CAMS regional ensemble analysis". */
  readonly role: string;
}

/** Where the numbers come from. */
export interface Provenance {
  readonly inputs: readonly InputRecord[];
  /** Versions by component, e.g. {tramontana: "0.1.0", engine: "...", node: "v20.x"}. */
  readonly versions: Readonly<Record<string, string>>;
  /** sha256 of the effective configuration. */
  readonly configurationSha256: string;
  /** Effective configuration, shown in the report. */
  readonly configuration?: unknown;
  /** Identifiers of the orchestration, e.g. {workflowId, runId}. */
  readonly run?: Readonly<Record<string, string>>;
}

/** Plain geometry of a mesh in degrees. */
export interface MeshDrawing {
  /** [x1, y1, x2, y2, ...], longitude then latitude. */
  readonly segmentsDegrees: Float64Array;
  /** Closed ring of the modelled domain, [x1, y1, x2, y2, ...]. */
  readonly outline: Float64Array;
  /** Vertices in all and inside the domain, for the caption. */
  readonly numVertices?: number;
  readonly numInteriorVertices?: number;
}

/** Names of a run. `domain` and `cycle` become folder names. */
export interface RunIdentity {
  /** Lower-case name of the domain, letters, digits, hyphen, underscore or dot. */
  readonly domain: string;
  /** For people; default: the name. */
  readonly title?: string;
  /** Day of the cycle, YYYY-MM-DD. */
  readonly cycle: string;
  /** Written to the NetCDF file; default "unspecified". */
  readonly institution?: string;
  /** True when the data are invented (a known truth exists); said on every product instead of the CAMS attribution. */
  readonly simulated: boolean;
  /** Further sentence to print on every product (configuration key `notice`). */
  readonly notice?: string;
}

/** Scores of one group of days of one pollutant. */
export interface SkillScores {
  /** Root mean square error of the posterior mean, ug m-3. */
  readonly rmse: number;
  /** The same for bilinear interpolation of the coarse field, ug m-3. */
  readonly rmseBilinear: number;
  /** Share of cells and days whose truth lies inside the central 95 % interval. */
  readonly coverage95: number;
  /** Number of days scored. */
  readonly days: number;
}

/** Scores on analysis days, and on forecast days where there are any. */
export interface PollutantEvaluation extends SkillScores {
  readonly forecast?: SkillScores;
}

/** By pollutant. */
export type Evaluation = Readonly<Partial<Record<PollutantId, PollutantEvaluation>>>;

/** The tiles that the products hold, and those that they lack. */
export interface TileReport {
  readonly plan: TilePlan;
  readonly held: readonly { readonly tile: Tile; readonly parameters: readonly ParameterSummary[] }[];
  readonly missing: readonly LeftOutTile[];
}

/** Everything that the products are made of. */
export interface ProductInputs {
  readonly run: RunIdentity;
  /** What maps and report are drawn from; of a grid in bands some of its cells, regularly spaced. */
  readonly posterior: FineGridPosterior;
  /** The whole fine grid where it is too large to be held; the numbers of the products are those of its cells. */
  readonly bands?: PosteriorBands;
  /** Daily coarse field that the model saw, for the comparison figure and the bilinear reference. */
  readonly coarse: GriddedField;
  /** Truth on the fine grid (daily), only where it is known; gives `evaluation`. */
  readonly truth?: GriddedField;
  readonly thresholds: readonly ExceedanceThreshold[];
  readonly fit: FitResult;
  readonly inference: InferenceSummary;
  readonly parameters: readonly ParameterSummary[];
  /** What estimated and mapped the fields; absent in runs from before there was a choice. */
  readonly route?: EstimationRoute;
  /** Only where the route has one. */
  readonly mesh?: MeshDrawing;
  /** Of the configured areas, where the maps are those of a complete grid. */
  readonly areaMeans?: AreaMeans;
  /** Tiles of the domain, where there are several. */
  readonly tiles?: TileReport;
  /** Of the configured days in a row, where the maps are those of a complete grid; of a grid in bands the highest about each cell. */
  readonly exceedanceRuns?: readonly ExceedanceRun[];
  /** Stages before publishing; `publish` adds its own record. */
  readonly stages: readonly StageReport[];
  readonly quality: QualitySummary;
  readonly provenance: Provenance;
}
