// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { defaultPayloadConverter } from '@temporalio/common';

import type { FitStart } from '../../artifacts/schemas/fit-result.js';
import { TramontanaClient, type ForecastInput, type ForecastResult, type ForecastRun } from '../../client/index.js';
import { dayAfter } from '../../common/time-zone.js';
import { uniformNumbers } from '../../bench/core/random.js';
import { NOT_BUILT, scratchFolder } from '../support/command-line.js';
import { startDevServer, type DevServer } from '../support/dev-server.js';
import { writeAnalyses, writeForecast, writeTinyConfig } from '../support/tiny-domain.js';

const LIMIT_MS = 3 * 60_000;
const CYCLE = '2026-03-16';

/** Settings that a person may change, each with values that run; what is changed together is drawn. */
const SETTINGS: readonly (readonly [path: string, values: readonly unknown[]])[] = [
  ['title', ['One name', 'Another name']],
  ['window.maximumHistoryDays', [2, 3]],
  ['quality.maximumMissingShareDegrade', [0.04, 0.05]],
  [
    'model.priors.sigma',
    [
      { threshold: 2, probability: 0.05 },
      { threshold: 3, probability: 0.05 },
    ],
  ],
  [
    'model.forecastErrorSds',
    [
      [0.2, 0.3],
      [0.3, 0.4],
    ],
  ],
  ['inference.integration', ['automatic', 'empirical-bayes']],
  ['engine.threads', [1, 2]],
  ['engine.maximumIterations', [100, 200]],
  ['products.resolutionDegrees', [0.1, 0.05]],
  ['products.thresholds', [{ pm2_5: '15 ug/m3' }, { pm2_5: '25 ug/m3' }]],
  ['products.institution', ['unspecified', 'An agency']],
];

/** A value at a path of keys, as `overrides` take it. */
function nested(path: string, value: unknown): Record<string, unknown> {
  const [first = '', ...rest] = path.split('.');
  return { [first]: rest.length === 0 ? value : nested(rest.join('.'), value) };
}

function merged(a: Record<string, unknown>, b: Record<string, unknown>): Record<string, unknown> {
  const both = Object.entries(b).map(([key, value]) => {
    const before = a[key];
    const isBranch = (part: unknown): part is Record<string, unknown> =>
      part !== null && typeof part === 'object' && !Array.isArray(part);
    return [key, isBranch(before) && isBranch(value) ? merged(before, value) : value] as const;
  });
  return { ...a, ...Object.fromEntries(both) };
}

describe('a forecast that is run again', { skip: NOT_BUILT, timeout: 3 * LIMIT_MS }, () => {
  let scratch: Awaited<ReturnType<typeof scratchFolder>>;
  let dev: DevServer;
  let client: TramontanaClient;
  let input: ForecastInput;

  before(async () => {
    scratch = await scratchFolder();
    const configUri = await writeTinyConfig(scratch.path, 'again');
    await Promise.all([writeAnalyses(scratch.path, CYCLE), writeForecast(scratch.path, CYCLE)]);
    input = { schemaVersion: 1, configUri };
    dev = await startDevServer(scratch.path);
    client = await TramontanaClient.connect({ address: dev.address });
  });
  after(async () => {
    await client.close();
    await dev.end();
    await scratch.remove();
  });

  const run = async (of: ForecastInput): Promise<ForecastResult> => client.result(await client.forecast(of));

  /** What each activity of a run gave back, from its history. */
  async function outcomes({ workflowId, runId }: ForecastRun): Promise<ReadonlyMap<string, Outcome>> {
    const { events } = await client.temporal.workflow.getHandle(workflowId, runId).fetchHistory();
    const given = (events ?? []).flatMap(({ activityTaskCompletedEventAttributes: ended }) => {
      const [payload] = ended?.result?.payloads ?? [];
      if (payload === undefined) return [];
      const value = defaultPayloadConverter.fromPayload<Outcome | { outcome: Outcome }>(payload);
      return ['outcome' in value ? value.outcome : value];
    });
    return new Map(given.map((outcome) => [outcome.name, outcome]));
  }

  it('is one run when it is started twice', async () => {
    const [one, other] = await Promise.all([client.forecast(input), client.forecast(input)]);
    assert.deepEqual(one, other);
    const { cycle, stages } = await client.result(one);
    assert.equal(cycle, CYCLE);
    assert.ok(stages.every(({ reused }) => !reused));
    const runs = await client.listRuns({ domain: 'again' });
    assert.deepEqual(
      runs.map(({ workflowId }) => workflowId),
      [one.workflowId],
    );
  });

  it('from the fit on keeps what was read and meshed, to the bit', async () => {
    const first = await client.forecast({ ...input, cycle: CYCLE, overrides: { model: { route: 'mesh' } } });
    await client.result(first);
    const again = await client.rerun(first, { from: 'fit' });
    const { stages } = await client.result(again);
    assert.deepEqual(
      stages.filter(({ reused }) => !reused).map(({ name }) => name),
      ['fit', 'integrate', 'downscale', 'publish'],
    );
    const [before, after] = [await outcomes(first), await outcomes(again)];
    for (const stage of ['ingest', 'quality-gate', 'mesh']) {
      const hashes = (of: ReadonlyMap<string, Outcome>): unknown =>
        Object.entries(of.get(stage)?.outputs ?? {}).map(([name, { sha256 }]) => [name, sha256]);
      assert.ok((hashes(after) as unknown[]).length > 0, stage);
      assert.deepEqual(hashes(after), hashes(before), stage);
    }
  });

  it('of the day after begins at the fit of the day before, and ends where it would have ended from the defaults', async () => {
    const next = dayAfter(CYCLE, 1);
    await writeAnalyses(scratch.path, next);
    await writeForecast(scratch.path, next);
    for (const route of ['mesh', 'grid'] as const) {
      const model = { route };
      await run({ ...input, cycle: CYCLE, overrides: { model } });
      const plan = await client.plan({ ...input, cycle: next, overrides: { model } });
      const fits: FitFigures[] = [];
      for (const start of ['automatic', 'defaults'] as const) {
        const { folder } = await run({ ...input, cycle: next, overrides: { model, engine: { start } } });
        fits.push((JSON.parse(await readFile(join(folder, 'summary.json'), 'utf8')) as { fit: FitFigures }).fit);
      }
      const [warm, cold] = fits;
      assert.ok(warm !== undefined && cold !== undefined);
      assert.equal(warm.start.from, 'earlier-run', warm.start.reason);
      assert.equal(plan.start?.from, 'earlier-run', plan.start?.reason);
      assert.equal(cold.start.from, 'defaults');
      assert.ok(warm.evaluations < cold.evaluations, `${route}: ${warm.evaluations} and ${cold.evaluations}`);
      assert.equal(warm.start.evaluationsSaved, (warm.start.reference?.evaluations ?? 0) - warm.evaluations);
      for (const [name, value] of Object.entries(cold.theta)) {
        // both gradients are below 1e-3, and the curvature of the posterior is above 1
        assert.ok(Math.abs((warm.theta[name] ?? 0) - value) < 2e-3, `${route}, ${name}`);
      }
    }
  });

  it('does what its plan says, through twenty changes of its configuration', async () => {
    const random = uniformNumbers(20_261_130);
    const draw = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
    let overrides: Record<string, unknown> = {};
    for (let change = 0; change < 20; change += 1) {
      for (let k = 0; k <= random() * 2; k += 1) {
        const [path, values] = draw(SETTINGS);
        overrides = merged(overrides, nested(path, draw(values)));
      }
      const changed = { ...input, overrides };
      const plan = await client.plan(changed);
      const { stages } = await run(changed);
      assert.deepEqual(
        stages.map(({ name, reused }) => `${name} ${reused ? 'reuse' : 'run'}`),
        plan.stages.map(({ name, willRun }) => `${name} ${willRun ? 'run' : 'reuse'}`),
        `change ${change}: ${JSON.stringify(overrides)}`,
      );
    }
  });
});

interface FitFigures {
  readonly evaluations: number;
  readonly theta: Readonly<Record<string, number>>;
  readonly start: FitStart;
}

interface Outcome {
  readonly name: string;
  readonly outputs: Readonly<Record<string, { readonly sha256: string }>>;
}
