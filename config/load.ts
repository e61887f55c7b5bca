// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

import { parseDocument } from 'yaml';
import { z } from 'zod';

import { messageOf, TramontanaError } from '../common/errors.js';
import { domainConfigSchema, type DomainConfig } from './schema.js';

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

function describeIssue(issue: z.core.$ZodIssue, value: unknown): string {
  const path = dottedPath(issue.path);
  if (issue.code === 'unrecognized_keys') {
    return `${path}: unknown key ${issue.keys.map((key) => `"${key}"`).join(', ')}; see docs/reference/configuration.md for the known ones`;
  }
  const found = valueAt(value, issue.path);
  if (
    issue.code === 'invalid_type' &&
    issue.expected === 'number' &&
    typeof found === 'string' &&
    DECIMAL_COMMA.test(found)
  ) {
    return `${path}: expected a number with a decimal point, such as ${found.trim().replace(',', '.')}, got ${JSON.stringify(found)}`;
  }
  const shown = found === undefined ? 'it is missing' : `got ${JSON.stringify(found)}`;
  return issue.message.includes('got ') ? `${path} ${issue.message}` : `${path}: ${issue.message}, ${shown}`;
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
  const issues = parsed.error.issues.map((issue) => describeIssue(issue, value));
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

/**
 * Reads a configuration file (YAML, of which JSON is a part) and resolves its relative paths against its folder.
 *
 * @param overrides - laid over the file's content before it is validated
 * @throws {TramontanaError} `Config.Unreadable`, `Config.Syntax` or `Config.Invalid`
 */
export async function loadDomainConfig(path: string, overrides: object = {}): Promise<DomainConfig> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new TramontanaError(
      'Config.Unreadable',
      `${path}: expected a readable configuration file, got: ${messageOf(error)}`,
      {
        facts: { path },
        cause: error,
      },
    );
  }
  const document = parseDocument(text, { prettyErrors: true });
  const first = document.errors[0];
  if (first !== undefined) {
    throw new TramontanaError('Config.Syntax', `${path}: expected YAML or JSON, got: ${first.message}`, {
      facts: { path },
    });
  }
  const value: unknown = document.toJS();
  return resolveConfigPaths(parseDomainConfig(overlayConfig(value, overrides), path), dirname(path));
}

/** Makes the relative paths of a configuration absolute. */
export function resolveConfigPaths(config: DomainConfig, folder: string): DomainConfig {
  const absolute = <T extends { path: string }>(entry: T): T => ({ ...entry, path: resolve(folder, entry.path) });
  const { elevation } = config.covariates;
  return {
    ...config,
    source: absolute(config.source),
    covariates: elevation === undefined ? {} : { elevation: absolute(elevation) },
    evaluation: config.evaluation === undefined ? undefined : { truth: absolute(config.evaluation.truth) },
  };
}

/** JSON Schema of the configuration file (draft 2020-12), for editors and for the reference manual. */
export function domainConfigJsonSchema(): object {
  return z.toJSONSchema(domainConfigSchema, { io: 'input', unrepresentable: 'any' });
}
