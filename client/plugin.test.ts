// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, it } from 'node:test';

import { TramontanaPlugin } from './plugin.js';
import { forecastWorkflowId } from './workflow-id.js';

const NAMES = [
  'downscale',
  'fit',
  'fitModel',
  'ingest',
  'integrate',
  'lookForInput',
  'mesh',
  'notify',
  'planForecast',
  'publish',
  'qualityGate',
  'resolveBackfill',
  'resolveCycle',
  'resolveFit',
  'resolveSchedule',
];

describe('TramontanaPlugin', () => {
  const plugin = new TramontanaPlugin({ stateFolder: tmpdir() });

  it('gives a worker the activities and the workflows, and leaves its own workflows alone', () => {
    const options = plugin.configureWorker({ taskQueue: 'q' });
    assert.deepEqual(Object.keys(options.activities ?? {}).sort(), NAMES);
    assert.ok(existsSync(options.workflowsPath ?? ''));
    assert.equal(plugin.configureWorker({ taskQueue: 'q', workflowsPath: '/own.js' }).workflowsPath, '/own.js');
  });

  it('configures twice as once: the same instance may sit on connection and worker', () => {
    const once = plugin.configureWorker({ taskQueue: 'q', activities: { own: () => Promise.resolve() } });
    const twice = plugin.configureWorker(once);
    assert.deepEqual(Object.keys(twice.activities ?? {}).sort(), [...NAMES, 'own'].sort());
    assert.equal(twice.workflowsPath, once.workflowsPath);
  });

  it('keeps workflows away from a worker that runs the engine only', () => {
    const options = new TramontanaPlugin({ workflows: false }).configureWorker({ taskQueue: 'q-engine' });
    assert.equal(options.workflowsPath, undefined);
  });
});

describe('workflow id', () => {
  it('is the same for the same input in any order of keys, and differs with what the input points to', () => {
    const id = forecastWorkflowId({ schemaVersion: 1, configUri: 'x' }, 'po-valley', { a: 1 });
    assert.match(id, /^forecast-po-valley-[0-9a-f]{12}$/);
    assert.equal(forecastWorkflowId({ configUri: 'x', schemaVersion: 1 }, 'po-valley', { a: 1 }), id);
    assert.notEqual(forecastWorkflowId({ schemaVersion: 1, configUri: 'x' }, 'po-valley', { a: 2 }), id);
  });
});
