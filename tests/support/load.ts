// SPDX-License-Identifier: Apache-2.0
import { availableParallelism, loadavg } from 'node:os';

/** How much longer a computation of `threads` threads may take on this machine, where others compute beside it; at least 1. */
export function loadFactor(threads = 1): number {
  const [lastMinute = 0] = loadavg();
  return Math.max(1, lastMinute / (threads * availableParallelism()));
}
