// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';

import { openFolderStorage, stageKey, type StageIdentity } from '../../artifacts/index.js';
import type { FitResult } from '../../artifacts/schemas/fit-result.js';
import type { StartChoice } from '../../inference-core/host-ts/index.js';
import type { StartedModel } from '../../modelling/index.js';
import { chooseStart, plannedStart, type AskedStart } from './fit-start.js';

const SCOPE = 'a-domain';
const MODEL: StartedModel = {
  ...{ kind: 'spatial', pollutants: ['o3'], covariates: { names: ['intercept'] } },
  thetaNames: ['log_range_km_o3', 'log_sigma_o3', 'log_noise_precision_o3'],
  standardisation: [{ pollutant: 'o3', statistic: 'daily_mean', meanUgM3: 60, sdUgM3: 10 }],
  ...{ initialTheta: [4, 0, 3], thetaBounds: { lower: [0, -5, -5], upper: [9, 5, 12] } },
};
const FOUND: Partial<FitResult> = {
  ...{ theta: [4.4, 0.1, 3.3], converged: true, activeBounds: [], evaluations: 20 },
  hessian: [
    [9, 0, 0],
    [0, 8, 0],
    [0, 0, 7],
  ],
};

/** The identity of a fit by its day. */
function fitOf(day: string, change: Partial<StageIdentity> = {}): StageIdentity {
  const parameters = { pollutants: ['o3'], route: 'mesh', gradientTolerance: 1e-3, model: { priors: {} } };
  return { stage: 'fit', version: 9, parameters, inputs: { daily: day, mesh: 'm', spectralBasis: 's' }, ...change };
}

let root: string;
let counter = 0;
let deps: Parameters<typeof chooseStart>[0];
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'tramontana-starts-'));
});
after(() => rm(root, { recursive: true, force: true }));
beforeEach(() => {
  counter += 1;
  const { artifacts, stages } = openFolderStorage(join(root, String(counter)));
  deps = { store: artifacts, cache: stages };
});

/** Records a fit as its stage does. */
async function record(identity: StageIdentity, fit: object = FOUND, frame: object = MODEL): Promise<string> {
  const { store, cache } = deps;
  const outputs = { fit: await store.putJson(fit, 'fit-result/1'), frame: await store.putJson(frame, 'model-frame/1') };
  const facts = 'start' in fit ? { start: fit.start } : {};
  return (await cache.record(identity, SCOPE, { outputs, facts, seconds: 1 })).key;
}

function startOf(identity: StageIdentity, asked: AskedStart = 'automatic'): Promise<StartChoice> {
  return chooseStart(deps, { key: stageKey(identity), identity, scope: SCOPE }, asked, MODEL);
}

const today = fitOf('today');

describe('the start of a fit', () => {
  it('is the latest fit of the same model, with its curvature and what a fit from the defaults took', async () => {
    assert.deepEqual(await startOf(today), { from: 'defaults', reason: 'first fit of the domain' });
    const earlierKey = await record(fitOf('yesterday'));
    const start = await startOf(today);
    assert.match(start.reason, /^mode of the fit of \d{4}-/u);
    assert.equal(start.from, 'earlier-run');
    assert.equal(start.earlierKey, earlierKey);
    assert.deepEqual(start.theta, FOUND.theta);
    assert.deepEqual(start.curvature, FOUND.hessian?.flat());
    assert.equal(start.reference?.evaluations, 20);
    const place = { key: stageKey(today), identity: today, scope: SCOPE };
    assert.deepEqual(await plannedStart(deps, place, 'automatic'), { from: start.from, reason: start.reason });
  });

  it('carries the evaluations of the last fit from the defaults on from day to day', async () => {
    const reference = { evaluations: 22, of: 'the first' };
    await record(fitOf('yesterday'), {
      ...FOUND,
      evaluations: 17,
      start: { from: 'earlier-run', reason: '', reference },
    });
    assert.deepEqual((await startOf(today)).reference, reference);
    // a fit that fell back has searched twice
    await record(fitOf('later'), { ...FOUND, evaluations: 50, start: { from: 'defaults', reason: '', reference } });
    assert.deepEqual((await startOf(today)).reference, reference);
  });

  it('of a fit that is made again is the one it had, whatever was fitted since', async () => {
    const first = await record(fitOf('yesterday'));
    const start = await startOf(today);
    await record(today, { ...FOUND, start: { ...start, evaluationsSaved: 3 } });
    await record(fitOf('tomorrow'), { ...FOUND, theta: [5, 0, 3] });
    const again = await startOf(today);
    assert.equal(again.earlierKey, first);
    assert.deepEqual(again.theta, start.theta);
    // and one that began at the defaults begins there
    const other = fitOf('other');
    await record(other, { ...FOUND, start: { from: 'defaults', reason: 'first', evaluationsSaved: 0 } });
    assert.equal((await startOf(other)).from, 'defaults');
  });

  it('is never its own result', async () => {
    await record(today);
    const { from, reason } = await startOf(today);
    assert.deepEqual({ from, reason }, { from: 'defaults', reason: 'the latest fit of the domain is this one' });
  });

  it('is at the defaults, with the reason, after a fit of another model or one that cannot be used', async () => {
    const cases: readonly (readonly [RegExp, () => Promise<string>])[] = [
      [/another model: it was made by another version/u, () => record(fitOf('y', { version: 8 }))],
      [/other mesh/u, () => record(fitOf('y', { inputs: { ...today.inputs, mesh: 'coarser' } }))],
      [/other elevation/u, () => record(fitOf('y', { inputs: { ...today.inputs, elevation: 'e' } }))],
      [/other model$/u, () => record(fitOf('y', { parameters: { ...today.parameters, model: { priors: 1 } } }))],
      [/other route/u, () => record(fitOf('y', { parameters: { ...today.parameters, route: 'grid' } }))],
      [/but its mode is at a bound: sigma/u, () => record(fitOf('y'), { ...FOUND, activeBounds: ['sigma'] })],
      [/but it cannot be read/u, () => record(fitOf('y'), { ...FOUND, theta: [4, null, 3] })],
      [/but it cannot be read/u, () => record(fitOf('y'), FOUND, { kind: 'spatial' })],
      [/but its log_range_km_o3 is 9\.500/u, () => record(fitOf('y'), { ...FOUND, theta: [9.5, 0, 3] })],
      [/but it is of no2/u, () => record(fitOf('y'), FOUND, { ...MODEL, pollutants: ['no2'] })],
    ];
    for (const [pattern, write] of cases) {
      await write();
      const start = await startOf(today);
      assert.equal(start.from, 'defaults', pattern.source);
      assert.match(start.reason, pattern);
      assert.equal(start.theta, undefined);
    }
  });

  it('looks elsewhere only where it may, and how closely the mode was looked for is no other model', async () => {
    await record(fitOf('y', { parameters: { ...today.parameters, gradientTolerance: 1e-2, start: 'defaults' } }));
    assert.equal((await startOf(today)).from, 'earlier-run');
    assert.deepEqual(await startOf(today, 'defaults'), {
      from: 'defaults',
      reason: 'engine.start asks for the defaults',
    });
  });

  it('whose artifacts are gone is at the defaults', async () => {
    await record(fitOf('yesterday'));
    await rm(join(root, String(counter), 'store', 'objects'), { recursive: true });
    assert.match((await startOf(today)).reason, /but it cannot be read/u);
  });
});
