// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';

const UNITS_TO_UG_M3: Readonly<Record<string, number>> = { 'ug/m3': 1, 'mg/m3': 1e3, 'ng/m3': 1e-3 };

/** A gram a cubic metre: a thousand times the worst smoke; beyond it stands a wrong unit or an infinity. */
export const MAXIMUM_CONCENTRATION_UG_M3 = 1e6;

const EXPECTATION =
  'must be a positive number up to 1e6 ug/m3 with its unit, one of ug/m3, mg/m3, ng/m3 (for example "15 ug/m3")';

/** One spelling of the ways people write a concentration unit. */
function canonicalUnit(text: string): string {
  return text
    .replace(/[\u00b5\u03bc]/gu, 'u')
    .replace(/\u00b3/gu, '3')
    .replace(/\s*m\s*(?:\*\*|\^)?-3$/u, '/m3')
    .replace(/\s+/gu, '');
}

/** Parses "15 ug/m3" into ug m-3; undefined when a unit is missing or unknown, or the number is not positive or beyond 1e6 ug m-3. */
export function parseConcentration(text: string): number | undefined {
  const match = /^\s*([0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)\s*(\S.*?)\s*$/u.exec(text);
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  const factor = UNITS_TO_UG_M3[canonicalUnit(match[2])];
  const value = Number(match[1]);
  if (factor === undefined || !(value > 0)) return undefined;
  const value_ug_m3 = value * factor;
  return value_ug_m3 <= MAXIMUM_CONCENTRATION_UG_M3 ? value_ug_m3 : undefined;
}

/** A concentration written with its unit, parsed into ug m-3. A bare number is refused: its unit would be a guess. */
export const concentrationText = z
  .union([z.string(), z.number()], { error: EXPECTATION })
  .transform((value, context): number => {
    const parsed = typeof value === 'string' ? parseConcentration(value) : undefined;
    if (parsed === undefined) {
      context.addIssue({ code: 'custom', message: `${EXPECTATION}, got ${JSON.stringify(value)}` });
      return z.NEVER;
    }
    return parsed;
  });
