// SPDX-License-Identifier: Apache-2.0
/**
 * The results of work on each item, in order, with the next item begun before a result is waited for: what one of them
 * leaves to other threads (compression, files) passes beside what the next one computes.
 *
 * After a failure, or when the caller stops early, what was begun is waited for and then dropped.
 *
 * @throws whatever the work throws, in the order of the items
 */
export async function* oneAhead<Item, Result>(
  items: Iterable<Item>,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result, void, undefined> {
  let begun: Promise<Result> | undefined;
  try {
    for (const item of items) {
      const next = work(item);
      // Its failure is told when it is waited for, not as one that nobody handles.
      next.catch(() => undefined);
      const result = begun;
      begun = next;
      if (result !== undefined) yield await result;
    }
    const last = begun;
    begun = undefined;
    if (last !== undefined) yield await last;
  } finally {
    await begun?.catch(() => undefined);
  }
}
