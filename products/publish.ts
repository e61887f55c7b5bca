// SPDX-License-Identifier: Apache-2.0
/**
 * Publication: all products of a run, or none.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { writeFileAtomic } from '../common/atomic-file.js';
import { TramontanaError, isTramontanaError, messageOf } from '../common/errors.js';
import { exposureRecords } from './headline.js';
import { renderComparison } from './maps/comparison-figure.js';
import { renderMap } from './maps/map-figure.js';
import { backdropOf, mappedDays, planMaps } from './maps/map-set.js';
import { renderMesh } from './maps/mesh-figure.js';
import { writeForecastNetcdf } from './netcdf-writer.js';
import type { StageRecord } from './product-types.js';
import type { PublishArgs, PublishedRun, PublishOptions } from './publish-types.js';
import type { ReportMap } from './report/report-types.js';
import { renderReport } from './report/report.js';
import { evaluateAgainstTruth } from './scores.js';
import { buildSummary, formatSummary, SUMMARY_FILE, type RunSummary } from './summary.js';
import { validateProductInputs } from './validation.js';

/** Marker of a complete run, written last. */
export const COMPLETE_FILE = 'COMPLETE';

const NETCDF_FILE = 'forecast.nc';
const REPORT_FILE = 'report.html';
const MESH_FILE = 'maps/mesh.png';

/**
 * Writes NetCDF, maps, report and summary of a run to `<runsFolder>/<domain>/<cycle>/`.
 *
 * Everything is made in a staging folder beside the target, `COMPLETE` last, and moved by one rename. A run that is
 * already there is moved aside first and removed afterwards; if the move fails it is put back. After a failure or an
 * abort no trace is left, and an earlier run stays as it was.
 *
 * @param args - Inputs of the products and the root of all runs.
 * @returns Folder, report, files and the content of `summary.json`, whose last stage is `publish` itself.
 * @throws {TramontanaError} `Products.InvalidInput` before anything is written; `Products.PublishFailed`
 *   (retryable) for failures of the file system; errors of the single products as they are.
 */
export async function publish(args: PublishArgs, options: PublishOptions = {}): Promise<PublishedRun> {
  validateProductInputs(args);
  const domainFolder = join(args.runsFolder, args.run.domain);
  const folder = join(domainFolder, args.run.cycle);
  const token = `${process.pid}-${randomBytes(4).toString('hex')}`;
  const staging = join(domainFolder, `.staging-${args.run.cycle}-${token}`);
  try {
    await mkdir(join(staging, 'maps'), { recursive: true });
    const written = await writeProducts(args, staging, options);
    await writeFileAtomic(join(staging, COMPLETE_FILE), `${new Date().toISOString()}\n`);
    await synchroniseFolder(staging);
    options.signal?.throwIfAborted();
    await moveIntoPlace(staging, folder, join(domainFolder, `.replaced-${args.run.cycle}-${token}`));
    await synchroniseFolder(domainFolder);
    return {
      folder,
      reportPath: join(folder, REPORT_FILE),
      files: [...written.files, COMPLETE_FILE],
      summary: written.summary,
    };
  } catch (error) {
    await rm(staging, { recursive: true, force: true });
    if (isTramontanaError(error) || options.signal?.aborted === true) throw error;
    throw new TramontanaError('Products.PublishFailed', `${folder}: cannot be published: ${messageOf(error)}`, {
      facts: { folder },
      retryable: true,
      cause: error,
    });
  }
}

/**
 * Removes what publications of a domain left behind when their process died: staging folders and replaced runs.
 * Call only while no publication of that domain is under way.
 *
 * @returns Names of the removed folders.
 */
export async function removeAbandonedStaging(runsFolder: string, domain: string): Promise<string[]> {
  const folder = join(runsFolder, domain);
  const entries = await readdir(folder).catch(() => []);
  const abandoned = entries.filter((name) => name.startsWith('.staging-') || name.startsWith('.replaced-'));
  for (const name of abandoned) await rm(join(folder, name), { recursive: true, force: true });
  return abandoned;
}

async function writeProducts(
  args: PublishArgs,
  staging: string,
  { signal, onProgress }: PublishOptions,
): Promise<{ files: string[]; summary: RunSummary }> {
  const started = performance.now();
  const { run, posterior, thresholds, coarse, truth, mesh } = args;
  const version = args.provenance.versions['tramontana'] ?? 'unknown';
  const exceedance = exposureRecords(posterior, thresholds);
  const evaluation = truth === undefined ? undefined : evaluateAgainstTruth({ posterior, truth, coarse });
  const files: string[] = [];
  const plans = await planMaps(args);
  // NetCDF and the report count as a few maps each; good enough for a progress bar.
  const total = plans.length + posterior.variables.length + 6;
  const advance = async (name: string, next: string): Promise<void> => {
    files.push(name);
    onProgress?.(Math.min(1, files.length / total), next);
    // Lets heartbeats and cancellation through between products.
    await new Promise((resolve) => setImmediate(resolve));
    signal?.throwIfAborted();
  };
  signal?.throwIfAborted();
  await writeForecastNetcdf(join(staging, NETCDF_FILE), { run, posterior, thresholds, version });
  await advance(NETCDF_FILE, 'maps');
  const maps: ReportMap[] = [];
  for (const plan of plans) {
    const png = await renderMap(plan.figure);
    await writeFileAtomic(join(staging, plan.path), png);
    maps.push({ pollutant: plan.pollutant, quantity: plan.quantity, day: plan.day, path: plan.path, png });
    await advance(plan.path, `maps (${maps.length} of ${plans.length})`);
  }
  const comparisons = await writeComparisons(args, staging, advance);
  let meshPng: Buffer | undefined;
  if (mesh !== undefined) {
    meshPng = await renderMesh(mesh);
    await writeFileAtomic(join(staging, MESH_FILE), meshPng);
    await advance(MESH_FILE, 'report');
  }
  const publishStage = (): StageRecord => ({
    name: 'publish',
    reused: false,
    seconds: (performance.now() - started) / 1000,
    reason: 'products are written anew',
  });
  const report = renderReport({
    inputs: args,
    exceedance,
    ...(evaluation === undefined ? {} : { evaluation }),
    stages: [...args.stages, publishStage()],
    maps,
    comparisons,
    ...(meshPng === undefined ? {} : { meshPng }),
  });
  await writeFileAtomic(join(staging, REPORT_FILE), report);
  await advance(REPORT_FILE, 'summary');
  const summary = buildSummary({
    inputs: args,
    exceedance,
    ...(evaluation === undefined ? {} : { evaluation }),
    stages: [...args.stages, publishStage()],
    products: [...files, SUMMARY_FILE],
  });
  await writeFileAtomic(join(staging, SUMMARY_FILE), formatSummary(summary));
  await advance(SUMMARY_FILE, 'done');
  return { files, summary };
}

async function writeComparisons(
  args: PublishArgs,
  staging: string,
  advance: (name: string, next: string) => Promise<void>,
): Promise<ReportMap[]> {
  const { run, posterior, coarse, truth } = args;
  const backdrop = await backdropOf(args);
  const timeIndex = mappedDays(posterior)[0] as number;
  const comparisons: ReportMap[] = [];
  for (const variable of posterior.variables) {
    const png = await renderComparison({
      run,
      posterior,
      variable,
      timeIndex,
      coarse,
      ...(truth === undefined ? {} : { truth }),
      backdrop,
    });
    if (png === null) continue;
    const day = new Date(posterior.timesMs[timeIndex] as number).toISOString().slice(0, 10);
    const path = `maps/${variable.pollutant}_comparison_${day}.png`;
    await writeFileAtomic(join(staging, path), png);
    comparisons.push({ pollutant: variable.pollutant, quantity: 'comparison', day, path, png });
    await advance(path, 'report');
  }
  return comparisons;
}

/** Renames `staging` to `target`; an existing target steps aside first and comes back when the rename fails. */
async function moveIntoPlace(staging: string, target: string, aside: string): Promise<void> {
  let replaced = false;
  try {
    await rename(target, aside);
    replaced = true;
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  try {
    await rename(staging, target);
  } catch (error) {
    if (replaced) await rename(aside, target);
    throw error;
  }
  if (replaced) await rm(aside, { recursive: true, force: true });
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

async function synchroniseFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
