// SPDX-License-Identifier: Apache-2.0
/** What the package exports at run time. A name that comes or goes is a change for users: of the changelog, and of this list. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as client from '../../client/index.js';
import * as engine from '../../inference-core/host-ts/index.js';
import * as mesh from '../../mesh/index.js';
import * as workflows from '../../workflows/index.js';

const DOORS = { '.': client, './engine': engine, './mesh': mesh, './workflows': workflows };
const EXPORTED: Readonly<Record<keyof typeof DOORS, readonly string[]>> = {
  '.': [
    'DEFAULT_TASK_QUEUE',
    'RUN_STATES',
    'TramontanaClient',
    'TramontanaError',
    'TramontanaPlugin',
    'connectionSettings',
    'forecastWorkflowId',
    'isTramontanaError',
    'modelFitWorkflowId',
    'payloadEncryption',
    'registerSearchAttributes',
    'workflowsPath',
  ],
  './engine': [
    'ENGINE_MODEL_SCHEMA',
    'GOLDEN_TOLERANCES',
    'INTEGRATION_RESULT_SCHEMA',
    'PREDICTION_MOMENTS_SCHEMA',
    'addonPath',
    'checkpointFolder',
    'decodeIntegration',
    'decodeModel',
    'decodeMoments',
    'encodeIntegration',
    'encodeModel',
    'encodeMoments',
    'evaluateGolden',
    'loadNativeEngine',
    'localLauncher',
    'modelFromJson',
    'modelToJson',
    'mpirunLauncher',
    'runEngine',
    'thetaNames',
  ],
  './mesh': [
    'arealProjector',
    'assembleFiniteElements',
    'buildMesh',
    'createLocalProjection',
    'estimateInteriorNodes',
    'estimateMeshNodes',
    'meshDrawing',
    'multiplyCsr',
    'planarPointProjector',
    'pointProjector',
    'projectionFromDefinition',
    'resolveMeshOptions',
    'takeCsrRows',
    'triangulationQuality',
  ],
  './workflows': [
    'backfill',
    'backfillProgressQuery',
    'dailyForecast',
    'dailyProgressQuery',
    'fit',
    'fitModel',
    'forecast',
    'progressQuery',
    'stageProgressSignal',
  ],
};

for (const [door, names] of Object.entries(EXPORTED)) {
  test(`the door "${door}" exports exactly the names that are promised`, () => {
    assert.deepEqual(Object.keys(DOORS[door as keyof typeof DOORS]).sort(), names);
  });
}
