// SPDX-License-Identifier: Apache-2.0
/**
 * What a file says about its times besides the time axis: the request in a global attribute, the label of the axis, dates in
 * its name. Tools that join, cut or rescale files keep some of these and change others; where they disagree one is wrong, and
 * nothing in the file tells which.
 *
 * @module
 */
import { basename } from 'node:path';
import { DAY_MS } from '../../common/days.js';
import { entry } from '../../common/entry.js';
import { TramontanaError } from '../../common/errors.js';
import { textAttribute, type NetcdfFile, type NetcdfVariable } from '../netcdf/types.js';
import { isoTime } from '../quality/assess-times.js';
import { issue, type QualityIssue } from '../quality/issue.js';
import { parseStamp } from './time-units.js';

const HOUR_MS = 3_600_000;
/** CAMS gives at most one value an hour; what is closer is no hourly axis. Rounding of float axes stays far below the rest. */
const SHORTEST_STEP_MS = 0.98 * HOUR_MS;
/** No CAMS forecast reaches further than five days; twice that is a unit that is not what it says. */
const LONGEST_LEAD_MS = 10 * DAY_MS;
/** EAC4, the longest CAMS record, starts in 2003 [CAMS data catalogue]. */
const EARLIEST_CAMS_MS = Date.UTC(2003, 0, 1);
/** A file may be named by a day near its data (of the download, of the run), not by one of another season. */
const NAME_TOLERANCE_MS = 31 * DAY_MS;
const SHOWN_POSITIONS = 4;
/** With less of the stated span than this, a part of the file is probably lost. */
const NOTABLE_SPAN_SHARE = 0.5;

/** A request of the regional service: each day from the first to the last, with these hours after its 00:00. */
export interface StatedRequest {
  /** Name and text of the attribute, for messages. */
  readonly statement: string;
  readonly firstDayMs: number;
  readonly lastDayMs: number;
  readonly fromHour: number;
  readonly toHour: number;
}

/** The request in the global attribute FORECAST or ANALYSIS, e.g. "Europe, 20250510-20250511+[0H_23H]". */
export function statedRequest(file: NetcdfFile): StatedRequest | undefined {
  for (const name of ['FORECAST', 'ANALYSIS']) {
    const text = textAttribute(file.attributes, name) ?? '';
    const [, first = '', last = first, from, to] = /(\d{8})(?:-(\d{8}))?\+\[(\d+)H_(\d+)H\]/.exec(text) ?? [];
    const [firstDayMs, lastDayMs] = [parseStamp(first), parseStamp(last)];
    if (firstDayMs === undefined || lastDayMs === undefined) continue;
    const hours = { fromHour: Number(from), toHour: Number(to) };
    return { statement: `the attribute ${name} "${text}"`, firstDayMs, lastDayMs, ...hours };
  }
  return undefined;
}

/** The date in a label such as "FORECAST time from 20250510", milliseconds since 1970. */
export function statedStart(timeVariable: NetcdfVariable): number | undefined {
  const stamp = /time from\s+(\d{8})/i.exec(textAttribute(timeVariable.attributes, 'long_name') ?? '')?.[1];
  return stamp === undefined ? undefined : parseStamp(stamp);
}

/**
 * Holds the times against what else the file says about them.
 *
 * @param timesMs - ascending, each once
 * @returns what is odd and yet possible
 * @throws TramontanaError `Ingest.ContradictoryTimes`, naming both statements
 */
export function holdAgainstEvidence(
  file: NetcdfFile,
  timeVariable: NetcdfVariable,
  timesMs: readonly number[],
): readonly QualityIssue[] {
  const firstMs = entry(timesMs, 0);
  const lastMs = entry(timesMs, timesMs.length - 1);
  const request = statedRequest(file);
  const axis = describeAxis(timeVariable, timesMs);
  const refuse = (evidence: string, remedy: string): never => {
    throw contradiction(file, timeVariable, axis, evidence, remedy);
  };

  const shortest = Math.min(...timesMs.slice(1).map((time, index) => time - entry(timesMs, index)));
  if (shortest < SHORTEST_STEP_MS) {
    const evidence = request?.statement ?? 'CAMS, which gives at most one value an hour';
    refuse(evidence, `times ${round(shortest / 60_000)} min apart are no hours: are the units of the axis right?`);
  }
  const start = statedStart(timeVariable);
  if (request !== undefined) {
    const [fromMs, toMs] = spanOf(request);
    if (firstMs < fromMs - HOUR_MS / 2 || lastMs > toMs + HOUR_MS / 2) {
      refuse(
        `${request.statement}, that is ${isoTime(fromMs)} to ${isoTime(toMs)}`,
        'if the times are right (joined files keep the attributes of the first), remove the attribute; else mend the axis',
      );
    }
    if (start !== undefined && (start < request.firstDayMs || start > request.lastDayMs)) {
      refuse(request.statement, 'the date in the label of the axis is another one');
    }
  }
  if (start !== undefined) {
    const label = `its label "${textAttribute(timeVariable.attributes, 'long_name') ?? ''}"`;
    if (firstMs < start - HOUR_MS / 2) refuse(label, 'no time may lie before that date');
    const isForecast = /forecast/i.test(label);
    if (isForecast && request === undefined && lastMs > start + LONGEST_LEAD_MS) {
      refuse(label, `no forecast reaches ${round((lastMs - start) / DAY_MS)} days: are the units of the axis right?`);
    }
  }
  refuseFarName(file, firstMs, lastMs, refuse);
  return [
    ...(request === undefined ? [] : shortfall(file, request, axis, lastMs - firstMs)),
    ...strangeYears(file, axis, firstMs, lastMs),
  ];
}

/**
 * Holds instants against the start of their run and the period since it.
 *
 * @param entries - `run` and `lead` NaN where the file does not say
 * @throws TramontanaError `Ingest.ContradictoryTimes`
 */
export function refuseOtherRun(
  file: NetcdfFile,
  timeVariable: NetcdfVariable,
  entries: readonly { readonly time: number; readonly run: number; readonly lead: number }[],
): void {
  const wrong = entries.find(
    ({ time, run, lead }) => time < run - HOUR_MS / 2 || Math.abs(time - run - lead) > HOUR_MS / 2,
  );
  if (wrong === undefined) return;
  const { time, run, lead } = wrong;
  const period = Number.isNaN(lead) ? '' : ` and its forecast period of ${round(lead / HOUR_MS)} h`;
  const axis = describeAxis(
    timeVariable,
    entries.map((entry) => entry.time),
  );
  throw contradiction(
    file,
    timeVariable,
    axis,
    `the reference time ${isoTime(run)}${period} of ${isoTime(time)}`,
    'expected each time to be its reference time and the period after it (was one of them changed alone?); remove or mend what is wrong',
  );
}

/** The error of an axis that disagrees with another statement; both are named. */
export function contradiction(
  file: NetcdfFile,
  timeVariable: NetcdfVariable,
  axis: string,
  evidence: string,
  remedy: string,
): TramontanaError {
  return new TramontanaError(
    'Ingest.ContradictoryTimes',
    `${file.path}: variable "${timeVariable.name}": ${axis} contradict ${evidence}; ${remedy}`,
    { facts: { file: file.path, variable: timeVariable.name, axis, evidence } },
  );
}

/** "97 times from ... to ... (units "hours")". */
export function describeAxis(timeVariable: NetcdfVariable, timesMs: readonly number[]): string {
  const [first, last] = [isoTime(Math.min(...timesMs)), isoTime(Math.max(...timesMs))];
  const units = textAttribute(timeVariable.attributes, 'units') ?? '';
  return `${timesMs.length} times from ${first} to ${last} (units "${units}")`;
}

function spanOf(request: StatedRequest): readonly [number, number] {
  return [request.firstDayMs + request.fromHour * HOUR_MS, request.lastDayMs + request.toHour * HOUR_MS];
}

/** Years in which no CAMS data can be: before its first reanalysis, or beyond every forecast made up to now. */
function strangeYears(file: NetcdfFile, axis: string, firstMs: number, lastMs: number): readonly QualityIssue[] {
  const latestMs = Date.now() + LONGEST_LEAD_MS;
  if (firstMs >= EARLIEST_CAMS_MS && lastMs <= latestMs) return [];
  const expected = `between ${isoTime(EARLIEST_CAMS_MS).slice(0, 10)} and ten days from now`;
  return [
    issue(
      'warning',
      'strange-years',
      `${file.path}: ${axis}: expected times of CAMS, ${expected}; is the reference date of the axis right?`,
      { file: file.path, first: isoTime(firstMs), last: isoTime(lastMs) },
    ),
  ];
}

function shortfall(file: NetcdfFile, request: StatedRequest, axis: string, foundMs: number): readonly QualityIssue[] {
  const [fromMs, toMs] = spanOf(request);
  if (foundMs >= NOTABLE_SPAN_SHARE * (toMs - fromMs)) return [];
  return [
    issue(
      'warning',
      'short-time-axis',
      `${file.path}: ${axis} are a part of what ${request.statement} promises; is the rest lost?`,
      { file: file.path, statedHours: (toMs - fromMs) / HOUR_MS, foundHours: foundMs / HOUR_MS },
    ),
  ];
}

/** A name that holds dates, all of them far from the data. */
function refuseFarName(
  file: NetcdfFile,
  firstMs: number,
  lastMs: number,
  refuse: (evidence: string, remedy: string) => never,
): void {
  const name = basename(file.path);
  const periods = periodsInName(name);
  const isFar = ([fromMs, toMs]: readonly [number, number]): boolean =>
    fromMs > lastMs + NAME_TOLERANCE_MS || toMs < firstMs - NAME_TOLERANCE_MS;
  if (periods.length > 0 && periods.every(isFar)) {
    refuse(`the date in the name of the file, "${name}"`, 'rename the file if the times are right');
  }
}

/** Days, months and years that a file name spells out, each as [start, end) in milliseconds since 1970. */
export function periodsInName(name: string): readonly (readonly [number, number])[] {
  const periods: (readonly [number, number])[] = [];
  const take = (pattern: RegExp, text: string): string =>
    [...text.matchAll(pattern)].reduce((left, [found, year, month, day]) => {
      const [y, m, d] = [Number(year), Number(month ?? 1) - 1, Number(day ?? 1)];
      const isMonth = month !== undefined && day === undefined;
      const endMs = day !== undefined ? Date.UTC(y, m, d + 1) : isMonth ? Date.UTC(y, m + 1) : Date.UTC(y + 1, 0);
      periods.push([Date.UTC(y, m, d), endMs]);
      return left.replace(found, ' ');
    }, text);
  const month = '(0[1-9]|1[0-2])';
  const day = '(0[1-9]|[12]\\d|3[01])';
  const year = '((?:19|20)\\d{2})';
  let rest = take(new RegExp(`(?<!\\d)${year}[-_.]?${month}[-_.]?${day}(?!\\d)`, 'g'), name);
  rest = take(new RegExp(`(?<!\\d)${year}[-_.]?${month}(?!\\d)`, 'g'), rest);
  take(new RegExp(`(?<![0-9A-Za-z])${year}(?![0-9A-Za-z])`, 'g'), rest);
  return periods;
}

/** The first few positions, and how many there are. */
export function listPositions(positions: readonly number[]): string {
  const [shown, more] = [positions.slice(0, SHOWN_POSITIONS), positions.length - SHOWN_POSITIONS];
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(' and ');
}

function round(value: number): string {
  return String(Math.round(value * 100) / 100);
}
