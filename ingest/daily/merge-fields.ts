// SPDX-License-Identifier: Apache-2.0
import { CAMS_CELL_DEGREES, medianStepDegrees } from '../../artifacts/schemas/grid.js';
import type { FieldOrigin, FieldVariable } from '../../artifacts/schemas/gridded-field.js';
import { entry, float64At } from '../../common/entry.js';
import { TramontanaError } from '../../common/errors.js';
import { cropField } from '../bounding-box.js';
import { sourceNames, type LabelledField } from '../labelled-field.js';
import { isoTime } from '../quality/assess-times.js';
import { issue, type QualityIssue } from '../quality/issue.js';
import { MergeLedger, type Candidate } from './merge-ledger.js';

/** Which origin gives a value that several have: the validated one, then the analysis. */
const ORIGIN_RANK: Readonly<Record<FieldOrigin, number>> = { forecast: 0, analysis: 1, reanalysis: 2 };
/** Two centres are the same cell when they differ by less than this share of the grid step. */
const SAME_CELL_SHARE = 0.01;
/** Copies of one value differ by their packing: absolute, ug m-3, and relative. Anything more is another value. */
const SAME_VALUE = { absolute: 0.01, relative: 1e-3 } as const;

/**
 * Merges fields of several files (one a species, a day, an origin) on the cells that all of them have.
 *
 * A value is taken from the best origin that has it (reanalysis, analysis, forecast), within that origin from the later run.
 * Files that give one value twice, of the same run or without saying of which, must agree. A time with species of several
 * origins carries the lesser one, and that is said. Files of which nothing is used are named.
 *
 * @throws TramontanaError `Ingest.NoInput` for an empty list, `Ingest.GridMismatch` when two grids share no cell,
 *   `Ingest.SeveralCadences` for hourly and daily fields, `Ingest.ContradictoryFiles` when two files give different values
 */
export function mergeFields(fields: readonly LabelledField[]): LabelledField {
  const [first, ...others] = fields;
  if (first === undefined) {
    throw new TramontanaError('Ingest.NoInput', 'expected at least one field to merge, got none', {
      facts: { fields: 0 },
    });
  }
  const issues: QualityIssue[] = fields.flatMap((field) => [...field.issues]);
  if (others.length === 0) return first;
  requireOneCadence(first, others);
  const aligned = alignGrids(fields, issues);
  const reference = entry(aligned, 0);
  const cells = reference.latitudesDegrees.length * reference.longitudesDegrees.length;

  const candidates = new Map<number, Candidate[]>();
  aligned.forEach((field, order) => {
    field.timesMs.forEach((timeMs, index) => {
      const list = candidates.get(timeMs) ?? [];
      list.push({ field, index, order, origin: entry(field.origins, index), runMs: field.runTimesMs?.[index] ?? NaN });
      candidates.set(timeMs, list);
    });
  });
  const timesMs = Float64Array.from([...candidates.keys()].sort((a, b) => a - b));
  const variables = emptyVariables(aligned, timesMs.length * cells);
  const origins: FieldOrigin[] = [];
  const runTimesMs = new Float64Array(timesMs.length).fill(NaN);
  const ledger = new MergeLedger(fields);
  timesMs.forEach((timeMs, time) => {
    const list = candidates.get(timeMs)!;
    const givers = variables.flatMap((variable) => {
      const giver = fillSlice(variable, time, list, cells, ledger);
      return giver === undefined ? [] : [giver];
    });
    // A time without any value still belongs to somebody: to the best of its files.
    const owners = givers.length > 0 ? givers : [entry(byPreference(list), 0)];
    origins.push(ledger.originOf(owners));
    for (const { runMs } of owners) if (!(float64At(runTimesMs, time) >= runMs)) runTimesMs[time] = runMs;
  });
  return {
    cadence: first.cadence,
    latitudesDegrees: reference.latitudesDegrees,
    longitudesDegrees: reference.longitudesDegrees,
    timesMs,
    origins,
    ...(runTimesMs.some((run) => !Number.isNaN(run)) ? { runTimesMs } : {}),
    variables,
    sources: fields.flatMap((field) => [...field.sources]),
    issues: [...issues, ...ledger.issues()],
  };
}

function requireOneCadence(first: LabelledField, others: readonly LabelledField[]): void {
  const other = others.find(({ cadence }) => cadence !== first.cadence);
  if (other === undefined) return;
  throw new TramontanaError(
    'Ingest.SeveralCadences',
    `${sourceNames(first)} and ${sourceNames(other)}: expected fields of one cadence, got ${first.cadence} and ${other.cadence}`,
    { facts: { files: [sourceNames(first), sourceNames(other)] } },
  );
}

/** A variable without values for each species of the fields. */
function emptyVariables(fields: readonly LabelledField[], length: number): readonly FieldVariable[] {
  const found = new Map<string, { variable: FieldVariable; field: LabelledField }>();
  for (const field of fields) {
    for (const variable of field.variables) {
      const known = found.get(variable.species);
      if (known === undefined) found.set(variable.species, { variable, field });
      else if (known.variable.statistic !== variable.statistic) {
        throw new TramontanaError(
          'Ingest.ContradictoryFiles',
          `${sourceNames(known.field)} and ${sourceNames(field)}: ${variable.species}: expected one statistic, got ${known.variable.statistic} and ${variable.statistic}`,
          { facts: { files: [sourceNames(known.field), sourceNames(field)], species: variable.species } },
        );
      }
    }
  }
  return [...found.values()].map(({ variable }) => ({ ...variable, values: new Float64Array(length).fill(NaN) }));
}

/** Puts the values of a species at a time where they belong; gives the candidate that had them, if any had. */
function fillSlice(
  variable: FieldVariable,
  time: number,
  candidates: readonly Candidate[],
  cells: number,
  ledger: MergeLedger,
): Candidate | undefined {
  const slices = byPreference(candidates).flatMap((owner) => {
    const slice = sliceOf(owner, variable.species, cells);
    return slice?.some((value) => !Number.isNaN(value)) === true ? [{ owner, slice }] : [];
  });
  const [winner, ...losers] = slices;
  if (winner === undefined) return undefined;
  const target = variable.values.subarray(time * cells, (time + 1) * cells);
  target.set(winner.slice);
  ledger.used(winner.owner.field);
  for (const { owner, slice } of losers) {
    if (owner.origin !== winner.owner.origin) {
      ledger.passedOver(owner, winner.owner, 'origin');
    } else if (owner.runMs < winner.owner.runMs) {
      ledger.passedOver(owner, winner.owner, 'run');
    } else {
      requireSameValues(variable.species, winner, { owner, slice });
      slice.forEach((value, cell) => {
        if (Number.isNaN(float64At(target, cell))) target[cell] = value;
      });
      ledger.passedOver(owner, winner.owner, 'copy');
    }
  }
  return winner.owner;
}

interface Slice {
  readonly owner: Candidate;
  readonly slice: Float64Array;
}

function requireSameValues(species: string, one: Slice, other: Slice): void {
  const cell = one.slice.findIndex((value, index) => {
    const rival = float64At(other.slice, index);
    const allowed = SAME_VALUE.absolute + SAME_VALUE.relative * Math.max(Math.abs(value), Math.abs(rival));
    return Math.abs(value - rival) > allowed;
  });
  if (cell < 0) return;
  const names = [sourceNames(one.owner.field), sourceNames(other.owner.field)];
  const { origin, runMs } = one.owner;
  const what = `${origin}${Number.isNaN(runMs) ? '' : ` of the run ${isoTime(runMs)}`}`;
  const time = isoTime(float64At(one.owner.field.timesMs, one.owner.index));
  throw new TramontanaError(
    'Ingest.ContradictoryFiles',
    `${names.join(' and ')}: ${species} at ${time}: expected one value of the ${what}, got ${float64At(one.slice, cell)} and ${float64At(other.slice, cell)} ug m-3; nothing tells which is meant, keep one of the files`,
    { facts: { files: names, species, time, values: [float64At(one.slice, cell), float64At(other.slice, cell)] } },
  );
}

/** The candidate to prefer first. */
function byPreference(candidates: readonly Candidate[]): readonly Candidate[] {
  const known = (run: number): number => (Number.isNaN(run) ? -Number.MAX_VALUE : run);
  return [...candidates].sort(
    (a, b) => ORIGIN_RANK[b.origin] - ORIGIN_RANK[a.origin] || known(b.runMs) - known(a.runMs) || a.order - b.order,
  );
}

function sliceOf(candidate: Candidate, species: string, cells: number): Float64Array | undefined {
  const variable = candidate.field.variables.find((item) => item.species === species);
  return variable?.values.subarray(candidate.index * cells, (candidate.index + 1) * cells);
}

/** Crops all fields to the cells that they share, in the coordinates of the first. */
function alignGrids(fields: readonly LabelledField[], issues: QualityIssue[]): readonly LabelledField[] {
  const rows = commonIndices(fields, (field) => field.latitudesDegrees, 'latitude');
  const columns = commonIndices(fields, (field) => field.longitudesDegrees, 'longitude');
  const reference = entry(fields, 0);
  return fields.map((field, index) => {
    const isWhole =
      entry(rows, index).length === field.latitudesDegrees.length &&
      entry(columns, index).length === field.longitudesDegrees.length;
    if (!isWhole) {
      issues.push(
        issue(
          'info',
          'cropped-grid',
          `${sourceNames(field)}: ${field.latitudesDegrees.length} x ${field.longitudesDegrees.length} cells were cropped to the ${entry(rows, index).length} x ${entry(columns, index).length} that all files have`,
          { files: sourceNames(field) },
        ),
      );
    }
    const cropped = isWhole ? field : cropField(field, entry(rows, index), entry(columns, index));
    return {
      ...cropped,
      latitudesDegrees: Float64Array.from(entry(rows, 0), (row) => float64At(reference.latitudesDegrees, row)),
      longitudesDegrees: Float64Array.from(entry(columns, 0), (column) =>
        float64At(reference.longitudesDegrees, column),
      ),
    };
  });
}

function commonIndices(
  fields: readonly LabelledField[],
  axisOf: (field: LabelledField) => Float64Array,
  axis: 'latitude' | 'longitude',
): readonly (readonly number[])[] {
  const reference = axisOf(entry(fields, 0));
  const step = medianStepDegrees(reference);
  const tolerance = SAME_CELL_SHARE * (Number.isNaN(step) ? CAMS_CELL_DEGREES : step);
  const found = Array.from(reference, (value) => fields.map((field) => nearestIndex(axisOf(field), value, tolerance)));
  const shared = found.filter((indices) => indices.every((index) => index >= 0));
  const stranger = fields.findIndex((_, k) => found.every((indices) => entry(indices, k) < 0));
  if (stranger >= 0 || shared.length === 0) {
    const other = entry(fields, stranger >= 0 ? stranger : 1);
    const describe = (field: LabelledField): string => {
      const values = axisOf(field);
      return `${sourceNames(field)} (${float64At(values, 0)} to ${float64At(values, values.length - 1)}, step ${medianStepDegrees(values).toFixed(4)})`;
    };
    const advice = isTile(reference, axisOf(other), step)
      ? 'parts of one grid: if they are tiles of one area, join them first, `cdo collgrid TILE1.nc TILE2.nc AREA.nc`, and give the joined file'
      : 'another area, or a grid that was shifted';
    throw new TramontanaError(
      'Ingest.GridMismatch',
      `expected files on one grid; the ${axis}s of ${describe(entry(fields, 0))} and ${describe(other)} have no cell in common (${advice})`,
      { facts: { axis, files: [sourceNames(entry(fields, 0)), sourceNames(other)] } },
    );
  }
  return fields.map((_, k) => shared.map((indices) => entry(indices, k)));
}

/** True when an axis goes on in the whole steps of another. */
function isTile(reference: Float64Array, values: Float64Array, step: number): boolean {
  const sameStep = Math.abs(medianStepDegrees(values) - step) <= SAME_CELL_SHARE * step;
  const steps = (float64At(values, 0) - float64At(reference, 0)) / step;
  return sameStep && Math.abs(steps - Math.round(steps)) <= SAME_CELL_SHARE;
}

function nearestIndex(values: Float64Array, target: number, tolerance: number): number {
  let best = -1;
  let distance = tolerance;
  values.forEach((value, index) => {
    if (Math.abs(value - target) <= distance) {
      best = index;
      distance = Math.abs(value - target);
    }
  });
  return best;
}
