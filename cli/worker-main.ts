// SPDX-License-Identifier: Apache-2.0
/**
 * The worker process: serves the forecasts' task queue and the engine's one until it is asked to stop (SIGTERM), or its
 * parent is gone (stdin ends). Tells `{"type":"ready"}` on stdout when it serves, then `{"type":"alive"}` every five seconds; logs to stderr.
 *
 * @module
 */
import { CHILD_UMASK } from '../common/atomic-file.js';
import { createLogger } from '../common/log.js';
import { ALIVE_INTERVAL_MS } from './runtime/liveness.js';
import { serve } from './runtime/serve-queues.js';
import { parseWorkerArguments } from './runtime/worker-options.js';

// the engine and the server write files of their own: readable by owner and group only, as ours
process.umask(CHILD_UMASK);
const log = createLogger('worker');
try {
  await serve(parseWorkerArguments(process.argv.slice(2)), log, () => {
    process.stdout.write('{"type":"ready"}\n');
    setInterval(() => process.stdout.write('{"type":"alive"}\n'), ALIVE_INTERVAL_MS).unref();
  });
  process.exit(0);
} catch (error) {
  log.fatal({ err: error }, 'the worker ended');
  process.exit(1);
}
