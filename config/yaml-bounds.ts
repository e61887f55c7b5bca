// SPDX-License-Identifier: Apache-2.0
import { CST, Lexer } from 'yaml';

/** A configuration with every key and list filled has a tenth of it. */
const MAXIMUM_TOKENS = 10_000;

const OPENING: readonly string[] = ['flow-seq-start', 'flow-map-start'];
const CLOSING: readonly string[] = ['flow-seq-end', 'flow-map-end'];
/** Blank lines and comments cost little to parse. */
const IDLE: readonly string[] = ['space', 'newline', 'comment'];

/**
 * What makes a YAML text too costly to be parsed, in words; undefined for one that is not. The parser is slow, some of it by the
 * square of the length, for nested brackets, stray quotes and long maps, and holds the event loop of the worker meanwhile; its lexer,
 * which is asked here, goes through the text once.
 */
export function excessOf(text: string, maximumDepth: number): string | undefined {
  let depth = 0;
  let tokens = 0;
  for (const source of new Lexer().lex(text)) {
    const type = CST.tokenType(source) ?? '';
    if (IDLE.includes(type)) continue;
    tokens += 1;
    if (tokens > MAXIMUM_TOKENS) return `more than ${MAXIMUM_TOKENS} words and signs`;
    if (OPENING.includes(type)) depth += 1;
    else if (CLOSING.includes(type)) depth = Math.max(0, depth - 1);
    if (depth > maximumDepth) return `more than ${maximumDepth} levels of brackets`;
  }
  return undefined;
}
