// SPDX-License-Identifier: Apache-2.0
/**
 * A real S3-compatible server on the loopback interface: versitygw, on a folder.
 *
 * @module
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { endProcess, identifyProcess, signalQuietly, waitUntil } from '../../common/processes.js';
import { packageFolder } from '../../common/version.js';

const BINARY = process.env['TRAMONTANA_VERSITYGW'] ?? join(packageFolder(), '.tramontana', 'bin', 'versitygw');

/** Reason to skip what needs the server, or false. */
export const NO_S3_SERVER = existsSync(BINARY)
  ? false
  : 'versitygw is absent: CONTRIBUTING.md has the command that builds it; TRAMONTANA_VERSITYGW names another one';

const ACCESS_KEY = 'tramontana-test';
const SECRET_KEY = 'known-to-everybody';
export const BUCKET = 'bucket';

/** A server in a scratch folder; ended and removed by {@link close}. */
export class S3Server {
  private child: ChildProcess | undefined;

  private constructor(
    private readonly folder: string,
    private readonly port: number,
  ) {}

  static async start(): Promise<S3Server> {
    const folder = await mkdtemp(join(tmpdir(), 'tramontana-s3-'));
    const server = new S3Server(folder, await freePort());
    await mkdir(join(folder, 'data', BUCKET), { recursive: true });
    await mkdir(join(folder, 'meta'));
    await server.resume();
    return server;
  }

  /** What a worker is told of the server. */
  get environment(): Readonly<Record<string, string>> {
    return {
      AWS_ENDPOINT_URL_S3: this.endpoint,
      AWS_ACCESS_KEY_ID: ACCESS_KEY,
      AWS_SECRET_ACCESS_KEY: SECRET_KEY,
      AWS_REGION: 'us-east-1',
    };
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The file behind an object, for those who damage it. */
  pathOf(key: string): string {
    return join(this.folder, 'data', BUCKET, key);
  }

  /** Begins to serve, at first or after {@link kill}. */
  async resume(): Promise<void> {
    const { folder, port } = this;
    // metadata beside the files: not every file system has attributes
    const args = ['--port', `127.0.0.1:${port}`, '--quiet', 'posix', '--sidecar', join(folder, 'meta')];
    this.child = spawn(BINARY, [...args, join(folder, 'data')], {
      env: { ...process.env, ROOT_ACCESS_KEY: ACCESS_KEY, ROOT_SECRET_KEY: SECRET_KEY },
      stdio: 'ignore',
    });
    const answers = (): Promise<boolean> =>
      fetch(this.endpoint).then(
        () => true,
        () => false,
      );
    if (!(await waitUntil(answers, 20_000))) throw new Error(`versitygw does not answer at ${this.endpoint}`);
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    const { child } = this;
    if (child?.pid === undefined) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    signalQuietly(child.pid, 'SIGKILL');
    await gone;
    this.child = undefined;
  }

  async close(): Promise<void> {
    const pid = this.child?.pid;
    if (pid !== undefined) await endProcess(await identifyProcess(pid), 2000);
    await rm(this.folder, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
