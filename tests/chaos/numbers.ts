// SPDX-License-Identifier: Apache-2.0

/** The numbers of a summary by their path, without those that differ from run to run by their nature. */
export type Numbers = ReadonlyMap<string, number>;

/** What two runs agree in, one of which was disturbed. */
const RELATIVE = 1e-10;

/** Times, what machines used, and from where a fit went on. */
const OF_THE_RUN =
  /(^|\.)(seconds|startedAt|finishedAt|resumedFromIteration|plan|peakBytes|attempts?|stages|provenance)(\.|$)/u;

function collect(value: unknown, path: string, found: Map<string, number>): void {
  if (OF_THE_RUN.test(path)) return;
  if (typeof value === 'number') found.set(path, value);
  if (value === null || typeof value !== 'object') return;
  for (const [key, inner] of Object.entries(value)) collect(inner, path === '' ? key : `${path}.${key}`, found);
}

export function numbersOf(summary: unknown): Numbers {
  const found = new Map<string, number>();
  collect(summary, '', found);
  return found;
}

const MOST_SHOWN = 3;

/** One sentence for each of the first numbers that are not those that were expected. */
export function differences(found: Numbers, expected: Numbers): string[] {
  const differing: string[] = [];
  for (const path of new Set([...expected.keys(), ...found.keys()])) {
    const [one, other] = [found.get(path), expected.get(path)];
    const isSame =
      one !== undefined && other !== undefined && Math.abs(one - other) <= RELATIVE * Math.max(1, Math.abs(other));
    if (!isSame) differing.push(`${path}: expected ${other ?? 'nothing'}, got ${one ?? 'nothing'}`);
  }
  return differing.length <= MOST_SHOWN
    ? differing
    : [...differing.slice(0, MOST_SHOWN), `and ${differing.length - MOST_SHOWN} others of ${expected.size}`];
}
