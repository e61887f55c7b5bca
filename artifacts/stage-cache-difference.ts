// SPDX-License-Identifier: Apache-2.0
import { canonicalJson } from '../common/hash.js';
import type { StageIdentity } from './stage-cache-identity.js';

const MAXIMUM_NAMED_CHANGES = 3;

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function shown(value: unknown): string {
  const text = value === undefined ? 'absent' : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function parameterChanges(before: unknown, now: unknown, path: string): string[] {
  if (isRecord(before) && isRecord(now)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(now)])].sort();
    return keys.flatMap((key) => parameterChanges(before[key], now[key], path === '' ? key : `${path}.${key}`));
  }
  const same =
    before === now || (before !== undefined && now !== undefined && canonicalJson(before) === canonicalJson(now));
  return same ? [] : [`parameter ${path}: ${shown(before)} -> ${shown(now)}`];
}

function inputChanges(before: StageIdentity['inputs'], now: StageIdentity['inputs']): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])].sort();
  return names
    .filter((name) => before[name] !== now[name])
    .map((name) =>
      before[name] === undefined
        ? `new input ${name}`
        : now[name] === undefined
          ? `input ${name} is gone`
          : `input ${name} changed`,
    );
}

/**
 * Says in words why a stage must run, compared with its latest computation.
 *
 * @param before - identity of the latest computation; undefined when there is none
 */
export function explainDifference(before: StageIdentity | undefined, now: StageIdentity): string {
  if (before === undefined) return 'not computed before';
  const version = before.version === now.version ? [] : [`stage version ${before.version} -> ${now.version}`];
  const changes = [
    ...version,
    ...inputChanges(before.inputs, now.inputs),
    ...parameterChanges(before.parameters, now.parameters, ''),
  ];
  // the latest one was for other input; this one was removed by retention or its record was damaged
  if (changes.length === 0) return 'its earlier result is no longer stored';
  const named = changes.slice(0, MAXIMUM_NAMED_CHANGES).join('; ');
  const rest = changes.length - MAXIMUM_NAMED_CHANGES;
  return rest > 0 ? `${named}; and ${rest} more changes` : named;
}
