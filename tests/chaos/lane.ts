// SPDX-License-Identifier: Apache-2.0
/**
 * A worker with a disk of its own, whose engine computes on ranks of mpirun: what a campaign disturbs. Several lanes share a server.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { cp, mkdir, readdir, readFile, rm, statfs, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { delay, isAlive, signalQuietly, waitUntil } from '../../common/processes.js';
import { processesMarked, processesOf, ranksOf, type FoundProcess } from '../ranks/rank-runs.js';
import { logEntries, startCommand, type LogEntry, type RunningCommand } from '../support/command-line.js';
import { writeAnalyses, writeForecast, writeTinyConfig } from '../support/tiny-domain.js';

/** The day that the lanes forecast. */
const CYCLE = '2026-03-16';
/** Few maps: it is the fit that is disturbed. */
const HISTORY_DAYS = 2;
const WORKER_LIMIT_MS = 60_000;
/** An orphan has gone after 2.5 s, a rank that mpirun ends after 2; a loaded machine adds to it. */
export const GONE_WITHIN_MS = 10_000;
/** Room for the products of some hundred runs. */
const DISK_MIB = 192;
/** An iteration takes some tens of milliseconds: a run can be met in the middle of its search, and is over in seconds. Ranks talk meanwhile. */
const EDGE_KM = { onRanks: 6, inOneProcess: 3.5 } as const;
/** The least that a configuration may ask for. */
const SILENCE_LIMIT_SECONDS = 15;
/** Told to all that a worker starts, whoever their parent is by now. */
const MARK = 'TRAMONTANA_CHAOS_LANE';

/** How the engine of the lanes is started. */
export interface LaneEngine {
  readonly ranks: number;
  readonly mpirunArguments: readonly string[];
}

export class Lane {
  private readonly workers: RunningCommand[] = [];
  /** What was read of their logs, and up to where. */
  private readonly entries: LogEntry[] = [];
  private readonly readUpTo = new Map<RunningCommand, number>();

  private constructor(
    readonly name: string,
    private readonly folder: string,
    private readonly address: string,
    /** False where this user may not mount one: its disk is then that of the machine. */
    readonly hasDisk: boolean,
  ) {}

  /**
   * Makes disk, domain and worker.
   *
   * @param other - a lane that has bundled the workflows already, which takes seconds
   */
  static async start(name: string, folder: string, address: string, engine: LaneEngine, other?: Lane): Promise<Lane> {
    const disk = join(folder, 'disk');
    await mkdir(disk, { recursive: true });
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MIB}m`, 'tramontana-chaos', disk]);
    const lane = new Lane(name, folder, address, mounted.status === 0);
    const launcher =
      engine.ranks === 1
        ? 'launcher: local'
        : `launcher: mpirun, ranks: ${engine.ranks}, mpirun: { arguments: ${JSON.stringify(engine.mpirunArguments)} }`;
    await writeTinyConfig(
      folder,
      name,
      'inference: { integration: empirical-bayes }',
      [
        'model: { route: mesh }',
        `mesh: { interiorEdgeKm: ${engine.ranks === 1 ? EDGE_KM.inOneProcess : EDGE_KM.onRanks} }`,
        `engine: { ${launcher}, threads: 1, start: defaults, gradientTolerance: 1.0e-5, silenceLimitSeconds: ${SILENCE_LIMIT_SECONDS} }`,
      ],
      HISTORY_DAYS,
    );
    await Promise.all([writeAnalyses(folder, CYCLE), writeForecast(folder, CYCLE)]);
    if (other !== undefined) {
      const cache = join('state', 'cache');
      await cp(join(other.disk, cache), join(lane.disk, cache), { recursive: true });
    }
    await lane.startWorker();
    return lane;
  }

  get taskQueue(): string {
    return this.name;
  }

  get configUri(): string {
    return join(this.folder, 'config.yaml');
  }

  private get disk(): string {
    return join(this.folder, 'disk');
  }

  private get jobs(): string {
    return join(this.disk, 'state', 'jobs');
  }

  get worker(): RunningCommand {
    const worker = this.workers.at(-1);
    if (worker === undefined) throw new Error(`${this.name}: no worker was started`);
    return worker;
  }

  async startWorker(untilMs = performance.now() + WORKER_LIMIT_MS): Promise<void> {
    const args = ['worker', '--address', this.address, '--task-queue', this.taskQueue];
    const worker = startCommand([...args, '--state', join(this.disk, 'state'), '--out', join(this.disk, 'runs')], {
      cwd: this.folder,
      environment: { [MARK]: this.folder },
    });
    this.workers.push(worker);
    const end = { hasCome: false };
    void worker.finished.then(() => (end.hasCome = true));
    const isServing = (): boolean => logEntries(worker.stderrSoFar()).some(({ msg }) => msg === 'serving');
    await waitUntil(() => end.hasCome || isServing(), WORKER_LIMIT_MS);
    if (isServing()) return;
    // the server may be away: as a unit of systemd it is started again
    if (end.hasCome && untilMs > performance.now()) return this.startWorker(untilMs);
    throw new Error(`${this.name}: the worker did not serve within a minute: ${worker.stderrSoFar().slice(-2000)}`);
  }

  /** Ends the worker, and starts another one after a while. */
  async replaceWorker(signal: 'SIGTERM' | 'SIGKILL', downMs: number): Promise<void> {
    const { worker } = this;
    process.kill(worker.pid, signal);
    await worker.finished;
    await delay(downMs);
    await this.startWorker();
  }

  /** What all its workers have said so far. */
  log(): readonly LogEntry[] {
    for (const worker of this.workers) {
      const text = worker.stderrSoFar();
      const from = this.readUpTo.get(worker) ?? 0;
      const to = text.lastIndexOf('\n') + 1;
      if (to <= from) continue;
      this.entries.push(...logEntries(text.slice(from, to)));
      this.readUpTo.set(worker, to);
    }
    return this.entries;
  }

  /** Checkpoints of the fit under way, oldest first. */
  async checkpoints(): Promise<string[]> {
    const names = await readdir(this.jobs, { recursive: true }).catch(() => []);
    return names
      .filter((name) => name.endsWith('.checkpoint.json') && !basename(name).startsWith('.'))
      .sort()
      .map((name) => join(this.jobs, name));
  }

  /** Iterations that the newest checkpoint holds; undefined while there is none. */
  async iteration(): Promise<number | undefined> {
    const newest = (await this.checkpoints()).at(-1);
    // replaced just now: it is looked for again
    const text = newest === undefined ? '' : await readFile(newest, 'utf8').catch(() => '');
    const found = /"iteration":(\d+)/u.exec(text)?.[1];
    return found === undefined ? undefined : Number(found);
  }

  /** Launchers and ranks of the jobs under way. */
  engineProcesses(): FoundProcess[] {
    return processesOf(this.jobs);
  }

  ranks(): number[] {
    const found = ranksOf(this.jobs);
    // one process without a launcher
    return found.length > 0 ? found : this.engineProcesses().map(({ pid }) => pid);
  }

  /** mpirun itself; the only process where there is no launcher. */
  launcher(): number | undefined {
    const ranks = ranksOf(this.jobs);
    return this.engineProcesses().find(({ pid }) => !ranks.includes(pid))?.pid;
  }

  /** Waits until no process of a job is left. @returns those that stay */
  async leftProcesses(): Promise<FoundProcess[]> {
    await waitUntil(() => this.engineProcesses().length === 0, GONE_WITHIN_MS);
    return this.engineProcesses();
  }

  /** Fills the disk to its last byte. @returns gives the room back */
  async fillDisk(): Promise<() => Promise<void>> {
    const path = join(this.disk, 'filler');
    const { bavail, bsize } = await statfs(this.disk);
    const block = Buffer.alloc(bsize);
    // as large as there is room, then block by block until none goes
    await writeFile(path, Buffer.alloc(bavail * bsize)).catch(() => undefined);
    for (let more = true; more;)
      more = await writeFile(path, block, { flag: 'a' }).then(
        () => true,
        () => false,
      );
    return () => rm(path, { force: true });
  }

  /** Ends the worker and takes the disk away. @returns processes that it has left */
  async end(): Promise<FoundProcess[]> {
    const { worker } = this;
    if (isAlive(worker.pid)) process.kill(worker.pid, 'SIGTERM');
    await worker.finished;
    const marked = (): FoundProcess[] => processesMarked(MARK, this.folder);
    await waitUntil(() => marked().length === 0, GONE_WITHIN_MS);
    const left = marked();
    for (const { pid } of left) signalQuietly(pid, 'SIGKILL');
    await waitUntil(() => marked().length === 0, GONE_WITHIN_MS);
    if (this.hasDisk) spawnSync('umount', ['--lazy', this.disk]);
    return left;
  }
}
