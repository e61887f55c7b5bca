// SPDX-License-Identifier: Apache-2.0
/**
 * A campaign of damaged files on the fenced readers, and what it has to show: typed errors only, no freeze, no flood.
 *
 * @module
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { entry } from '../../common/entry.js';
import { isTramontanaError, messageOf } from '../../common/errors.js';
import type { ReaderName } from '../../ingest/fence/protocol.js';
import { ReaderPool, limitsOf } from '../../ingest/fence/reader-pool.js';
import { loadFactor } from '../support/load.js';
import { mutated, randomNumbers } from './mutate.js';
import { seedFiles, type FuzzedFormat } from './seed-files.js';

/** With a processor for itself. */
const FREEZE_MS = 5000;
const MAXIMUM_RSS_MIB = 1024;
const MAXIMUM_MESSAGE = 1100;

export interface CampaignOptions {
  readonly format: FuzzedFormat;
  readonly count: number;
  readonly seed: number;
  /** Told now and then. */
  readonly onProgress?: (report: CampaignReport) => void;
}

export interface CampaignReport {
  readonly format: FuzzedFormat;
  files: number;
  accepted: number;
  /** Number of errors by tag. */
  readonly errors: Record<string, number>;
  longestMs: number;
  peakMiB: number;
  readonly violations: string[];
}

/** The doors that a file of this format can come through. */
const DOORS: Readonly<Record<FuzzedFormat, readonly ReaderName[]>> = {
  classic: ['inspectFile', 'readCamsFile', 'readCamsTimes', 'readElevation'],
  hdf5: ['inspectFile', 'readCamsFile', 'readCamsTimes', 'readElevation'],
  geotiff: ['readElevation'],
  zip: ['inspectFile', 'readElevation'],
};

/** Peak resident memory of a reader, MiB [proc(5), VmHWM]; 0 when it is gone or the system does not tell. */
async function peakMiBOf([pid]: readonly number[]): Promise<number> {
  const status = pid === undefined ? '' : await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
}

/** Runs a campaign; the readers live from file to file and are started again when a file ends them. */
export async function runCampaign({ format, count, seed, onProgress }: CampaignOptions): Promise<CampaignReport> {
  const folder = await mkdtemp(join(tmpdir(), 'tramontana-fuzz-'));
  const pool = new ReaderPool(1);
  const report: CampaignReport = {
    format,
    files: 0,
    accepted: 0,
    errors: {},
    longestMs: 0,
    peakMiB: 0,
    violations: [],
  };
  try {
    const originals = await seedFiles(format, folder);
    for (let index = 0; index < count; index += 1) {
      // each file has its own numbers, so that one can be made again without the others
      const random = randomNumbers(seed * 1_000_003 + index);
      const bytes = mutated(entry(originals, Math.floor(random() * originals.length)), random);
      const path = join(folder, 'damaged');
      await writeFile(path, bytes);
      const doors = DOORS[format];
      const door = entry(doors, Math.floor(random() * doors.length));
      await readOne(pool, door, path, bytes.length, report, `file ${index} of seed ${seed}, ${door}`);
      if (index % 500 === 499) onProgress?.(report);
    }
  } finally {
    pool.close();
    await rm(folder, { recursive: true, force: true });
  }
  return report;
}

async function readOne(
  pool: ReaderPool,
  door: ReaderName,
  path: string,
  bytes: number,
  report: CampaignReport,
  name: string,
): Promise<void> {
  let peak = 0;
  // the start of a process is not the reading of a file
  await pool.prepare();
  const watch = setInterval(() => void peakMiBOf(pool.pids).then((found) => (peak = Math.max(peak, found))), 100);
  const startMs = performance.now();
  let tag: string | undefined;
  try {
    await pool.read(door, path, {}, limitsOf(bytes), undefined);
    report.accepted += 1;
  } catch (error) {
    tag = isTramontanaError(error) ? error.tag : 'untyped';
    report.errors[tag] = (report.errors[tag] ?? 0) + 1;
    if (tag === 'untyped') report.violations.push(`${name}: untyped error ${messageOf(error).slice(0, 300)}`);
    if (messageOf(error).length > MAXIMUM_MESSAGE)
      report.violations.push(`${name}: message of ${messageOf(error).length} characters`);
  } finally {
    clearInterval(watch);
  }
  const elapsedMs = performance.now() - startMs;
  peak = Math.max(peak, await peakMiBOf(pool.pids));
  report.files += 1;
  report.longestMs = Math.max(report.longestMs, elapsedMs);
  report.peakMiB = Math.max(report.peakMiB, peak);
  if (elapsedMs > FREEZE_MS * loadFactor())
    report.violations.push(`${name}: ${Math.round(elapsedMs)} ms (${tag ?? 'accepted'})`);
  if (peak > MAXIMUM_RSS_MIB) report.violations.push(`${name}: ${Math.round(peak)} MiB (${tag ?? 'accepted'})`);
}

/** The report as one row. */
export function reportRow({ format, files, accepted, errors, longestMs, peakMiB, violations }: CampaignReport): string {
  const byTag = Object.entries(errors).sort(([, a], [, b]) => b - a);
  const tags = byTag.map(([tag, number]) => `${tag} ${number}`).join(', ');
  return `${format}: ${files} files | ${accepted} accepted | ${tags} | longest ${Math.round(longestMs)} ms | peak ${Math.round(peakMiB)} MiB | ${violations.length} violations`;
}
