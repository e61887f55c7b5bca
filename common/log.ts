// SPDX-License-Identifier: Apache-2.0
import { pino, type Logger } from 'pino';

export type { Logger } from 'pino';

/**
 * A structured logger on stderr (stdout belongs to results and to the engine protocol).
 * Level from TRAMONTANA_LOG_LEVEL, default "info".
 *
 * @param name - the room or process, e.g. `engine-host`
 */
export function createLogger(name: string): Logger {
  return pino(
    {
      name,
      level: process.env['TRAMONTANA_LOG_LEVEL'] ?? 'info',
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
    },
    pino.destination({ fd: 2, sync: true }),
  );
}
