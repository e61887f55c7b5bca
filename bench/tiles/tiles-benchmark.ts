// SPDX-License-Identifier: Apache-2.0
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

import { entry } from '../../common/entry.js';
import { measuredBenchmark, type MeasurementOptions, type MeasurementReport } from '../core/measured-benchmark.js';
import { runForecast, type WatchedRun } from '../core/command-run.js';
import { compareMaps, type SeamFigures } from './seams.js';
import { boxOf, pollutantsOf, writeSimulatedDomain, type DomainSize } from './simulated-domain.js';

/** A box that one rectangle serves, so that its tiles can be held against it. */
const NATIONAL: DomainSize = {
  north: 48,
  west: 5,
  rows: 64,
  columns: 84,
  days: 5,
  pollutants: 2,
  refine: 5,
  features: 4000,
};

/** Europe as CAMS has it. */
const EUROPE: DomainSize = {
  north: 72,
  west: -25,
  rows: 420,
  columns: 700,
  days: 8,
  pollutants: 3,
  refine: 1,
  features: 1000,
};

const LIMITS = { europeSeconds: 90 * 60, europeBytes: 6e9, jumpSds: 0.1, rmseShare: 1.02 };

const summarySchema = z.object({
  route: z.object({ tiles: z.int() }),
  fit: z.object({ seconds: z.number() }),
  stages: z.array(z.object({ name: z.string(), reason: z.string(), seconds: z.number() })),
  evaluation: z
    .record(z.string(), z.object({ rmse: z.number(), rmseBilinear: z.number(), coverage95: z.number() }))
    .optional(),
});

type Summary = z.infer<typeof summarySchema>;

interface Row extends Partial<SeamFigures> {
  readonly domain: string;
  readonly cells: number;
  readonly days: number;
  readonly pollutants: number;
  readonly tiles: number;
  /** Of the whole command, server and products included. */
  readonly secondsRun: number;
  readonly peakBytes: number;
  /** By pollutant, where the truth is known. */
  readonly evaluation?: Summary['evaluation'];
  /** Of a run that was killed: tiles whose fit it left behind, and that the next one took. */
  readonly tilesKept?: number;
}

/** Writes a configuration, and runs it. */
async function runOf(
  folder: string,
  name: string,
  size: DomainSize,
  tiles: string,
  killWhen?: () => boolean,
): Promise<WatchedRun> {
  const box = boxOf(size);
  const lines = [
    `name: ${name}`,
    `boundingBox: { north: ${box.north}, west: ${box.west}, south: ${box.south}, east: ${box.east} }`,
    `pollutants: [${pollutantsOf(size).join(', ')}]`,
    'source: { path: cams, origin: analysis }',
    `model: { route: grid, tiles: ${tiles} }`,
    ...(size.refine > 1 ? ['evaluation: { truth: { path: truth.nc } }'] : []),
  ];
  await writeFile(join(folder, `${name}.yaml`), `${lines.join('\n')}\n`);
  return runForecast(folder, `${name}.yaml`, `${name}.log`, killWhen);
}

async function productsOf(folder: string, name: string): Promise<{ readonly path: string; readonly summary: Summary }> {
  const root = join(folder, 'runs', name);
  const cycles = (await readdir(root)).filter((entryName) => /^\d/u.test(entryName));
  const path = join(root, entry(cycles, 0));
  return { path, summary: summarySchema.parse(JSON.parse(await readFile(join(path, 'summary.json'), 'utf8'))) };
}

function sizeOf({ rows, columns, days, pollutants }: DomainSize): Pick<Row, 'cells' | 'days' | 'pollutants'> {
  return { cells: rows * columns, days, pollutants };
}

interface Measured {
  readonly rows: readonly Row[];
  readonly failures: readonly string[];
}

const limit = (what: string, found: number, most: number): readonly string[] =>
  found <= most ? [] : [`${what}: expected at most ${most}, found ${found.toPrecision(3)}`];

const ended = (name: string, { code }: WatchedRun): readonly string[] =>
  code === 0 ? [] : [`${name}: the run ended with ${code}`];

async function national(folder: string, say: MeasurementOptions['say']): Promise<Measured> {
  await writeSimulatedDomain(folder, NATIONAL, 7);
  const whole = await runOf(folder, 'whole', NATIONAL, 'none');
  const tiled = await runOf(folder, 'tiled', NATIONAL, '{ cells: 36, overlap: 8 }');
  const failures = [...ended('whole', whole), ...ended('tiled', tiled)];
  if (failures.length > 0) return { rows: [], failures };
  const [ofWhole, ofTiles] = [await productsOf(folder, 'whole'), await productsOf(folder, 'tiled')];
  const pollutant = entry(pollutantsOf(NATIONAL), 0);
  const seams = await compareMaps(
    join(ofTiles.path, 'forecast.nc'),
    join(ofWhole.path, 'forecast.nc'),
    pollutant,
    NATIONAL.days,
  );
  const row = (domain: string, run: WatchedRun, { summary }: { summary: Summary }): Row => ({
    ...{ domain, ...sizeOf(NATIONAL), tiles: summary.route.tiles, secondsRun: run.seconds, peakBytes: run.peakBytes },
    evaluation: summary.evaluation,
  });
  const rows = [row('one rectangle', whole, ofWhole), { ...row('the same in tiles', tiled, ofTiles), ...seams }];
  for (const { domain, evaluation = {}, tiles, secondsRun } of rows) {
    const scores = Object.entries(evaluation).map(
      ([name, one]) =>
        `${name} RMSE ${one.rmse.toFixed(3)} (bilinear ${one.rmseBilinear.toFixed(3)}), coverage ${(100 * one.coverage95).toFixed(1)} %`,
    );
    say(`${domain}: ${tiles} tiles, ${secondsRun.toFixed(0)} s; ${scores.join('; ')}`);
  }
  say(
    `the maps differ by ${seams.rmsDifferenceSds.toFixed(3)} sd (root mean square), by ${seams.largestJumpSds.toFixed(3)} sd from cell to cell at most`,
  );
  return {
    rows,
    failures: [
      ...limit('jump across a seam, sds', seams.largestJumpSds, LIMITS.jumpSds),
      ...Object.entries(ofTiles.summary.evaluation ?? {}).flatMap(([name, { rmse, coverage95 }]) => [
        ...limit(
          `${name}: RMSE of tiles over that of one rectangle`,
          rmse / (ofWhole.summary.evaluation?.[name]?.rmse ?? NaN),
          LIMITS.rmseShare,
        ),
        ...limit(`${name}: distance of coverage from .95`, Math.abs(coverage95 - 0.95), 0.02),
      ]),
    ],
  };
}

/** Stage records of fits in the cache of a run: one a tile. */
function fittedTiles(folder: string): number {
  const latest = join(folder, '.tramontana', 'store', 'stages', 'latest');
  if (!existsSync(latest)) return 0;
  return readdirSync(latest).filter((scope) => existsSync(join(latest, scope, 'fit.json'))).length;
}

async function europe(folder: string, say: MeasurementOptions['say']): Promise<Measured> {
  await writeSimulatedDomain(folder, EUROPE, 8);
  say('Europe: simulated');
  let kept = 0;
  const killed = await runOf(folder, 'europe', EUROPE, 'automatic', () => {
    kept = fittedTiles(folder);
    return kept >= 40;
  });
  say(`Europe: killed after ${killed.seconds.toFixed(0)} s with ${kept} tiles fitted`);
  const rest = await runOf(folder, 'europe', EUROPE, 'automatic');
  const failures = ended('Europe', rest);
  if (failures.length > 0) return { rows: [], failures };
  const { summary } = await productsOf(folder, 'europe');
  const fits = summary.stages.find(({ name }) => name === 'fit')?.reason ?? '';
  const reused = Number(/(\d+) unchanged/u.exec(fits)?.[1] ?? 0);
  const row: Row = {
    ...{ domain: 'Europe', ...sizeOf(EUROPE), tiles: summary.route.tiles, tilesKept: reused },
    secondsRun: killed.seconds + rest.seconds,
    peakBytes: Math.max(killed.peakBytes, rest.peakBytes),
  };
  say(
    `Europe: ${row.tiles} tiles in ${(row.secondsRun / 60).toFixed(1)} minutes, both runs together, ${(row.peakBytes / 1e9).toFixed(2)} GB; ` +
      `the second run took ${reused} fits of the first`,
  );
  return {
    rows: [row],
    failures: [
      ...limit('Europe: seconds', row.secondsRun, LIMITS.europeSeconds),
      ...limit('Europe: bytes', row.peakBytes, LIMITS.europeBytes),
      ...(reused >= kept ? [] : [`Europe: expected the second run to take ${kept} fits, found ${reused}`]),
    ],
  };
}

async function run({ quick, say }: MeasurementOptions): Promise<MeasurementReport> {
  const root = await mkdtemp(join(tmpdir(), 'tramontana-tiles-'));
  try {
    const measured: Measured[] = [];
    for (const [name, measure] of [
      ['national', national],
      ['europe', europe],
    ] as const) {
      if (quick && name === 'europe') continue;
      const folder = join(root, name);
      await mkdir(join(folder, 'cams'), { recursive: true });
      measured.push(await measure(folder, say));
    }
    return { rows: measured.flatMap(({ rows }) => rows), failures: measured.flatMap(({ failures }) => failures) };
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

/** `npm run bench -- tiles`. */
export const tilesBenchmark = measuredBenchmark('tiles', run);
