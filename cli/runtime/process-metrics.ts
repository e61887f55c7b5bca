// SPDX-License-Identifier: Apache-2.0
import { statfs } from 'node:fs/promises';

import { Runtime } from '@temporalio/worker';

import { recordMetric } from '../../activities/index.js';
import { messageOf } from '../../common/errors.js';
import type { Logger } from '../../common/log.js';
import { makeFolder } from '../../common/paths.js';
import type { ServedQueues } from './served-queues.js';

/** As often as a scraper looks, usually. */
const INTERVAL_MS = 15_000;

/**
 * Records what is not of a stage: the room on the worker's disks, and whether its server answers. Tried again and again; what fails is
 * logged once.
 *
 * @param folders - by the name that they have in the metric
 * @returns ends it
 */
export function recordProcessMetrics(
  queues: Pick<ServedQueues, 'serverAnswers'>,
  folders: Readonly<Record<string, string>>,
  log: Logger,
): () => void {
  const meter = Runtime.instance().metricMeter;
  let isTold = false;
  const record = async (): Promise<void> => {
    try {
      recordMetric(meter, 'tramontana_server_reachable', (await queues.serverAnswers()) ? 1 : 0, {});
      for (const [folder, path] of Object.entries(folders)) {
        await makeFolder(path);
        const { bavail, blocks, bsize } = await statfs(path);
        recordMetric(meter, 'tramontana_disk_free_bytes', bavail * bsize, { folder });
        recordMetric(meter, 'tramontana_disk_size_bytes', blocks * bsize, { folder });
      }
    } catch (error) {
      if (!isTold) log.warn(`room on the disks cannot be told: ${messageOf(error)}`);
      isTold = true;
    }
  };
  void record();
  const timer = setInterval(() => void record(), INTERVAL_MS).unref();
  return () => clearInterval(timer);
}
