// SPDX-License-Identifier: Apache-2.0
/**
 * Forecasts on a real server, each disturbed in another way while its model is fitted on several ranks:
 * `node --import tsx tests/chaos/campaign.ts [--runs N] [--seed N] [--lanes N]`. Every run must end with the numbers of an undisturbed one, or with
 * a clear failure after which it does; none may repeat more than one iteration, and none may leave a process.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { rankAddonPath } from '../../inference-core/host-ts/index.js';
import { randomNumbers } from '../fuzz/mutate.js';
import { ChaosServer } from './chaos-server.js';
import { disturb, undisturbed, type ChaosReport } from './chaos-run.js';
import { DISTURBANCES, type Disturbance } from './disturbances.js';
import { Lane, type LaneEngine } from './lane.js';

export interface CampaignOptions {
  readonly runs: number;
  readonly seed: number;
  /** Workers side by side: most of their time they wait for what was lost to be noticed. */
  readonly lanes: number;
  readonly onRun?: (report: ChaosReport) => void;
}

export interface CampaignReport {
  readonly runs: readonly ChaosReport[];
  /** Kinds that this machine cannot have, with the reason. */
  readonly leftOut: readonly string[];
  /** Command lines that were there when all had ended. */
  readonly leftProcesses: readonly string[];
}

const RANKS = 2;

const ONE_PROCESS: LaneEngine = { ranks: 1, mpirunArguments: [] };

/** Ranks of mpirun where there is one, and a single process where not. */
function engineHere(): LaneEngine {
  const { stdout } = spawnSync('mpirun', ['--version'], { encoding: 'utf8' });
  if (typeof stdout !== 'string' || !existsSync(rankAddonPath())) return ONE_PROCESS;
  // more ranks than processors: Open MPI wants to be told, MPICH does not ask
  return { ranks: RANKS, mpirunArguments: stdout.includes('Open MPI') ? ['--oversubscribe'] : [] };
}

/** Every kind as often as any other, in an order that the seed shuffles. */
function programme(kinds: readonly Disturbance[], runs: number, random: () => number): Disturbance[] {
  return Array.from({ length: runs }, (_, index) => ({ kind: kinds[index % kinds.length], at: random() }))
    .sort((one, other) => one.at - other.at)
    .flatMap(({ kind }) => (kind === undefined ? [] : [kind]));
}

export async function runCampaign({ runs, seed, lanes, onRun }: CampaignOptions): Promise<CampaignReport> {
  const folder = await mkdtemp(join(tmpdir(), 'tramontana-chaos-'));
  const engine = engineHere();
  const server = await ChaosServer.start(folder);
  const started: Lane[] = [];
  const reports: ChaosReport[] = [];
  const leftProcesses: string[] = [];
  const leftOut = new Set<string>();
  try {
    for (let k = 0; k < lanes; k += 1) {
      const place = join(folder, `lane-${k}`);
      await mkdir(place);
      // every other one has an engine of one process, started by the worker itself
      const engineOfLane = k % 2 === 1 ? ONE_PROCESS : engine;
      started.push(await Lane.start(`chaos-${k}`, place, server.address, engineOfLane, started[0]));
    }
    const isPossible = ({ name, needs }: Disturbance): boolean => {
      const reason =
        needs === 'ranks' && engine.ranks === 1
          ? 'there is no mpirun'
          : needs === 'disk' && !started.every(({ hasDisk }) => hasDisk)
            ? 'this user may not mount a disk of its own'
            : undefined;
      if (reason !== undefined) leftOut.add(`${name}: ${reason}`);
      return reason === undefined;
    };
    const random = randomNumbers(seed);
    const waiting = programme(DISTURBANCES.filter(isPossible), runs, random).map((disturbance, index) => ({
      ...{ number: index + 1, disturbance },
      random: randomNumbers(seed + index + 1),
    }));
    await Promise.all(
      started.map(async (lane) => {
        const expected = await undisturbed({ server, lane });
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
          const report = await disturb({ ...next, lane, server }, expected);
          reports.push(report);
          onRun?.(report);
        }
      }),
    );
  } finally {
    const left = await Promise.all(started.map((lane) => lane.end()));
    leftProcesses.push(...left.flat().map(({ args }) => args.join(' ')));
    await server.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
  return { runs: reports.sort((one, other) => one.number - other.number), leftOut: [...leftOut], leftProcesses };
}

/** In one line. */
export function tell({ number, name, story, seconds, violations }: ChaosReport): string {
  const verdict = violations.length === 0 ? 'ok' : violations.join(' | ');
  return `${number}: ${name}: ${story} (${seconds.toFixed(1)} s): ${verdict}`;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { runs: { type: 'string' }, seed: { type: 'string' }, lanes: { type: 'string' } },
  });
  const [runs, seed, lanes] = [Number(values.runs ?? 1000), Number(values.seed ?? 1), Number(values.lanes ?? 3)];
  console.log(`${runs} runs on ${lanes} lanes, seed ${seed}`);
  const report = await runCampaign({ runs, seed, lanes, onRun: (run) => console.log(tell(run)) });
  for (const reason of report.leftOut) console.log(`left out: ${reason}`);
  for (const line of report.leftProcesses) console.log(`left at the end: ${line}`);
  const bad = report.runs.filter(({ violations }) => violations.length > 0);
  console.log(
    `${report.runs.length} runs, ${bad.length} not as they should be: ${bad.map(({ number }) => number).join(', ')}`,
  );
  return bad.length === 0 && report.leftProcesses.length === 0 ? 0 : 1;
}

if (process.argv[1] === import.meta.filename) process.exitCode = await main();
