// SPDX-License-Identifier: Apache-2.0
/** A SLURM of one node for tests: munge, controller and node daemon with a configuration of their own, on ports of the loopback. */
import { randomBytes } from 'node:crypto';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { freePort } from '../../cli/runtime/free-port.js';

/** The daemons start in a second each; a loaded machine adds to it. */
const START_TIMEOUT_MS = 30_000;

/** Daemons that are asked to end do so within a second or two; later they are killed. */
const END_TIMEOUT_MS = 5000;

/** Debian keeps daemons where a person's PATH does not look. */
const PATH = [process.env['PATH'] ?? '', '/usr/sbin', '/sbin'].join(delimiter);

const isThere = (program: string): boolean =>
  PATH.split(delimiter).some((folder) => folder !== '' && existsSync(join(folder, program)));

/** Why no SLURM can be started here; false where it can. */
export const NO_SLURM: string | false = (() => {
  const missing = ['munged', 'slurmctld', 'slurmd', 'srun', 'sbatch', 'scontrol'].filter((name) => !isThere(name));
  if (missing.length > 0) return `${missing.join(', ')} not found: the Debian packages slurm-wlm and munge have them`;
  return process.getuid?.() === 0 ? false : 'a SLURM of its own starts jobs as root only';
})();

/** More processors than the machine has: ranks of tests may wait for each other. */
const PROCESSORS = 8;

interface Ports {
  readonly controller: number;
  readonly node: number;
}

/** A requeued job waits until the credential of its first start has expired: 120 s unless told. */
function configuration(folder: string, { controller, node }: Ports): string {
  return `ClusterName=tramontana
SlurmctldHost=localhost
SlurmUser=root
SlurmdUser=root
SlurmctldPort=${controller}
SlurmdPort=${node}
AuthType=auth/munge
AuthInfo=socket=${folder}/munge/socket,cred_expire=5
CredType=cred/munge
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/spool
SlurmctldPidFile=${folder}/slurmctld.pid
SlurmdPidFile=${folder}/slurmd.pid
SlurmctldLogFile=${folder}/slurmctld.log
SlurmdLogFile=${folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
ReturnToService=2
JobRequeue=1
KillWait=5
SchedulerParameters=sched_interval=1,batch_sched_delay=0,requeue_delay=1
MinJobAge=60
NodeName=localhost CPUs=${PROCESSORS} State=UNKNOWN
PartitionName=main Nodes=localhost Default=YES MaxTime=INFINITE State=UP OverSubscribe=YES
`;
}

/** A running SLURM. */
export class OneNodeSlurm {
  private readonly daemons: ChildProcess[] = [];

  private constructor(private readonly folder: string) {}

  /** What programs of SLURM need to find it. */
  get environment(): Readonly<Record<string, string>> {
    return { SLURM_CONF: join(this.folder, 'slurm.conf'), PATH };
  }

  /** Starts it; returns when the node takes jobs. */
  static async start(): Promise<OneNodeSlurm> {
    const slurm = new OneNodeSlurm(await mkdtemp(join(tmpdir(), 'tramontana-slurm-')));
    try {
      await slurm.startDaemons();
      return slurm;
    } catch (error) {
      const logs = await slurm.logs();
      await slurm.stop();
      throw new Error(`SLURM did not start:\n${logs}`, { cause: error });
    }
  }

  /** Output of a program of SLURM. */
  run(program: string, ...args: string[]): string {
    const { status, stdout, stderr } = spawnSync(program, args, {
      env: { ...process.env, ...this.environment },
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
    return stdout.trim();
  }

  /** Ends what was started, by process id. */
  async stop(): Promise<void> {
    // the last first: jobs end with their node
    for (const daemon of this.daemons.reverse()) await end(daemon);
    await rm(this.folder, { recursive: true, force: true });
  }

  private async startDaemons(): Promise<void> {
    const { folder } = this;
    await chmod(folder, 0o755);
    for (const name of ['munge', 'state', 'spool']) await mkdir(join(folder, name), { mode: 0o755 });
    const key = join(folder, 'munge', 'key');
    await writeFile(key, randomBytes(128), { mode: 0o400 });
    const ports = { controller: await freePort(), node: await freePort() };
    await writeFile(join(folder, 'slurm.conf'), configuration(folder, ports));
    const socket = join(folder, 'munge', 'socket');
    const files = ['log', 'pid', 'seed'].map((name) => `--${name}-file=${join(folder, 'munge', name)}`);
    this.spawn('munged', ['--foreground', '--force', `--key-file=${key}`, `--socket=${socket}`, ...files]);
    await this.until('munge answers', () => existsSync(socket));
    this.spawn('slurmctld', ['-D', '-f', join(folder, 'slurm.conf')]);
    this.spawn('slurmd', ['-D', '-N', 'localhost', '-f', join(folder, 'slurm.conf')]);
    await this.until('the node is idle', () => this.run('sinfo', '--noheader', '--format=%T') === 'idle');
  }

  private spawn(program: string, args: readonly string[]): void {
    const daemon = spawn(program, [...args], { env: { ...process.env, ...this.environment }, stdio: 'ignore' });
    daemon.on('error', () => undefined);
    this.daemons.push(daemon);
  }

  private async until(what: string, isSo: () => boolean): Promise<void> {
    const endMs = performance.now() + START_TIMEOUT_MS;
    let cause: unknown;
    while (performance.now() < endMs) {
      try {
        if (isSo()) return;
      } catch (error) {
        cause = error;
      }
      await sleep(100);
    }
    throw new Error(`waited in vain until ${what}`, { cause });
  }

  private async logs(): Promise<string> {
    const files = ['munge/log', 'slurmctld.log', 'slurmd.log'].map((name) => join(this.folder, name));
    const texts = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')));
    return texts.map((text) => text.slice(-2000)).join('\n');
  }
}

async function end(daemon: ChildProcess): Promise<void> {
  if (daemon.exitCode !== null || daemon.signalCode !== null || daemon.pid === undefined) return;
  const ended = once(daemon, 'exit');
  daemon.kill('SIGTERM');
  const late = setTimeout(() => daemon.kill('SIGKILL'), END_TIMEOUT_MS);
  await ended;
  clearTimeout(late);
}
