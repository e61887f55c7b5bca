// SPDX-License-Identifier: Apache-2.0
/**
 * A development server on a database of its own that can be ended and started again, at the same address.
 *
 * @module
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import { Client, Connection } from '@temporalio/client';

import { serverAnswers, serverArguments } from '../../cli/runtime/dev-server.js';
import { freePort } from '../../cli/runtime/free-port.js';
import { findTemporalCli } from '../../cli/runtime/temporal-cli.js';
import { delay } from '../../common/processes.js';

const READY_LIMIT_MS = 60_000;

export class ChaosServer {
  private child: ChildProcess | undefined;
  private connected: { readonly client: Client; readonly connection: Connection } | undefined;
  /** Two runs that end it at the same time end it once. */
  private restarting: Promise<void> | undefined;

  private constructor(
    private readonly cli: string,
    private readonly folder: string,
    private readonly port: number,
  ) {}

  static async start(folder: string): Promise<ChaosServer> {
    const server = new ChaosServer(await findTemporalCli(), folder, await freePort());
    await server.up();
    const connection = await Connection.connect({ address: server.address });
    server.connected = { connection, client: new Client({ connection }) };
    return server;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  get client(): Client {
    if (this.connected === undefined) throw new Error('the server was not started');
    return this.connected.client;
  }

  /** Ends it by a signal, and starts it again on its database after a while. */
  restart(signal: 'SIGTERM' | 'SIGKILL', downMs: number): Promise<void> {
    this.restarting ??= this.down(signal)
      .then(() => delay(downMs))
      .then(() => this.up())
      .finally(() => (this.restarting = undefined));
    return this.restarting;
  }

  async stop(): Promise<void> {
    await this.restarting;
    await this.connected?.connection.close();
    await this.down('SIGTERM');
  }

  private async down(signal: NodeJS.Signals): Promise<void> {
    const { child } = this;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  private async up(): Promise<void> {
    const args = serverArguments(this.port, join(this.folder, 'temporal.db'));
    this.child = spawn(this.cli, [...args, '--headless', '--log-level', 'never'], { stdio: 'ignore' });
    const endMs = performance.now() + READY_LIMIT_MS;
    while (!(await serverAnswers(this.address))) {
      if (performance.now() > endMs) throw new Error(`${this.address}: no server within ${READY_LIMIT_MS} ms`);
      await delay(100);
    }
  }
}
