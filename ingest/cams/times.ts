// SPDX-License-Identifier: Apache-2.0
/**
 * Instants of a variable, whatever the layout: one time axis; a time axis and a lead axis; a scalar time.
 *
 * @module
 */
import { TramontanaError } from '../../common/errors.js';
import { readUnpacked } from '../netcdf/unpack.js';
import { textAttribute, type NetcdfFile, type NetcdfVariable } from '../netcdf/types.js';
import { issue, type QualityIssue } from '../quality/issue.js';
import { instantMs, parseStamp, parseTimeScale, type TimeScale } from './time-units.js';
import type { DimensionPlace, VariableLayout } from './variable-layout.js';

const DAY_MS = 86_400_000;
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
  /** long_name of the variable that gave the times. */
  readonly label: string;
  readonly issues: readonly QualityIssue[];
}

interface DecodedTime {
  readonly variable: NetcdfVariable;
  readonly scale: TimeScale;
  readonly values: Float64Array;
}

/**
 * @throws TramontanaError `Ingest.BadTime` when a time does not parse, `Ingest.MissingVariable` when there is none
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
    const runOf = reference === undefined ? regionalRun(file, instants) : absolute(file, reference, dimensions);
    return buildAxis(file, instants, dimensions, timeOf, runOf);
  }
  const period = await decodeFirst(file, candidates.filter(isPeriod));
  if (reference !== undefined && (period !== undefined || isComplete(reference.variable))) {
    const runOf = absolute(file, reference, dimensions);
    const leadOf = period === undefined ? (): number => 0 : duration(period, dimensions);
    return buildAxis(file, reference.variable, dimensions, (index) => runOf(index) + leadOf(index), runOf);
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

function isTimeVariable(variable: NetcdfVariable): boolean {
  const standardName = textAttribute(variable.attributes, 'standard_name') ?? '';
  return (
    /^(time|valid_time|forecast_reference_time|reference_time|reftime|forecast_period|step|lead_?time(_hour)?|leadtime)$/i.test(
      variable.name,
    ) ||
    /^(time|forecast_reference_time|forecast_period)$/.test(standardName) ||
    textAttribute(variable.attributes, 'axis') === 'T'
  );
}

/** cfgrib calls the run `time` with this standard name, and the instant `valid_time`. */
function isReferenceTime(variable: NetcdfVariable): boolean {
  const standardName = textAttribute(variable.attributes, 'standard_name');
  if (standardName === 'forecast_reference_time') return true;
  return standardName === undefined && /^(forecast_reference_time|reference_time|reftime)$/i.test(variable.name);
}

function isPeriod(variable: NetcdfVariable): boolean {
  if (textAttribute(variable.attributes, 'standard_name') === 'forecast_period') return true;
  return /^(forecast_period|step|lead_?time(_hour)?|leadtime)$/i.test(variable.name);
}

function instantRank(variable: NetcdfVariable): number {
  if (variable.name === 'valid_time') return 0;
  return textAttribute(variable.attributes, 'standard_name') === 'time' || variable.name === 'time' ? 1 : 2;
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
  return (index) => axes.reduce((flat, axis, k) => flat * variable.shape[k]! + (axis < 0 ? 0 : index[axis]!), 0);
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
 * Run of a regional forecast file, from "Europe, 20210212+[0H_96H]" or "Europe, 20250510-20250511+[0H_23H]" (global
 * attribute FORECAST): the latest requested date whose leads reach the instant. NaN when the file does not say.
 */
function regionalRun(
  file: NetcdfFile,
  timeVariable: NetcdfVariable,
): (index: readonly number[], timeMs: number) => number {
  const request = textAttribute(file.attributes, 'FORECAST') ?? '';
  const [, first, last, fromHour, toHour] = /(\d{8})(?:-(\d{8}))?\+\[(\d+)H_(\d+)H\]/.exec(request) ?? [];
  const firstMs = first === undefined ? undefined : parseStamp(first);
  const lastMs = last === undefined ? firstMs : parseStamp(last);
  if (firstMs !== undefined && lastMs !== undefined) {
    const leads = [Number(fromHour), Number(toHour)] as const;
    return (_, timeMs) => {
      for (let runMs = lastMs; runMs >= firstMs; runMs -= DAY_MS) {
        const lead = (timeMs - runMs) / 3_600_000;
        if (lead >= leads[0] && lead <= leads[1]) return runMs;
      }
      return NaN;
    };
  }
  const stamp = /FORECAST time from\s+(\d{8})/i.exec(textAttribute(timeVariable.attributes, 'long_name') ?? '')?.[1];
  const runMs = stamp === undefined ? NaN : (parseStamp(stamp) ?? NaN);
  return () => runMs;
}

function buildAxis(
  file: NetcdfFile,
  source: NetcdfVariable,
  dimensions: readonly DimensionPlace[],
  timeOf: IndexFunction,
  runOf: (index: readonly number[], timeMs: number) => number,
): TimeAxis {
  const entries = indices(dimensions).map((index, position) => {
    const time = timeOf(index);
    const offset = dimensions.reduce((sum, place, axis) => sum + place.stride * index[axis]!, 0);
    return { time, run: runOf(index, time), offset, position };
  });
  if (entries.length === 0) throw badTime(file, source, 'at least one time', 'none');
  const inOrder = entries.every((entry, i) => i === 0 || entry.time > entries[i - 1]!.time);
  // A later run wins; where runs are unknown or equal, the later position does.
  const known = (run: number): number => (Number.isNaN(run) ? -Infinity : run);
  const sorted = [...entries].sort(
    (a, b) =>
      a.time - b.time || (known(a.run) === known(b.run) ? 0 : known(a.run) - known(b.run)) || a.position - b.position,
  );
  const kept = sorted.filter((entry, i) => entry.time !== sorted[i + 1]?.time);
  const issues: QualityIssue[] = [];
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
        `${file.path}: ${repeated.length} times occur more than once, first ${new Date(repeated[0]!.time).toISOString()}; the later run was kept`,
        { file: file.path, duplicates: repeated.length, first: new Date(repeated[0]!.time).toISOString() },
      ),
    );
  }
  return {
    timesMs: Float64Array.from(kept, (entry) => entry.time),
    runTimesMs: Float64Array.from(kept, (entry) => entry.run),
    offsets: Float64Array.from(kept, (entry) => entry.offset),
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
