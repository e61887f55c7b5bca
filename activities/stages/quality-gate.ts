// SPDX-License-Identifier: Apache-2.0
import { decodeGriddedField } from '../../artifacts/schemas/gridded-field-arrow.js';
import { TramontanaError } from '../../common/errors.js';
import type { DomainConfig } from '../../config/index.js';
import { assessQuality, qualityGate as judge, type LabelledField } from '../../ingest/index.js';
import type { QualitySummary } from '../../products/index.js';
import type { ActivityDependencies } from '../dependencies.js';
import type { IngestNotes } from './ingest.js';
import { areasOf } from '../inputs/joint-areas.js';
import { assessElevation, elevationParameters } from '../model/model-inputs.js';
import { requireInput } from '../inputs/require-input.js';
import type { InputCatalogue } from '../inputs/input-catalogue.js';
import type { StageArgs } from '../stage-contracts.js';
import type { StageWork } from '../frame/stage-frame.js';

/**
 * Judges the daily field and what was noticed while reading it.
 *
 * @throws ApplicationFailure `Quality.GateFailed`, and `Ingest.*` of an elevation or areas that cannot be used; not retried: the same data will be
 *   judged the same
 */
export async function workOf(deps: ActivityDependencies, args: StageArgs<'quality-gate'>): Promise<StageWork> {
  const config = await deps.store.getJson<DomainConfig>(args.run.config);
  const { elevation, areas } = await deps.store.getJson<InputCatalogue>(args.run.catalogue);
  const inputs = {
    daily: requireInput(args, 'daily'),
    notes: requireInput(args, 'notes'),
    ...(elevation === undefined ? {} : { elevation }),
    ...(areas === undefined ? {} : { areas }),
  };
  const { boundingBox, products } = config;
  // What the elevation has to cover.
  const cells = elevation === undefined ? {} : { boundingBox, resolutionDegrees: products.resolutionDegrees };
  return {
    name: 'quality-gate',
    version: 3,
    parameters: {
      ...{ quality: config.quality, ...cells, ...elevationParameters(config) },
      ...(areas === undefined ? {} : { boundingBox, areasNameProperty: products.areas?.nameProperty }),
    },
    inputs,
    compute: async () => {
      const notes = await deps.store.getJson<IngestNotes>(inputs.notes);
      const field: LabelledField = { ...decodeGriddedField(await deps.store.get(inputs.daily)), ...notes };
      const elevationIssues = await assessElevation(elevation, config, field);
      // areas that cannot be used are told before anything is fitted
      await areasOf(deps, areas, config);
      const report = assessQuality(field);
      const issues = [...report.issues, ...elevationIssues];
      const { verdict, reasons } = judge(report, {
        degradeMissingShare: config.quality.maximumMissingShareDegrade,
        failMissingShare: config.quality.maximumMissingShareFail,
      });
      const summary: QualitySummary = {
        decision: verdict,
        reasons,
        issues,
        figures: report.pollutants.map(({ pollutant, min, mean, max, missingShare }) => ({
          ...{ pollutant, min, mean, max, missingShare },
        })),
      };
      if (verdict === 'fail') {
        throw new TramontanaError(
          'Quality.GateFailed',
          `the input does not pass the quality gate: ${reasons.join('; ')}`,
          {
            facts: { reasons, thresholds: config.quality },
          },
        );
      }
      const words = reasons.length === 0 ? '' : `: ${reasons.join('; ')}`;
      return {
        outputs: { quality: await deps.store.putJson(summary, 'quality-summary/1') },
        facts: {
          summary: `${verdict}${words}`,
          ...{ decision: verdict, issues: issues.length },
          missingShares: Object.fromEntries(
            report.pollutants.map((figures) => [figures.pollutant, figures.missingShare]),
          ),
        },
      };
    },
  };
}
