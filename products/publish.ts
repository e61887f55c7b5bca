// SPDX-License-Identifier: Apache-2.0
/**
 * Publication: all products of a run, or none.
 *
 * @module
 */
import { join } from 'node:path';

import { breathe } from '../common/breathe.js';
import { isoDay } from '../common/days.js';
import { entry, float64At } from '../common/entry.js';
import { oneAhead } from '../common/one-ahead.js';
import { TramontanaError, isTramontanaError, messageOf } from '../common/errors.js';
import { areaTable } from './areas/area-rows.js';
import { formatAreasCsv } from './areas/areas-csv.js';
import { formatAreasParquet } from './areas/areas-parquet.js';
import { ExposureSums } from './headline.js';
import { renderComparison } from './maps/comparison-figure.js';
import { renderMap } from './maps/map-figure.js';
import { backdropOf, mappedDays, planMaps } from './maps/map-set.js';
import { renderMesh } from './maps/mesh-figure.js';
import { writeForecastNetcdf } from './netcdf-writer.js';
import { ProductFolder } from './product-folder.js';
import type { ProductInputs, StageReport } from './product-types.js';
import type { PublicationInputs, PublishedRun, PublishOptions } from './publish-types.js';
import type { ReportMap } from './report/report-types.js';
import { renderReport } from './report/report.js';
import { COMPLETE_FILE } from './run-manifest.js';
import { publishVersion } from './run-versions.js';
import { SkillSums } from './scores.js';
import { buildSummary, formatSummary, SUMMARY_FILE, type RunSummary } from './summary.js';
import { validateBand, validateProductInputs } from './validation.js';
import { bandsOf } from './whole-posterior.js';
import { plainTexts, withoutFolders } from './product-texts.js';

const NETCDF_FILE = 'forecast.nc';
const REPORT_FILE = 'report.html';
const MESH_FILE = 'maps/mesh.png';

/**
 * Writes NetCDF, maps, report and summary of a run to `<runsFolder>/<domain>/<cycle>/`.
 *
 * Everything is made in a folder of its own and read back; `COMPLETE` lists it, and the link of the run turns to it by one
 * rename (see `publishVersion`). After a failure or an abort no trace is left, and an earlier run stays as it was.
 *
 * @param args - Inputs of the products and the root of all runs.
 * @returns Folder, report, manifest and the content of `summary.json`, whose last stage is `publish` itself.
 * @throws {TramontanaError} `Products.InvalidInput` before anything is written; `Products.NotOurs` when something else
 *   lies there; `Products.NotWhole` and `Products.PublishFailed` (retryable) for failures of the file system; errors of
 *   the single products as they are.
 */
export async function publish(args: PublicationInputs, options: PublishOptions = {}): Promise<PublishedRun> {
  validateProductInputs(args);
  const { runsFolder, privateFolders = [] } = args;
  const { domain, cycle } = args.run;
  const folder = join(runsFolder, domain, cycle);
  const told = { stages: args.stages, quality: args.quality, provenance: args.provenance };
  const inputs: ProductInputs = {
    ...args,
    ...plainTexts(withoutFolders(told, [runsFolder, ...privateFolders])),
    run: plainTexts(args.run),
  };
  try {
    const { manifest, result } = await publishVersion(
      { runsFolder, domain, cycle },
      async (versionFolder) => {
        const products = new ProductFolder(versionFolder);
        const summary = await writeProducts(inputs, products, options);
        return { entries: products.entries, result: summary };
      },
      options,
    );
    return {
      folder,
      reportPath: join(folder, REPORT_FILE),
      files: [...manifest.files.map(({ path }) => path), COMPLETE_FILE],
      manifest,
      summary: result,
    };
  } catch (error) {
    if (isTramontanaError(error) || options.signal?.aborted === true) throw error;
    throw new TramontanaError('Products.PublishFailed', `${folder}: cannot be published: ${messageOf(error)}`, {
      facts: { folder },
      retryable: true,
      cause: error,
    });
  }
}

async function writeProducts(
  args: ProductInputs,
  products: ProductFolder,
  { signal, onProgress }: PublishOptions,
): Promise<RunSummary> {
  const started = performance.now();
  const { run, posterior, thresholds, coarse, truth, mesh, quality } = args;
  const version = args.provenance.versions['tramontana'] ?? 'unknown';
  const bands = bandsOf(args);
  const exposure = new ExposureSums(bands, thresholds);
  const skill = truth === undefined ? undefined : new SkillSums({ truth, coarse });
  const plans = await planMaps(args);
  // NetCDF and the report count as a few maps each; good enough for a progress bar.
  const total = plans.length + posterior.variables.length + 6;
  const advance = async (next: string): Promise<void> => {
    onProgress?.(Math.min(1, products.entries.length / total), next);
    await breathe();
    signal?.throwIfAborted();
  };
  signal?.throwIfAborted();
  await products.adopt(NETCDF_FILE, (path) =>
    writeForecastNetcdf(path, {
      ...{ run, bands, thresholds, quality, version },
      onBand: async (band) => {
        validateBand(band);
        exposure.add(band);
        skill?.add(band.posterior);
        const rows = band.firstRow + band.posterior.latitudesDegrees.length;
        if (rows < bands.latitudesDegrees.length)
          await advance(`forecast.nc (row ${rows} of ${bands.latitudesDegrees.length})`);
      },
    }),
  );
  const exceedance = exposure.records();
  const evaluation = skill?.evaluation();
  await writeAreas(args, products);
  await advance('maps');
  const maps: ReportMap[] = [];
  const drawn = oneAhead(plans, async (plan) => ({ plan, png: await renderMap(plan.figure) }));
  for await (const { plan, png } of drawn) {
    await products.write(plan.path, png);
    maps.push({ pollutant: plan.pollutant, quantity: plan.quantity, day: plan.day, path: plan.path, png });
    await advance(`maps (${maps.length} of ${plans.length})`);
  }
  const comparisons = await writeComparisons(args, products, advance);
  let meshPng: Buffer | undefined;
  if (mesh !== undefined) {
    meshPng = await renderMesh(mesh, quality);
    await products.write(MESH_FILE, meshPng);
    await advance('report');
  }
  const publishStage = (): StageReport => ({
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
  await products.write(REPORT_FILE, report);
  await advance('summary');
  const summary = buildSummary({
    inputs: args,
    exceedance,
    ...(evaluation === undefined ? {} : { evaluation }),
    stages: [...args.stages, publishStage()],
    products: [...products.entries.map(({ path }) => path), SUMMARY_FILE],
  });
  await products.write(SUMMARY_FILE, formatSummary(summary));
  await advance('done');
  return summary;
}

async function writeAreas({ areaMeans, posterior }: ProductInputs, products: ProductFolder): Promise<void> {
  if (areaMeans === undefined) return;
  const table = areaTable(areaMeans, posterior);
  await products.write('areas.csv', formatAreasCsv(table));
  await products.write('areas.parquet', formatAreasParquet(table));
}

async function writeComparisons(
  args: ProductInputs,
  products: ProductFolder,
  advance: (next: string) => Promise<void>,
): Promise<ReportMap[]> {
  const { run, posterior, coarse, truth, quality } = args;
  const backdrop = await backdropOf(args);
  const timeIndex = entry(mappedDays(posterior), 0);
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
      quality,
    });
    if (png === null) continue;
    const day = isoDay(float64At(posterior.timesMs, timeIndex));
    const path = `maps/${variable.pollutant}_comparison_${day}.png`;
    await products.write(path, png);
    comparisons.push({ pollutant: variable.pollutant, quantity: 'comparison', day, path, png });
    await advance('report');
  }
  return comparisons;
}
