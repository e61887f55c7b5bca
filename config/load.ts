// SPDX-License-Identifier: Apache-2.0
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

import { parseDocument, type Document } from 'yaml';
import { z } from 'zod';

import { TramontanaError } from '../common/errors.js';
import { judgeOpened, type PathJudge } from '../common/regular-file.js';
import { plainLine } from '../common/text.js';
import { boxAdvice } from './box-advice.js';
import { domainConfigSchema, type DomainConfig } from './schema.js';
import { excessOf } from './yaml-bounds.js';

/** A configuration of a hundred thresholds stays below a hundredth of this. */
const MAXIMUM_CONFIG_BYTES = 256 * 1024;

/** Deeper than any configuration; what comes from outside may be nested without end. */
const MAXIMUM_CONFIG_DEPTH = 20;

/** YAML's own default; a configuration repeats a few values at most. */
const MAXIMUM_ALIASES = 100;

const MAXIMUM_VALUE_CHARACTERS = 80;
const MAXIMUM_KEY_CHARACTERS = 60;
const MAXIMUM_NAMED_KEYS = 5;

/** Dotted path of a zod issue, with list positions in brackets: `pollutants[0]`. */
function dottedPath(path: readonly PropertyKey[]): string {
  const text = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  return text.replace(/^\./, '') || '(top level)';
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, part) =>
      inner !== null && typeof inner === 'object' ? (inner as Record<PropertyKey, unknown>)[part] : undefined,
    value,
  );
}

/** "45,8" as many languages write it. */
const DECIMAL_COMMA = /^\s*[+-]?\d+,\d+\s*$/;
/** A value in a message: those of known keys are small; of anything else only its kind is told. */
function shownValue(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (value !== null && typeof value === 'object') return 'an object';
  // JSON has no word for the infinities of YAML (.inf, 9e999)
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) as string | undefined);
  return plainLine(text ?? typeof value, MAXIMUM_VALUE_CHARACTERS);
}

function describeIssue(issue: z.core.$ZodIssue, value: unknown): string {
  const path = dottedPath(issue.path);
  if (issue.code === 'unrecognized_keys') {
    return `${path}: unknown key ${namedKeys(issue.keys)}; see docs/reference/configuration.md for the known ones`;
  }
  const found = valueAt(value, issue.path);
  if (
    issue.code === 'invalid_type' &&
    issue.expected === 'number' &&
    typeof found === 'string' &&
    DECIMAL_COMMA.test(found)
  ) {
    return `${path}: expected a number with a decimal point, such as ${found.trim().replace(',', '.')}, got ${shownValue(found)}`;
  }
  const shown = found === undefined ? 'it is missing' : `got ${shownValue(found)}`;
  return issue.message.includes('got ') ? `${path} ${issue.message}` : `${path}: ${issue.message}, ${shown}`;
}

function namedKeys(keys: readonly string[]): string {
  const named = keys.slice(0, MAXIMUM_NAMED_KEYS).map((key) => `"${plainLine(key, MAXIMUM_KEY_CHARACTERS)}"`);
  const rest = keys.length - named.length;
  return `${named.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

/**
 * Validates a configuration value.
 *
 * @param value - parsed YAML or JSON
 * @param source - names the file in messages
 * @throws {TramontanaError} `Config.Invalid`: one line an issue, each with path, expectation and value
 */
export function parseDomainConfig(value: unknown, source: string): DomainConfig {
  const parsed = domainConfigSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const advice = boxAdvice(valueAt(value, ['boundingBox']));
  // One sentence for the whole box says more than one for each edge.
  const found = parsed.error.issues.filter(({ path }) => advice === undefined || path[0] !== 'boundingBox');
  const issues = [...(advice === undefined ? [] : [advice]), ...found.map((issue) => describeIssue(issue, value))];
  throw new TramontanaError('Config.Invalid', `${source}: ${issues.join('\n  ')}`, { facts: { source, issues } });
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** Lays one configuration over another, key by key; lists and plain values are replaced. */
export function overlayConfig(value: unknown, overrides: unknown): unknown {
  if (overrides === undefined || (isObject(overrides) && Object.keys(overrides).length === 0)) return value;
  if (!isObject(value) || !isObject(overrides)) return overrides;
  const keys = new Set([...Object.keys(value), ...Object.keys(overrides)]);
  return Object.fromEntries([...keys].map((key) => [key, overlayConfig(value[key], overrides[key])]));
}

/** Depth of a value's nesting is at most `maximum`; looks no further than that. */
function isNestedWithin(value: unknown, maximum: number): boolean {
  if (value === null || typeof value !== 'object') return true;
  return maximum > 0 && Object.values(value).every((inner) => isNestedWithin(inner, maximum - 1));
}

/**
 * Requires that what a caller lays over a configuration is not nested without end.
 *
 * @throws {TramontanaError} `Config.Invalid`
 */
export function requireShallow(value: unknown, source: string): void {
  if (isNestedWithin(value, MAXIMUM_CONFIG_DEPTH)) return;
  throw new TramontanaError(
    'Config.Invalid',
    `${source}: expected at most ${MAXIMUM_CONFIG_DEPTH} levels of nesting, got more`,
    { facts: { source, maximumDepth: MAXIMUM_CONFIG_DEPTH } },
  );
}

/**
 * The text of a configuration file. Of what is no regular file (a device, a pipe) nothing is read: it may never end.
 *
 * @throws {TramontanaError} `Config.Unreadable`
 */
async function readConfigText(path: string, judge: PathJudge | undefined): Promise<string> {
  const unreadable = (found: string, cause?: unknown) =>
    new TramontanaError('Config.Unreadable', `${path}: expected a readable configuration file, got: ${found}`, {
      facts: { path, maximumBytes: MAXIMUM_CONFIG_BYTES },
      cause,
    });
  try {
    // a pipe without a writer would hold a blocking open for ever
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      await judgeOpened(file, path, judge);
      const entry = await file.stat();
      if (!entry.isFile()) throw unreadable(entry.isDirectory() ? 'a folder' : 'something that is no regular file');
      if (entry.size > MAXIMUM_CONFIG_BYTES) throw unreadable(`${entry.size} bytes, more than ${MAXIMUM_CONFIG_BYTES}`);
      return await file.readFile('utf8');
    } finally {
      await file.close();
    }
  } catch (error) {
    throw error instanceof TramontanaError ? error : unreadable(systemWords(error), error);
  }
}

function systemWords(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' ? 'nothing there (ENOENT)' : (code ?? 'no answer');
}

const KNOWN_KEYS: readonly string[] = Object.keys(domainConfigSchema.shape);

/**
 * The value of a YAML or JSON text. Messages tell the place and the kind of what is wrong and none of the text: the file may
 * be anything.
 *
 * @throws {TramontanaError} `Config.Syntax`, `Config.Invalid`
 */
function parseConfigText(text: string, path: string): unknown {
  const syntax = (found: string) =>
    new TramontanaError('Config.Syntax', `${path}: expected YAML or JSON, got: ${found}`, { facts: { path } });
  const excess = excessOf(text, MAXIMUM_CONFIG_DEPTH);
  if (excess !== undefined) throw syntax(excess);
  let document: Document;
  let value: unknown;
  try {
    document = parseDocument(text, { prettyErrors: true, logLevel: 'silent' });
  } catch {
    throw syntax('nesting or tokens that cannot be parsed');
  }
  const first = document.errors[0];
  if (first !== undefined) {
    const place = first.linePos?.[0];
    const where = place === undefined ? '' : ` at line ${place.line}, column ${place.col}`;
    throw syntax(`${first.code.replace(/_/gu, ' ').toLowerCase()}${where}`);
  }
  try {
    value = document.toJS({ maxAliasCount: MAXIMUM_ALIASES });
  } catch {
    throw syntax(`aliases that are unknown or stand for more than ${MAXIMUM_ALIASES} values`);
  }
  requireShallow(value, path);
  if (isObject(value) && Object.keys(value).some((key) => KNOWN_KEYS.includes(key))) return value;
  throw new TramontanaError(
    'Config.Invalid',
    `${path}: expected a domain configuration with the keys name, boundingBox, pollutants and source, got none of its keys`,
    { facts: { path } },
  );
}

/**
 * Reads a configuration file (YAML, of which JSON is a part) and resolves its relative paths against its folder.
 *
 * @param overrides - laid over the file's content before it is validated
 * @param judge - of where the file lies that is read
 * @throws {TramontanaError} `Config.Unreadable`, `Config.Syntax` or `Config.Invalid`
 */
export async function loadDomainConfig(path: string, overrides: object = {}, judge?: PathJudge): Promise<DomainConfig> {
  const value = parseConfigText(await readConfigText(path, judge), path);
  requireShallow(overrides, 'overrides');
  return resolveConfigPaths(parseDomainConfig(overlayConfig(value, overrides), path), dirname(path));
}

/** Makes the relative paths of a configuration absolute. */
export function resolveConfigPaths(config: DomainConfig, folder: string): DomainConfig {
  const absolute = <T extends { path: string }>(entry: T): T => ({ ...entry, path: resolve(folder, entry.path) });
  const { elevation } = config.covariates;
  const { areas } = config.products;
  const { hostFile, ...mpirun } = config.engine.mpirun;
  return {
    ...config,
    engine: {
      ...config.engine,
      mpirun: hostFile === undefined ? mpirun : { ...mpirun, hostFile: resolve(folder, hostFile) },
    },
    source: absolute(config.source),
    products: areas === undefined ? config.products : { ...config.products, areas: absolute(areas) },
    covariates: elevation === undefined ? {} : { elevation: absolute(elevation) },
    evaluation: config.evaluation === undefined ? undefined : { truth: absolute(config.evaluation.truth) },
  };
}

/** JSON Schema of the configuration file (draft 2020-12), for editors and for the reference manual. */
export function domainConfigJsonSchema(): object {
  return z.toJSONSchema(domainConfigSchema, { io: 'input', unrepresentable: 'any' });
}
