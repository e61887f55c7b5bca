// SPDX-License-Identifier: Apache-2.0
import { DAY_MS, isoDay } from '../../common/days.js';
import { float64At } from '../../common/entry.js';
import type { FieldVariable, GriddedField } from '../../artifacts/schemas/gridded-field.js';
import type { LabelledField } from '../labelled-field.js';
import { assessTimes, countOf, type TimeSummary } from './assess-times.js';
import { issue, type QualityIssue } from './issue.js';
import { plausibleRange } from './plausible-range.js';
import { summarise } from './statistics.js';

/** Below this share of missing values nobody needs to look. */
const NOTABLE_MISSING_SHARE = 0.05;
/** Packing of GRIB and of shorts leaves values a little below zero, ug m-3; anything lower is wrong. */
export const PACKING_NOISE = 0.01;
/** Identical fields in a row that are no accident: of several cells, or of a single one whose values may be rounded. */
const STUCK_TIMES_GRID = 3;
const STUCK_TIMES_POINT = 12;
const GRID_CELLS = 4;

/** One pollutant of a report. */
export interface PollutantQuality {
  readonly pollutant: string;
  readonly units: string;
  readonly statistic: string;
  readonly count: number;
  readonly missing: number;
  readonly missingShare: number;
  /** null when all values are missing. */
  readonly min: number | null;
  readonly mean: number | null;
  readonly max: number | null;
  readonly negativeValues: number;
  readonly implausibleValues: number;
  /** Cells of the grid. */
  readonly cells: number;
  /** Longest run of identical consecutive fields; 1 when each differs from the one before. */
  readonly longestIdenticalRun: number;
  readonly missingShareByDay: readonly { readonly date: string; readonly missingShare: number }[];
}

/** What is known about the quality of a field; plain JSON. */
export interface QualityReport {
  readonly cadence: 'hourly' | 'daily';
  readonly times: TimeSummary;
  readonly pollutants: readonly PollutantQuality[];
  readonly issues: readonly QualityIssue[];
}

/**
 * Quality report of a field, hourly or daily. Issues that were noticed while reading are carried over, unless they
 * concern a species that the field does not hold (any more).
 */
export function assessQuality(field: GriddedField): QualityReport {
  const carried = 'issues' in field ? (field as LabelledField).issues : [];
  const species = field.variables.map((variable) => variable.species);
  // What the report finds out itself (all values of a species missing) need not be carried over.
  const isRelevant = ({ code, facts }: QualityIssue): boolean =>
    code !== 'all-missing' && (typeof facts['species'] !== 'string' || species.includes(facts['species']));
  const { summary, issues: timeIssues } = assessTimes(field.timesMs, field.cadence);
  const pollutants = field.variables.map((variable) => describe(field, variable));
  const found = [...carried.filter(isRelevant), ...timeIssues, ...pollutants.flatMap(pollutantIssues)];
  return { cadence: field.cadence, times: summary, pollutants, issues: withoutRepetition(found) };
}

function describe(field: GriddedField, variable: FieldVariable): PollutantQuality {
  const statistics = summarise(variable.values, plausibleRange(variable.species)?.maximum);
  return {
    pollutant: variable.species,
    units: variable.units,
    statistic: variable.statistic,
    count: statistics.count,
    missing: statistics.missing,
    missingShare: statistics.count === 0 ? 1 : statistics.missing / statistics.count,
    min: statistics.min,
    mean: statistics.mean,
    max: statistics.max,
    negativeValues: statistics.negative,
    implausibleValues: statistics.aboveCeiling,
    cells: field.latitudesDegrees.length * field.longitudesDegrees.length,
    longestIdenticalRun: longestIdenticalRun(field, variable.values),
    missingShareByDay: missingByDay(field, variable.values),
  };
}

function missingByDay(field: GriddedField, values: Float64Array): PollutantQuality['missingShareByDay'] {
  const cells = field.latitudesDegrees.length * field.longitudesDegrees.length;
  const days = new Map<number, { missing: number; count: number }>();
  field.timesMs.forEach((timeMs, time) => {
    const day = Math.floor(timeMs / DAY_MS);
    const entry = days.get(day) ?? { missing: 0, count: 0 };
    const slice = values.subarray(time * cells, (time + 1) * cells);
    for (const value of slice) if (Number.isNaN(value)) entry.missing += 1;
    entry.count += cells;
    days.set(day, entry);
  });
  return [...days].map(([day, { missing, count }]) => ({
    date: isoDay(day * DAY_MS),
    missingShare: count === 0 ? 1 : missing / count,
  }));
}

/** Length of the longest run of fields that equal the one before; fields without any value do not count. */
function longestIdenticalRun(field: GriddedField, values: Float64Array): number {
  const cells = field.latitudesDegrees.length * field.longitudesDegrees.length;
  let longest = field.timesMs.length === 0 ? 0 : 1;
  let run = 1;
  for (let time = 1; time < field.timesMs.length; time += 1) {
    let valid = 0;
    let isSame = true;
    for (let cell = 0; cell < cells && isSame; cell += 1) {
      const value = float64At(values, time * cells + cell);
      if (!Number.isNaN(value)) valid += 1;
      isSame = Object.is(value, float64At(values, (time - 1) * cells + cell));
    }
    run = isSame && valid > 0 ? run + 1 : 1;
    longest = Math.max(longest, run);
  }
  return longest;
}

function pollutantIssues(quality: PollutantQuality): readonly QualityIssue[] {
  const { pollutant, count } = quality;
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  if (quality.missing === count) {
    return [
      issue('error', 'all-values-missing', `${pollutant}: all ${count} values are missing`, {
        species: pollutant,
        missing: count,
      }),
    ];
  }
  const issues: QualityIssue[] = [];
  if (quality.missing > 0) {
    const isNotable = quality.missingShare >= NOTABLE_MISSING_SHARE;
    issues.push(
      issue(
        isNotable ? 'warning' : 'info',
        'missing-values',
        `${pollutant}: ${percent(quality.missingShare)} of the values are missing`,
        {
          species: pollutant,
          missing: quality.missing,
          missingShare: quality.missingShare,
        },
      ),
    );
  }
  const emptyDays = quality.missingShareByDay.filter(({ missingShare }) => missingShare === 1).map(({ date }) => date);
  if (emptyDays.length > 0) {
    issues.push(
      issue(
        'warning',
        'empty-days',
        `${pollutant}: ${countOf(emptyDays.length, 'day')} without a value: ${emptyDays.slice(0, 5).join(', ')}${emptyDays.length > 5 ? ', ...' : ''}`,
        {
          species: pollutant,
          dates: emptyDays,
        },
      ),
    );
  }
  if (quality.negativeValues > 0) {
    const isPackingNoise = (quality.min ?? 0) >= -PACKING_NOISE;
    issues.push(
      issue(
        isPackingNoise ? 'info' : 'warning',
        'negative-values',
        `${pollutant}: ${quality.negativeValues} values are negative, the lowest ${String(quality.min)} ug m-3${isPackingNoise ? ' (noise of packing)' : ''}`,
        {
          species: pollutant,
          negative: quality.negativeValues,
          min: quality.min,
        },
      ),
    );
  }
  issues.push(...rangeIssues(quality), ...stuckIssues(quality));
  return issues;
}

function rangeIssues(quality: PollutantQuality): readonly QualityIssue[] {
  const range = plausibleRange(quality.pollutant);
  if (range === undefined) return [];
  const issues: QualityIssue[] = [];
  if (quality.implausibleValues > 0) {
    issues.push(
      issue(
        'error',
        'implausibly-high',
        `${quality.pollutant}: ${quality.implausibleValues} values exceed ${range.maximum} ug m-3, the highest ${quality.max}; expected concentrations in ug m-3`,
        { species: quality.pollutant, maximum: range.maximum, max: quality.max, values: quality.implausibleValues },
      ),
    );
  }
  if (quality.mean !== null && quality.mean < range.minimumMean) {
    issues.push(
      issue(
        'error',
        'implausibly-low',
        `${quality.pollutant}: the mean is ${quality.mean} ug m-3, below ${range.minimumMean}; is the units attribute of the file wrong (kg m-3 called ug m-3)?`,
        { species: quality.pollutant, minimumMean: range.minimumMean, mean: quality.mean },
      ),
    );
  }
  return issues;
}

function stuckIssues(quality: PollutantQuality): readonly QualityIssue[] {
  if (quality.min !== null && quality.min === quality.max && quality.count - quality.missing > 1) {
    return [
      issue(
        'error',
        'constant-field',
        `${quality.pollutant}: all values are ${quality.min} ug m-3; expected a field that varies`,
        {
          species: quality.pollutant,
          value: quality.min,
        },
      ),
    ];
  }
  if (quality.longestIdenticalRun < (quality.cells >= GRID_CELLS ? STUCK_TIMES_GRID : STUCK_TIMES_POINT)) return [];
  return [
    issue(
      'warning',
      'stuck-field',
      `${quality.pollutant}: ${quality.longestIdenticalRun} consecutive fields are identical; expected values that change with time`,
      { species: quality.pollutant, identicalFields: quality.longestIdenticalRun },
    ),
  ];
}

function withoutRepetition(issues: readonly QualityIssue[]): readonly QualityIssue[] {
  const seen = new Set<string>();
  return issues.filter(({ code, message }) => {
    const key = `${code}\0${message}`;
    return seen.has(key) ? false : seen.add(key);
  });
}
