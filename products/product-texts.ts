// SPDX-License-Identifier: Apache-2.0
/**
 * Texts of a run as they may stand on its products: they hold names and words of the input files.
 *
 * @module
 */
import { sep } from 'node:path';

import { plainLines } from '../common/text.js';

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

/** Bounds every text within a value, and makes visible what would command a terminal or a viewer. */
export function plainTexts<Value>(value: Value): Value {
  return mapTexts(value, (text) => plainLines(text)) as Value;
}

function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((inner) => mapTexts(inner, change));
  if (value === null || typeof value !== 'object' || ArrayBuffer.isView(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mapTexts(inner, change)]));
}
