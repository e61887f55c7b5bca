// SPDX-License-Identifier: Apache-2.0
/**
 * One worker through many runs: its memory, what it leaves in the state folder, and what a run leaves in the history of the server.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { openFolderStorage, pruneStore } from '../../artifacts/index.js';
import { readServerRecord } from '../../cli/runtime/dev-server.js';
import { locateStateFolder } from '../../cli/runtime/state-folder.js';
import { TramontanaClient, type ForecastRun } from '../../client/index.js';
import { DAY_MS } from '../../common/days.js';
import { entry } from '../../common/entry.js';
import { TramontanaError } from '../../common/errors.js';
import { waitUntil } from '../../common/processes.js';
import { packageFolder } from '../../common/version.js';
import { workerLog } from '../../tests/support/command-line.js';
import { writeAnalyses, writeForecast, writeTinyConfig } from '../../tests/support/tiny-domain.js';
import { residentBytes } from '../core/command-run.js';
import { measuredBenchmark, type MeasurementOptions, type MeasurementReport } from '../core/measured-benchmark.js';
import { historyFigures, judgeHistory, type HistoryFigures } from './history-figures.js';

const RUNS = 200;
const QUICK_RUNS = 12;
const CYCLE = '2026-03-16';
const START_LIMIT_MS = 60_000;
/** Between the second quarter of the runs and the last; the first one fills caches and pools. */
const MEMORY_DRIFT = 0.15;

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Files below a folder, by their path from there. */
async function filesIn(folder: string): Promise<string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return found
    .filter((file) => file.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1));
}

/** What is left of a state folder once its store has forgotten all that nothing needs: logs, the bundle, the server's database. */
async function leftBehind(stateFolder: string): Promise<string[]> {
  const { objects } = openFolderStorage(stateFolder);
  // two days on, when everything is older than the grace time of what a run may just be writing
  const needs = { scheduledDomains: [], productsMaximumAgeMs: 0, isShared: false };
  await pruneStore(objects, { maximumAgeMs: 0, needs, nowMs: Date.now() + 2 * DAY_MS });
  const expected = /^(logs\/|cache\/workflow-bundle-|temporal\.db)/u;
  return (await filesIn(stateFolder)).filter((name) => !expected.test(name));
}

async function run({ quick, say }: MeasurementOptions): Promise<MeasurementReport> {
  const folder = await mkdtemp(join(tmpdir(), 'tramontana-soak-'));
  const state = locateStateFolder(join(folder, '.tramontana'));
  const dev = spawn(process.execPath, [join(packageFolder(), 'dist', 'cli', 'main.js'), 'dev'], {
    cwd: folder,
    stdio: 'ignore',
  });
  try {
    const configUri = await writeTinyConfig(folder, 'soak');
    await Promise.all([writeAnalyses(folder, CYCLE), writeForecast(folder, CYCLE)]);
    await cp(join(packageFolder(), 'samples', 'po-valley'), join(folder, 'sample'), { recursive: true });
    if (!(await waitUntil(async () => (await readServerRecord(state)) !== undefined, START_LIMIT_MS)))
      throw new TramontanaError('Bench.CaseFailed', 'no server came up');
    const client = await TramontanaClient.connect({ address: (await readServerRecord(state))?.address ?? '' });
    const bytes: number[] = [];
    const numRuns = quick ? QUICK_RUNS : RUNS;
    let latest: ForecastRun | undefined;
    for (let k = 0; k < numRuns; k += 1) {
      // another prior each time: everything from the fit on is computed
      const overrides = { model: { priors: { sigma: { threshold: 2 + k / 100, probability: 0.05 } } } };
      latest = await client.forecast({ schemaVersion: 1, configUri, overrides });
      await client.result(latest);
      const { pid } = entry((await workerLog(state.root)).slice(-1), 0);
      bytes.push(residentBytes(pid));
      if ((k + 1) % 10 === 0) say(`${k + 1} runs: the worker holds ${(entry(bytes, k) / 2 ** 20).toFixed(0)} MiB`);
    }
    const histories: { readonly name: string; readonly figures: HistoryFigures }[] = [];
    if (latest !== undefined)
      histories.push({ name: 'small run', figures: await historyFigures(client.temporal, latest) });
    if (!quick) {
      const sample = await client.forecast({ schemaVersion: 1, configUri: join(folder, 'sample', 'config.yaml') });
      await client.result(sample);
      histories.push({ name: 'the sample', figures: await historyFigures(client.temporal, sample) });
    }
    await client.close();
    const workers = new Set((await workerLog(state.root)).map(({ pid }) => pid)).size;
    dev.kill('SIGINT');
    await once(dev, 'exit');

    const quarter = Math.floor(numRuns / 4);
    const [before, after] = [mean(bytes.slice(quarter, 2 * quarter)), mean(bytes.slice(-quarter))];
    const left = await leftBehind(state.root);
    const versions = await readdir(join(folder, 'runs', 'soak', '.versions'));
    say(
      `${numRuns} runs by ${workers} worker: ${(before / 2 ** 20).toFixed(0)} MiB in the second quarter, ${(after / 2 ** 20).toFixed(0)} in the last`,
    );
    say(
      `left in the state folder: ${left.length} files; versions of the products, which stay an hour for their readers: ${versions.length}`,
    );
    for (const { name, figures } of histories)
      say(
        `history of ${name}: ${figures.events} events, ${(figures.bytes / 1024).toFixed(0)} KiB, largest payload ${(figures.largestPayloadBytes / 1024).toFixed(1)} KiB`,
      );
    return {
      rows: [{ numRuns, workers, bytes, left, versions: versions.length, histories }],
      failures: [
        ...(workers === 1 ? [] : [`expected one worker through all runs, found ${workers}`]),
        ...(quick || Math.abs(after / before - 1) <= MEMORY_DRIFT
          ? []
          : [`memory: expected within 15 %, found ${((after / before - 1) * 100).toFixed(0)} %`]),
        ...(left.length === 0 ? [] : [`files left behind: ${left.slice(0, 5).join(', ')}`]),
        ...histories.flatMap(({ name, figures }) => judgeHistory(name, figures)),
      ],
    };
  } finally {
    if (dev.exitCode === null) dev.kill('SIGINT');
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** `npm run bench -- soak`. */
export const soakBenchmark = measuredBenchmark('soak', run);
