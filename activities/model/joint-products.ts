// SPDX-License-Identifier: Apache-2.0
/**
 * Means over areas and probabilities of days in a row: what the stage `integrate` asks of joint draws, and what becomes of the answer.
 *
 * @module
 */
import { ARROW_MEDIA_TYPE, type ArtifactRef } from '../../artifacts/index.js';
import {
  AREA_MEANS_SCHEMA,
  encodeAreaMeans,
  encodeExceedanceRuns,
  EXCEEDANCE_RUNS_SCHEMA,
} from '../../artifacts/schemas/joint-products-arrow.js';
import { TramontanaError } from '../../common/errors.js';
import { thresholdsOf, type DomainConfig } from '../../config/index.js';
import type { GridDraws, IntegrationResult } from '../../inference-core/host-ts/index.js';
import type { QualityIssue } from '../../ingest/index.js';
import {
  areaMeans,
  areaWeights,
  exceedanceRuns,
  jointDraws,
  withoutCells,
  type FineGrid,
  type JointProductInputs,
  type ModelFrame,
} from '../../modelling/index.js';
import type { ActivityDependencies } from '../dependencies.js';
import type { StageRoute } from './estimator.js';
import { areasOf } from '../inputs/joint-areas.js';

/** Values of draws over areas that the worker holds at once; 400 MB. */
const MAXIMUM_DRAWN_VALUES = 5e7;

function wantsJointProducts({ products }: DomainConfig): boolean {
  return products.areas !== undefined || products.consecutiveDays.length > 0;
}

/** Inputs and parameters of a stage key, where there are such products and maps of a grid to draw from. */
export function jointKey(
  config: DomainConfig,
  route: Pick<StageRoute, 'maps'>,
  areas: ArtifactRef | undefined,
): { readonly parameters: Record<string, unknown>; readonly inputs: Record<string, ArtifactRef> } {
  if (route.maps !== 'grid' || !wantsJointProducts(config)) return { parameters: {}, inputs: {} };
  const { consecutiveDays, samples, areas: file } = config.products;
  return {
    parameters: {
      joint: {
        ...{ consecutiveDays, samples },
        ...(file === undefined ? {} : { nameProperty: file.nameProperty, thresholds: thresholdsOf(config) }),
      },
    },
    inputs: areas === undefined ? {} : { areas },
  };
}

/** A request of joint draws, and how to read its answer. */
export interface JointProducts {
  readonly draws: GridDraws;
  /** Stores what the draws tell. */
  store(integration: IntegrationResult): Promise<Record<string, ArtifactRef>>;
}

/**
 * What to draw for the products of a domain; undefined where there are none.
 *
 * @param isExcluded - fine cells that the products leave out
 * @throws {TramontanaError} `Config.TooCostly`; those of `areasOf`
 */
export async function jointProductsOf(
  deps: Pick<ActivityDependencies, 'store'>,
  config: DomainConfig,
  areasRef: ArtifactRef | undefined,
  { frame, grid, isExcluded }: { frame: ModelFrame; grid: FineGrid; isExcluded: readonly boolean[] | undefined },
): Promise<JointProducts | undefined> {
  if (!wantsJointProducts(config)) return undefined;
  const { consecutiveDays, samples: numSamples } = config.products;
  const file = await areasOf(deps, areasRef, config);
  const weights = file === undefined ? undefined : areaWeights(grid, file.areas, isExcluded);
  requireBounded(frame, weights?.areas.length ?? 0, numSamples);
  const inputs: JointProductInputs = { frame, consecutiveDays, weights, numSamples };
  const numCells = grid.latitudesDegrees.length * grid.longitudesDegrees.length;
  const put = (bytes: Uint8Array, schema: string): Promise<ArtifactRef> =>
    deps.store.put(bytes, { mediaType: ARROW_MEDIA_TYPE, schema });
  return {
    draws: jointDraws(inputs),
    store: async ({ draws = { runs: [], areas: [] }, predictions }) => {
      const outputs: Record<string, ArtifactRef> = {};
      if (consecutiveDays.length > 0) {
        const runs = withoutCells(exceedanceRuns(inputs, draws, numCells), isExcluded, ['probability']);
        outputs['exceedanceRuns'] = await put(encodeExceedanceRuns(runs), EXCEEDANCE_RUNS_SCHEMA);
      }
      if (file !== undefined && weights !== undefined) {
        const means = areaMeans({ ...inputs, weights }, draws, predictions, thresholdsOf(config), file.numBeyond);
        outputs['areaMeans'] = await put(encodeAreaMeans(means), AREA_MEANS_SCHEMA);
      }
      return outputs;
    },
  };
}

function requireBounded({ pollutants, dayTable }: ModelFrame, numAreas: number, numSamples: number): void {
  const values = numAreas * numSamples * pollutants.length * dayTable.length;
  if (values <= MAXIMUM_DRAWN_VALUES) return;
  const most = Math.floor(MAXIMUM_DRAWN_VALUES / (values / numSamples));
  throw new TramontanaError(
    'Config.TooCostly',
    `products.samples: expected at most ${most} for ${numAreas} areas, ${dayTable.length} days and ${pollutants.length} pollutants, got ${numSamples}; name fewer areas or draw fewer samples`,
    { facts: { numAreas, numSamples, mostSamples: most } },
  );
}

/** Says that configured products are missing: only a posterior on the complete grid can be drawn from jointly. */
export function missingJointProducts(config: DomainConfig, maps: StageRoute['maps']): readonly QualityIssue[] {
  if (maps === 'grid' || !wantsJointProducts(config)) return [];
  const { areas, consecutiveDays } = config.products;
  const left = [
    ...(areas === undefined ? [] : ['means over areas']),
    ...(consecutiveDays.length === 0 ? [] : ['probabilities of days in a row']),
  ];
  return [
    {
      code: 'no-joint-products',
      severity: 'warning',
      message: `${left.join(' and ')} are left out: they need maps of a complete grid, and these maps come from a mesh`,
      facts: { left, maps },
    },
  ];
}
