// SPDX-License-Identifier: Apache-2.0
/**
 * The stages of a forecast, declared once: workflow, plan, words of progress, `--from`, help and the manual's table follow from this
 * list. A new stage is an entry here and a file of its name in `activities/stages/`.
 *
 * @module
 */
import type { StageDeclaration } from './declaration.js';

/** In their order. */
export const PIPELINE = [
  {
    name: 'resolve-cycle',
    label: 'Find the cycle',
    does: 'validates the configuration, lists and hashes the input files, finds the day of the forecast',
    kind: 'quick',
    after: [],
    outputs: { config: 'domain-config/1', catalogue: 'input-catalogue/1' },
  },
  {
    name: 'ingest',
    label: 'Read the input',
    does: 'reads the files into one daily field, without anything that was unknown on the day of the forecast',
    kind: 'quick',
    after: [],
    outputs: { daily: 'gridded-field/1', notes: 'ingest-notes/1' },
  },
  {
    name: 'quality-gate',
    label: 'Check the quality',
    does: 'judges the field: good, degraded, or not to be used',
    kind: 'quick',
    after: ['ingest'],
    outputs: { quality: 'quality-summary/1' },
  },
  {
    name: 'mesh',
    label: 'Grid or mesh',
    does: 'chooses between the grid of the cells and a mesh, builds the mesh, cuts the tiles',
    kind: 'quick',
    after: ['ingest'],
    outputs: { route: 'estimation-route/1' },
    sometimes: {
      ...{ mesh: 'mesh/1', spectralBasis: 'spectral-basis/1' },
      ...{ tilePlan: 'tile-plan/1', daily: 'gridded-field/1', areas: 'tile-areas/1' },
    },
  },
  {
    name: 'fit',
    label: 'Fit the model',
    does: 'finds the hyperparameters, from the last checkpoint if there is one',
    kind: 'engine',
    after: ['ingest', 'mesh'],
    outputs: { fit: 'fit-result/1', frame: 'model-frame/1', parameters: 'parameter-summaries/1' },
    isTiled: true,
  },
  {
    name: 'integrate',
    label: 'Integrate',
    does: 'integrates over the hyperparameters: criteria, marginals, moments on the fine grid',
    kind: 'engine',
    after: ['fit'],
    outputs: {
      ...{ inference: 'inference-summary/1', parameters: 'parameter-summaries/1', moments: 'prediction-moments/1' },
    },
    sometimes: { areaMeans: 'area-means/1', exceedanceRuns: 'exceedance-runs/1' },
    isTiled: true,
    patch: 'integrate-stage',
  },
  {
    name: 'downscale',
    label: 'Downscale',
    does: 'turns the moments into concentrations on the fine grid',
    kind: 'engine',
    after: ['integrate'],
    outputs: { posterior: 'fine-grid-posterior/2' },
    isTiled: true,
  },
  {
    name: 'publish',
    label: 'Publish',
    does: 'writes NetCDF, maps, report and summary; they appear all at once',
    kind: 'publication',
    after: ['quality-gate', 'downscale'],
    outputs: {},
  },
] as const satisfies readonly StageDeclaration[];
