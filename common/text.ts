// SPDX-License-Identifier: Apache-2.0
/**
 * Foreign text made fit to be shown: bounded in length, without characters that command a terminal or turn a line around.
 * Touches nothing outside the language, so the workflow sandbox may use it.
 *
 * @module
 */

/** Longest message of an error; a failure travels through Temporal, whose payloads and heartbeats are bounded. */
export const MAXIMUM_MESSAGE_CHARACTERS = 4000;

/** Longest phrase inside a message, a table or a line on the terminal. */
export const MAXIMUM_PHRASE_CHARACTERS = 300;

/**
 * C0 and C1 control characters (escape sequences of terminals begin with one), line and paragraph separators, and the marks
 * that change the direction of text [Unicode Standard Annex 9].
 */
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/** A surrogate without its partner, as a cut leaves it. */
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** True when the text holds a control character other than those in `allowed`. */
export function hasControlCharacters(text: string, allowed = ''): boolean {
  return (text.match(CONTROL) ?? []).some((character) => !allowed.includes(character));
}

/** The sequences by which cli/terminal/style.ts changes and ends bold, dim and five colours; none hides or moves text. */
// eslint-disable-next-line no-control-regex
const TERMINAL_STYLE = /(\u001b\[(?:1|2|22|31|32|33|36|39)m)/u;

/** Lines for a terminal: of its commands only those that set our own colours act, every other one is visible. */
export function terminalText(text: string): string {
  const parts = text.split(TERMINAL_STYLE);
  return parts.map((part, index) => (index % 2 === 1 ? part : visible(part, '\n\t'))).join('');
}

/** At most `maximum` characters, and how many are not shown. */
export function shortened(text: string, maximum: number = MAXIMUM_PHRASE_CHARACTERS): string {
  if (text.length <= maximum) return text;
  const head = text.slice(0, maximum).replace(LONE_SURROGATE, '');
  return `${head}... (${text.length - head.length} more characters)`;
}

/** Control characters as `\u{1b}`, except those in `kept`. */
export function visible(text: string, kept = ''): string {
  return text.replace(CONTROL, (character) =>
    kept.includes(character) ? character : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

/** One bounded line: line breaks and tabs become spaces, other control characters visible. */
export function plainLine(text: string, maximum: number = MAXIMUM_PHRASE_CHARACTERS): string {
  return visible(shortened(text, maximum).replace(/[\r\n\t]+/gu, ' '));
}

/** Bounded lines: line breaks stay. For messages to people. */
export function plainLines(text: string, maximum: number = MAXIMUM_MESSAGE_CHARACTERS): string {
  return visible(shortened(text, maximum), '\n\t');
}

/** One bounded line that markdown shows as it is. */
export function markdownLine(text: string, maximum: number = MAXIMUM_PHRASE_CHARACTERS): string {
  return plainLine(text, maximum).replace(/[\\`*_[\]<>|#~]/gu, '\\$&');
}

/** One bounded line inside backticks, which nothing can escape. */
export function markdownCode(text: string, maximum: number = MAXIMUM_MESSAGE_CHARACTERS): string {
  return `\`${plainLine(text, maximum).replace(/`/gu, "'").replace(/\|/gu, '\\|')}\``;
}

const MAXIMUM_DEPTH = 6;
const MAXIMUM_ENTRIES = 100;

/**
 * A value as small data for an error's facts: strings, lists, keys and depth bounded, what JSON cannot hold as text.
 *
 * @param budget - entries that are left for the whole value; counts down
 */
export function boundedValue(value: unknown, depth = 0, budget = { entries: 2000 }): unknown {
  budget.entries -= 1;
  if (typeof value === 'string') return plainLines(value, 1000);
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (value === null || value === undefined || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return shortened(value.toString());
  if (typeof value !== 'object') return typeof value;
  if (depth >= MAXIMUM_DEPTH || budget.entries <= 0) return '...';
  if (Array.isArray(value)) {
    const shown = value.slice(0, MAXIMUM_ENTRIES).map((entry) => boundedValue(entry, depth + 1, budget));
    return value.length > shown.length ? [...shown, `... (${value.length - shown.length} more)`] : shown;
  }
  if (value instanceof Date) return value.toString();
  const entries = Object.entries(value);
  const shown = entries
    .slice(0, MAXIMUM_ENTRIES)
    .map(([key, entry]): [string, unknown] => [plainLine(key, 100), boundedValue(entry, depth + 1, budget)]);
  const rest = entries.length - shown.length;
  return Object.fromEntries(rest > 0 ? [...shown, ['...', `${rest} more`]] : shown);
}
