// SPDX-License-Identifier: Apache-2.0
import { entry } from './entry.js';

/** Number of insertions, deletions and replacements of characters between two words [Levenshtein1966]. */
export function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = entry(previous, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(replaced, entry(previous, j) + 1, entry(row, j - 1) + 1));
    }
    previous = row;
  }
  return entry(previous, b.length);
}

/** " Did you mean X?" when one of the known words is near; else an empty string. */
export function suggestion(word: string, known: readonly string[]): string {
  const ranked = known
    .map((name) => ({ name, distance: editDistance(word, name) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best !== undefined && best.distance <= Math.max(1, Math.floor(word.length / 3))
    ? ` Did you mean ${best.name}?`
    : '';
}
