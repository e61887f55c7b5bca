// SPDX-License-Identifier: Apache-2.0
/**
 * How quick this machine's kernels are, measured once and kept in the state folder: a measurement a size of block and machine.
 *
 * @module
 */
import { readFile } from 'node:fs/promises';
import { availableParallelism, cpus, hostname } from 'node:os';
import { join } from 'node:path';

import { z } from 'zod';

import { writeFileAtomic } from '../../common/atomic-file.js';
import { DAY_MS } from '../../common/days.js';
import { entry } from '../../common/entry.js';
import { makeFolder } from '../../common/paths.js';
import type { KernelRates } from '../../inference-core/host-ts/index.js';

/** Orders at which kernels are measured: beyond the last one their rates no longer change much, and a measurement would take seconds. */
const MEASURED_ORDERS = [64, 128, 256, 512, 1024] as const;

/** Other work on the machine spoils a measurement; an old one is made again. */
const KEPT_MS = 30 * DAY_MS;

const ratesSchema = z.object({
  multiply: z.number().positive(),
  inversion: z.number().positive(),
  measuredAt: z.string(),
});
const fileSchema = z.record(z.string(), ratesSchema);

type Measurements = z.infer<typeof fileSchema>;

/** Gives the rates at an order, measured where they are not known. */
export type RatesAt = (order: number) => Promise<KernelRates>;

/** What makes a measurement of one machine useless to another, or to another engine. */
function machine(engineVersion: string): string {
  const [first] = cpus();
  return [hostname(), first?.model.trim() ?? 'unknown', `${availableParallelism()} threads`, engineVersion].join('; ');
}

/** The rates of this machine, kept in a file of the state folder; one that cannot be read or written is as good as none. */
export function keptRates(
  stateFolder: string,
  measure: RatesAt,
  engineVersion: () => string,
  nowMs: () => number = Date.now,
): RatesAt {
  const file = join(stateFolder, 'kernel-rates.json');
  const known = async (): Promise<Measurements> => {
    try {
      return fileSchema.parse(JSON.parse(await readFile(file, 'utf8')));
    } catch {
      return {};
    }
  };
  return async (order) => {
    const near = measuredOrder(order);
    const name = `${machine(engineVersion())}; order ${near}`;
    const before = (await known())[name];
    if (before !== undefined && nowMs() - Date.parse(before.measuredAt) < KEPT_MS) return ratesOf(before);
    const rates = await measure(near);
    const all = { ...(await known()), [name]: { ...rates, measuredAt: new Date(nowMs()).toISOString() } };
    await makeFolder(stateFolder)
      .then(() => writeFileAtomic(file, `${JSON.stringify(all, null, 2)}\n`))
      // the next run measures again
      .catch(() => undefined);
    return rates;
  };
}

function ratesOf({ multiply, inversion }: KernelRates): KernelRates {
  return { multiply, inversion };
}

/** The measured order that is nearest in size. */
export function measuredOrder(order: number): number {
  const distance = (measured: number): number => Math.abs(Math.log(measured / Math.max(1, order)));
  return [...MEASURED_ORDERS].sort((a, b) => distance(a) - distance(b))[0] ?? entry(MEASURED_ORDERS, 0);
}
