// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';

import { isoDay, startOfDayMs } from '../../common/days.js';
import { TramontanaError } from '../../common/errors.js';
import { STAGE_NAMES, type StageName } from '../../pipeline/index.js';

function isCalendarDay(day: string): boolean {
  const timeMs = startOfDayMs(day);
  return !Number.isNaN(timeMs) && isoDay(timeMs) === day;
}

const calendarDay = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/, 'must be a day such as "2026-11-21"')
  // the parser takes 31 February for 3 March
  .refine((day) => isCalendarDay(day), 'must be a day of the calendar');

const configuration = z.record(z.string(), z.unknown());

const reuse = z
  .union([z.boolean(), z.strictObject({ from: z.enum(STAGE_NAMES) })], {
    error: `must be true, false or {"from": one of ${STAGE_NAMES.join(', ')}}`,
  })
  .default(true);

/** The one JSON object that starts a forecast, from a program, the command line or the form of the Temporal Web UI. */
export const forecastInputSchema = z
  .strictObject({
    schemaVersion: z.literal(1, { error: 'must be 1' }),
    domain: configuration.optional().describe('The domain configuration itself; its paths must be absolute.'),
    configUri: z.string().min(1).optional().describe('Instead of `domain`: a file: address or a path on the worker.'),
    cycle: calendarDay
      .optional()
      .describe('Day of the forecast; default: the day of a schedule, else the first day to forecast.'),
    reuse: reuse.describe('false computes everything again, {"from": stage} from that stage on.'),
    overrides: configuration.default({}).describe('Laid over the configuration, key by key.'),
    outputFolder: z.string().min(1).optional().describe('Default: the folder that the worker was given.'),
  })
  .refine((input) => (input.domain === undefined) !== (input.configUri === undefined), {
    error: 'must have either "domain" or "configUri", and not both',
  });

/** What a caller writes. */
export type ForecastInput = z.input<typeof forecastInputSchema>;

/** With defaults filled in. */
export type ParsedForecastInput = z.output<typeof forecastInputSchema>;

/**
 * Validates the input of the `forecast` workflow.
 *
 * @throws {TramontanaError} `Input.Invalid`: one line an issue, each with path, expectation and value
 */
export function parseForecastInput(value: unknown): ParsedForecastInput {
  const parsed = forecastInputSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => {
    const path = ['input', ...issue.path.map(String)].join('.');
    if (issue.code === 'unrecognized_keys') {
      const known = 'schemaVersion, domain, configUri, cycle, reuse, overrides, outputFolder';
      return `${path}: expected only the keys ${known}, got ${issue.keys.map((key) => `"${key}"`).join(', ')}`;
    }
    const found = issue.path.reduce<unknown>(
      (inner, part) =>
        inner !== null && typeof inner === 'object' ? (inner as Record<PropertyKey, unknown>)[part] : undefined,
      value,
    );
    return `${path}: ${issue.message}, got ${found === undefined ? 'nothing' : JSON.stringify(found)}`;
  });
  throw new TramontanaError('Input.Invalid', issues.join('\n'), { facts: { issues } });
}

/** The stages that the input asks to compute again. */
export function recomputeOf(reuse: ParsedForecastInput['reuse']): StageName[] {
  if (reuse === true) return [];
  if (reuse === false) return [...STAGE_NAMES];
  return STAGE_NAMES.slice(STAGE_NAMES.indexOf(reuse.from));
}
