// SPDX-License-Identifier: Apache-2.0
import { sep } from 'node:path';

/** An absolute path within a text: at least two names, not part of an address, a unit or a date. */
const ABSOLUTE_PATH = /(?<![\w.:/~-])(?:file:\/\/)?\/(?:[^\s/"'`,;:<>|()]+\/)+(?=[^\s/"'`,;:<>|()])/gu;

/**
 * Products travel, and the folders of the machine that made them are nobody's business: in every text within a value,
 * absolute paths are cut down to their last name.
 *
 * @param value - plain data; the result has its shape
 * @param folders - folders that are known to occur, whatever characters they hold
 */
export function withoutFolders<Value>(value: Value, folders: readonly string[] = []): Value {
  const longestFirst = [...new Set(folders)].filter((folder) => folder !== sep).sort((a, b) => b.length - a.length);
  return mapTexts(value, (text) => {
    let short = text;
    for (const folder of longestFirst) short = short.replaceAll(folder.endsWith(sep) ? folder : `${folder}${sep}`, '');
    return short.replace(ABSOLUTE_PATH, '');
  }) as Value;
}

function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((inner) => mapTexts(inner, change));
  if (value === null || typeof value !== 'object' || ArrayBuffer.isView(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mapTexts(inner, change)]));
}
