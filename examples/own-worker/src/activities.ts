// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A published forecast. */
export interface Published {
  readonly domain: string;
  readonly cycle: string;
  readonly folder: string;
}

/** What is used of `summary.json`; all of it is told in docs/reference/products.md. */
interface Summary {
  readonly grid: { readonly pollutants: readonly string[] };
  readonly quality: { readonly decision: string };
}

export type BulletinActivities = ReturnType<typeof createBulletinActivities>;

/** @param bulletinUrl - takes a bulletin as the body of a POST */
export function createBulletinActivities(bulletinUrl: string) {
  return {
    async postBulletin({ domain, cycle, folder }: Published): Promise<string> {
      const summary = JSON.parse(await readFile(join(folder, 'summary.json'), 'utf8')) as Summary;
      const { grid, quality } = summary;
      const bulletin = `${domain}, ${cycle}: maps of ${grid.pollutants.join(', ')} (quality: ${quality.decision}) in ${folder}`;
      const answer = await fetch(bulletinUrl, { method: 'POST', body: bulletin });
      if (!answer.ok) throw new Error(`${bulletinUrl} answered ${answer.status}`);
      return bulletin;
    },
  };
}
