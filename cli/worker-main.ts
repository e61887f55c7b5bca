// SPDX-License-Identifier: Apache-2.0
/**
 * The worker process of a command: serves the forecasts' task queue and the engine's one until it is asked to stop (SIGTERM), or its
 * parent is gone (stdin ends). Tells `{"type":"ready"}` on stdout when it serves, then `{"type":"alive"}` every five seconds; logs to stderr.
 *
 * @module
 */
import { CHILD_UMASK } from '../common/atomic-file.js';
import { createLogger } from '../common/log.js';
import { requireConnectionSettings } from '../client/connection-settings.js';
import { Interruption } from './interruption.js';
import { ALIVE_INTERVAL_MS } from './runtime/liveness.js';
import { QUEUE_KINDS, serve } from './runtime/serve-queues.js';
import { parseWorkerArguments } from './runtime/worker-options.js';

// the engine and the server write files of their own: readable by owner and group only, as ours
process.umask(CHILD_UMASK);
const log = createLogger('worker');
const stop = new AbortController();
const interruption = new Interruption();
void interruption.asked().then(() => stop.abort());
void interruption.insisted().then(() => process.exit(1));
// the parent holds the other end of stdin and never writes: its end means that the parent is gone, however it died
process.stdin.resume();
process.stdin.once('end', () => {
  log.info('the parent process has ended: shutting down');
  stop.abort();
});
process.stdin.on('error', () => undefined);
try {
  const { address, namespace, ...options } = parseWorkerArguments(process.argv.slice(2));
  const connection = requireConnectionSettings({ address, namespace });
  const onServing = (): void => {
    process.stdout.write('{"type":"ready"}\n');
    setInterval(() => process.stdout.write('{"type":"alive"}\n'), ALIVE_INTERVAL_MS).unref();
  };
  await serve({ ...options, connection, queues: QUEUE_KINDS }, log, { stop: stop.signal, onServing });
  process.exit(0);
} catch (error) {
  log.fatal({ err: error }, 'the worker ended');
  process.exit(1);
}
