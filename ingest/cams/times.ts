// SPDX-License-Identifier: Apache-2.0
/**
 * Instants of a variable, whatever the layout: one time axis; a time axis and a lead axis; a scalar time.
 *
 * @module
 */
import { DAY_MS } from '../../common/days.js';
import { entry } from '../../common/entry.js';
import { TramontanaError } from '../../common/errors.js';
import { readUnpacked } from '../netcdf/unpack.js';
import { textAttribute, type NetcdfFile, type NetcdfVariable } from '../netcdf/types.js';
import { issue, type QualityIssue } from '../quality/issue.js';
import {
  contradiction,
  describeAxis,
  holdAgainstEvidence,
  listPositions,
  refuseOtherRun,
  statedRequest,
  statedStart,
} from './time-evidence.js';
import { instantMs, parseTimeScale, type TimeScale } from './time-units.js';
import { instantRank, isPeriod, isReferenceTime, isTimeVariable } from './time-variables.js';
import type { DimensionPlace, VariableLayout } from './variable-layout.js';

/** A decoded instant outside these years means that the units are not what they say. */
const EARLIEST_MS = Date.UTC(1900, 0, 1);
const LATEST_MS = Date.UTC(2200, 0, 1);

/** Times of a variable, ascending and without repetition. */
export interface TimeAxis {
  readonly timesMs: Float64Array;
  /** Start of the run of each time; NaN where the file does not say. */
  readonly runTimesMs: Float64Array;
  /** Where each time starts in the row-major array of the variable (levels and horizontal axes excluded). */
  readonly offsets: Float64Array;
  /** The variable that gave the times, and its long_name. */
  readonly variable: NetcdfVariable;
  readonly label: string;
  readonly issues: readonly QualityIssue[];
}

interface DecodedTime {
  readonly variable: NetcdfVariable;
  readonly scale: TimeScale;
  readonly values: Float64Array;
}

/**
 * @throws TramontanaError `Ingest.BadTime` when a time does not parse, `Ingest.MissingVariable` when there is none,
 *   `Ingest.ContradictoryTimes` when the file says otherwise elsewhere, or gives a time twice without saying of which run
 */
export async function readTimeAxis(
  file: NetcdfFile,
  variable: NetcdfVariable,
  layout: VariableLayout,
): Promise<TimeAxis> {
  const dimensions = layout.times;
  const candidates = file.variables.filter(
    (candidate) =>
      isTimeVariable(candidate) && candidate.dimensions.every((name) => isSpanned(candidate, name, dimensions)),
  );
  const isComplete = (candidate: NetcdfVariable): boolean =>
    dimensions.every((place) => place.length === 1 || candidate.dimensions.includes(place.name));

  const reference = await decodeFirst(file, candidates.filter(isReferenceTime));
  const instants = candidates
    .filter((candidate) => !isReferenceTime(candidate) && isComplete(candidate) && !isPeriod(candidate))
    .sort((a, b) => instantRank(a) - instantRank(b))[0];
  if (instants !== undefined) {
    const decoded = await decode(file, instants, true);
    const timeOf = absolute(file, decoded, dimensions);
    const period = await decodeFirst(file, candidates.filter(isPeriod));
    const runOf = reference === undefined ? regionalRun(file, instants) : absolute(file, reference, dimensions);
    const lead = reference === undefined || period === undefined ? undefined : duration(period, dimensions);
    const isRunStated = reference !== undefined;
    const axis = {
      file,
      source: instants,
      dimensions,
      timeOf,
      runOf,
      isRunStated,
      ...(lead === undefined ? {} : { leadOf: lead }),
    };
    return buildAxis(axis);
  }
  const period = await decodeFirst(file, candidates.filter(isPeriod));
  if (reference !== undefined && (period !== undefined || isComplete(reference.variable))) {
    const runOf = absolute(file, reference, dimensions);
    const leadOf = period === undefined ? (): number => 0 : duration(period, dimensions);
    const timeOf: IndexFunction = (index) => runOf(index) + leadOf(index);
    return buildAxis({ file, source: reference.variable, dimensions, timeOf, runOf, isRunStated: true });
  }
  const names = file.variables.map((item) => item.name);
  throw new TramontanaError(
    'Ingest.MissingVariable',
    `${file.path}: variable "${variable.name}": expected a time coordinate (time, valid_time, or a reference time and a forecast period); the file has ${names.join(', ')}`,
    { facts: { file: file.path, variable: variable.name, available: names } },
  );
}

function isSpanned(candidate: NetcdfVariable, dimension: string, places: readonly DimensionPlace[]): boolean {
  if (places.some((place) => place.name === dimension)) return true;
  return candidate.shape[candidate.dimensions.indexOf(dimension)] === 1;
}

async function decodeFirst(file: NetcdfFile, candidates: readonly NetcdfVariable[]): Promise<DecodedTime | undefined> {
  const [first] = candidates;
  return first === undefined ? undefined : decode(file, first, isReferenceTime(first));
}

async function decode(file: NetcdfFile, variable: NetcdfVariable, mustBeInstant: boolean): Promise<DecodedTime> {
  const units = textAttribute(variable.attributes, 'units');
  const scale = parseTimeScale(
    units,
    textAttribute(variable.attributes, 'long_name'),
    textAttribute(variable.attributes, 'calendar'),
  );
  if ('expectation' in scale) throw badTime(file, variable, scale.expectation, scale.found);
  if (mustBeInstant && scale.referenceMs === undefined) {
    const longName = textAttribute(variable.attributes, 'long_name');
    throw badTime(
      file,
      variable,
      'units "... since <date>", or long_name "... time from YYYYMMDD"',
      `units "${units ?? ''}" and ${longName === undefined ? 'no long_name' : `long_name "${longName}"`}`,
    );
  }
  return { variable, scale, values: await readUnpacked(file, variable) };
}

function badTime(file: NetcdfFile, variable: NetcdfVariable, expectation: string, found: string): TramontanaError {
  return new TramontanaError(
    'Ingest.BadTime',
    `${file.path}: variable "${variable.name}": expected ${expectation}, got ${found}`,
    {
      facts: { file: file.path, variable: variable.name, expectation, found },
    },
  );
}

type IndexFunction = (index: readonly number[]) => number;

/** Flat position in a time variable for an index along the time dimensions of the data variable. */
function positionIn(variable: NetcdfVariable, dimensions: readonly DimensionPlace[]): IndexFunction {
  const axes = variable.dimensions.map((name) => dimensions.findIndex((place) => place.name === name));
  return (index) =>
    axes.reduce((flat, axis, k) => flat * entry(variable.shape, k) + (axis < 0 ? 0 : entry(index, axis)), 0);
}

function absolute(file: NetcdfFile, decoded: DecodedTime, dimensions: readonly DimensionPlace[]): IndexFunction {
  const position = positionIn(decoded.variable, dimensions);
  const referenceMs = decoded.scale.referenceMs ?? 0;
  return (index) => {
    const value = decoded.values[position(index)] ?? NaN;
    const time = instantMs(value, { referenceMs, unitMs: decoded.scale.unitMs }, decoded.variable.type);
    if (!(time >= EARLIEST_MS && time < LATEST_MS)) {
      throw badTime(
        file,
        decoded.variable,
        'instants between 1900 and 2200',
        `${Number.isNaN(value) ? 'a missing value' : `${value} ${textAttribute(decoded.variable.attributes, 'units') ?? ''}`} at index ${index.join(', ')}`,
      );
    }
    return time;
  };
}

function duration(decoded: DecodedTime, dimensions: readonly DimensionPlace[]): IndexFunction {
  const position = positionIn(decoded.variable, dimensions);
  return (index) => Math.round((decoded.values[position(index)] ?? NaN) * decoded.scale.unitMs);
}

/**
 * Run of a regional forecast file: of the requested dates (global attribute FORECAST) the latest whose leads reach the
 * instant, else the date of the label. NaN when the file does not say.
 */
function regionalRun(
  file: NetcdfFile,
  timeVariable: NetcdfVariable,
): (index: readonly number[], timeMs: number) => number {
  const request = file.attributes['FORECAST'] === undefined ? undefined : statedRequest(file);
  if (request !== undefined) {
    return (_, timeMs) => {
      for (let runMs = request.lastDayMs; runMs >= request.firstDayMs; runMs -= DAY_MS) {
        const lead = (timeMs - runMs) / 3_600_000;
        if (lead >= request.fromHour && lead <= request.toHour) return runMs;
      }
      return NaN;
    };
  }
  const isForecast = /FORECAST time from/i.test(textAttribute(timeVariable.attributes, 'long_name') ?? '');
  const runMs = isForecast ? (statedStart(timeVariable) ?? NaN) : NaN;
  return () => runMs;
}

/** What an axis is built from. */
interface AxisParts {
  readonly file: NetcdfFile;
  /** The variable that gives the times. */
  readonly source: NetcdfVariable;
  readonly dimensions: readonly DimensionPlace[];
  readonly timeOf: IndexFunction;
  readonly runOf: (index: readonly number[], timeMs: number) => number;
  /** True when `runOf` is a reference time of its own, not reckoned from a label. */
  readonly isRunStated: boolean;
  /** Forecast period, where the file gives it beside the instants. */
  readonly leadOf?: IndexFunction;
}

function buildAxis({ file, source, dimensions, timeOf, runOf, leadOf, isRunStated }: AxisParts): TimeAxis {
  const entries = indices(dimensions).map((index, position) => {
    const time = timeOf(index);
    const offset = dimensions.reduce((sum, place, axis) => sum + place.stride * entry(index, axis), 0);
    return { time, run: runOf(index, time), lead: leadOf?.(index) ?? NaN, offset, position };
  });
  if (entries.length === 0) throw badTime(file, source, 'at least one time', 'none');
  if (isRunStated) refuseOtherRun(file, source, entries);
  const inOrder = entries.every(({ time }, i) => i === 0 || time > entry(entries, i - 1).time);
  const known = (run: number): number => (Number.isNaN(run) ? -Infinity : run);
  const sorted = [...entries].sort(
    (a, b) =>
      a.time - b.time || (known(a.run) === known(b.run) ? 0 : known(a.run) - known(b.run)) || a.position - b.position,
  );
  // Of two runs the later one is meant; two values of one run, or of runs that nobody knows, contradict each other.
  const clash = sorted.find((entry, i) => {
    const next = sorted[i + 1];
    return next !== undefined && next.time === entry.time && known(next.run) === known(entry.run);
  });
  const all = entries.map((entry) => entry.time);
  if (clash !== undefined) {
    const where = all.flatMap((time, position) => (time === clash.time ? [position] : []));
    throw contradiction(
      file,
      source,
      describeAxis(source, all),
      `each other: ${new Date(clash.time).toISOString()} stands at positions ${listPositions(where)}${clash.time === all[0] ? ', where the axis starts again' : ''}`,
      'expected each time once, or a reference time that tells which run each belongs to (were files joined whose times count from their own start?)',
    );
  }
  const kept = sorted.filter((entry, i) => entry.time !== sorted[i + 1]?.time);
  const issues: QualityIssue[] = [
    ...holdAgainstEvidence(
      file,
      source,
      kept.map((entry) => entry.time),
    ),
  ];
  if (!inOrder) {
    issues.push(
      issue('info', 'unordered-times', `${file.path}: times are not in ascending order; they were sorted`, {
        file: file.path,
      }),
    );
  }
  if (kept.length < sorted.length) {
    const repeated = sorted.filter((entry, i) => entry.time === sorted[i + 1]?.time);
    issues.push(
      issue(
        'warning',
        'duplicate-times',
        `${file.path}: ${repeated.length} times are given by several runs, first ${new Date(entry(repeated, 0).time).toISOString()}; the later run was kept`,
        { file: file.path, duplicates: repeated.length, first: new Date(entry(repeated, 0).time).toISOString() },
      ),
    );
  }
  return {
    timesMs: Float64Array.from(kept, (entry) => entry.time),
    runTimesMs: Float64Array.from(kept, (entry) => entry.run),
    offsets: Float64Array.from(kept, (entry) => entry.offset),
    variable: source,
    label: textAttribute(source.attributes, 'long_name') ?? '',
    issues,
  };
}

/** All indices along these dimensions, the last one fastest; one empty index for no dimension. */
function indices(dimensions: readonly DimensionPlace[]): readonly (readonly number[])[] {
  return dimensions.reduce<readonly (readonly number[])[]>(
    (prefixes, place) => prefixes.flatMap((prefix) => Array.from({ length: place.length }, (_, i) => [...prefix, i])),
    [[]],
  );
}
