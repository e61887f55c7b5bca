// SPDX-License-Identifier: Apache-2.0
/**
 * What a person meant by a bounding box that is no box: the text or the list of an ADS request, or numbers in quotes.
 *
 * @module
 */
import { plainLine } from '../common/text.js';

const EXAMPLE = '{ north: 46.1, west: 8.6, south: 44.7, east: 10.8 }';
const MAXIMUM_SHOWN_CHARACTERS = 80;
const EDGES = ['north', 'west', 'south', 'east'] as const;

/** The sentence for a box that is text or has numbers in quotes, with the line to write; undefined for any other. */
export function boxAdvice(box: unknown): string | undefined {
  const parts = edgesOf(box);
  const isText = typeof box === 'string';
  if (!isText && parts?.some((part) => typeof part === 'string') !== true) return undefined;
  const numbers = parts?.map((part) => numberIn(part, isText)) ?? [];
  const isMeant = numbers.length === EDGES.length && numbers.every((number) => number !== undefined);
  if (!isText && !isMeant) return undefined;
  const line = isMeant ? `{ ${EDGES.map((edge, index) => `${edge}: ${numbers[index]}`).join(', ')} }` : EXAMPLE;
  const found = isText ? `the text "${plainLine(box, MAXIMUM_SHOWN_CHARACTERS)}"` : 'numbers in quotes';
  return `boundingBox: expected four edges in degrees, numbers without quotes, got ${found}; ${isMeant ? 'write' : 'for example'} \`boundingBox: ${line}\``;
}

/** North, west, south and east as they were written. */
function edgesOf(box: unknown): readonly unknown[] | undefined {
  if (typeof box === 'string') {
    const text = box.replace(/^[\s[(]+|[\s\])]+$/gu, '');
    const separator = /[/;]/u.test(text) ? /[/;]/u : /\s*,\s*|\s+/u;
    return text.split(separator);
  }
  if (Array.isArray(box)) return box as unknown[];
  if (box === null || typeof box !== 'object') return undefined;
  return EDGES.map((edge) => (box as Partial<Record<string, unknown>>)[edge]);
}

/** A decimal comma in a single edge has a sentence of its own; within a text it is read as meant. */
function numberIn(part: unknown, mayHaveComma: boolean): number | undefined {
  if (typeof part === 'number') return part;
  const pattern = mayHaveComma ? /^\s*[+-]?\d+([.,]\d+)?\s*$/u : /^\s*[+-]?\d+(\.\d+)?\s*$/u;
  return typeof part === 'string' && pattern.test(part) ? Number(part.replace(',', '.')) : undefined;
}
