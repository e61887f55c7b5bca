// SPDX-License-Identifier: Apache-2.0
import type { FieldOrigin, FieldVariable } from '../../artifacts/schemas/gridded-field.js';
import { TramontanaError } from '../../common/errors.js';
import { cropField } from '../bounding-box.js';
import { gridStepDegrees } from '../cams/coordinates.js';
import { sourceNames, type LabelledField } from '../labelled-field.js';
import { issue, type QualityIssue } from '../quality/issue.js';

/** Which origin owns an hour that several have: the validated one, then the analysis. */
const ORIGIN_RANK: Readonly<Record<FieldOrigin, number>> = { forecast: 0, analysis: 1, reanalysis: 2 };
/** Two centres are the same cell when they differ by less than this share of the grid step. */
const SAME_CELL_SHARE = 0.01;

/**
 * Merges fields of several files (one a species, a day, an origin) on the cells that all of them have.
 *
 * An hour belongs to the best origin that has any value there (reanalysis, analysis, forecast); within that origin, a species
 * is taken from the later run, then from the later field of the list. Hours and species are never mixed over origins, so
 * that `origins` is true for every value.
 *
 * @throws TramontanaError `Ingest.NoInput` for an empty list, `Ingest.GridMismatch` when two grids share no cell
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
  const aligned = alignGrids(fields, issues);
  const reference = aligned[0]!;
  const cells = reference.latitudesDegrees.length * reference.longitudesDegrees.length;

  const candidates = new Map<number, Candidate[]>();
  aligned.forEach((field, order) => {
    field.timesMs.forEach((timeMs, index) => {
      const list = candidates.get(timeMs) ?? [];
      list.push({ field, index, order, origin: field.origins[index]!, runMs: field.runTimesMs?.[index] ?? NaN });
      candidates.set(timeMs, list);
    });
  });
  const timesMs = Float64Array.from([...candidates.keys()].sort((a, b) => a - b));
  const species = [...new Set(aligned.flatMap((field) => field.variables.map((variable) => variable.species)))];
  const variables: FieldVariable[] = species.map((name) => ({
    species: name,
    units: 'ug m-3',
    statistic: 'instantaneous',
    values: new Float64Array(timesMs.length * cells).fill(NaN),
  }));

  const origins: FieldOrigin[] = [];
  const runTimesMs = new Float64Array(timesMs.length).fill(NaN);
  let overlaps = 0;
  timesMs.forEach((timeMs, time) => {
    const owners = ownersOf(candidates.get(timeMs)!, cells);
    origins.push(owners[0]!.origin);
    for (const variable of variables) {
      const slices = owners.flatMap((owner) => {
        const slice = sliceOf(owner, variable.species, cells);
        return slice === undefined ? [] : [{ owner, slice }];
      });
      const winner = slices.find(({ slice }) => slice.some((value) => !Number.isNaN(value)));
      if (winner === undefined) continue;
      overlaps += slices.length > 1 ? 1 : 0;
      variable.values.set(winner.slice, time * cells);
      const { runMs } = winner.owner;
      if (!(runTimesMs[time]! >= runMs)) runTimesMs[time] = runMs;
    }
  });
  if (overlaps > 0) {
    issues.push(
      issue(
        'info',
        'overlapping-files',
        `${overlaps} hours of a species are in several files of the same origin; the later run was used`,
        {
          overlaps,
        },
      ),
    );
  }
  return {
    cadence: 'hourly',
    latitudesDegrees: reference.latitudesDegrees,
    longitudesDegrees: reference.longitudesDegrees,
    timesMs,
    origins,
    ...(runTimesMs.some((run) => !Number.isNaN(run)) ? { runTimesMs } : {}),
    variables,
    sources: fields.flatMap((field) => [...field.sources]),
    issues,
  };
}

interface Candidate {
  readonly field: LabelledField;
  readonly index: number;
  /** Place in the list of fields. */
  readonly order: number;
  readonly origin: FieldOrigin;
  readonly runMs: number;
}

/** The candidates of the best origin that has a value, the one to prefer first. */
function ownersOf(candidates: readonly Candidate[], cells: number): readonly Candidate[] {
  const hasValue = (candidate: Candidate): boolean =>
    candidate.field.variables.some((variable) =>
      sliceOf(candidate, variable.species, cells)!.some((value) => !Number.isNaN(value)),
    );
  const useful = candidates.length === 1 ? candidates : candidates.filter(hasValue);
  const pool = useful.length === 0 ? candidates : useful;
  const best = Math.max(...pool.map((candidate) => ORIGIN_RANK[candidate.origin]));
  const known = (run: number): number => (Number.isNaN(run) ? -Number.MAX_VALUE : run);
  return pool
    .filter((candidate) => ORIGIN_RANK[candidate.origin] === best)
    .sort((a, b) => known(b.runMs) - known(a.runMs) || b.order - a.order);
}

function sliceOf(candidate: Candidate, species: string, cells: number): Float64Array | undefined {
  const variable = candidate.field.variables.find((item) => item.species === species);
  return variable?.values.subarray(candidate.index * cells, (candidate.index + 1) * cells);
}

/** Crops all fields to the cells that they share, in the coordinates of the first. */
function alignGrids(fields: readonly LabelledField[], issues: QualityIssue[]): readonly LabelledField[] {
  const rows = commonIndices(fields, (field) => field.latitudesDegrees, 'latitude');
  const columns = commonIndices(fields, (field) => field.longitudesDegrees, 'longitude');
  const reference = fields[0]!;
  return fields.map((field, index) => {
    const isWhole =
      rows[index]!.length === field.latitudesDegrees.length &&
      columns[index]!.length === field.longitudesDegrees.length;
    if (!isWhole) {
      issues.push(
        issue(
          'info',
          'cropped-grid',
          `${sourceNames(field)}: ${field.latitudesDegrees.length} x ${field.longitudesDegrees.length} cells were cropped to the ${rows[index]!.length} x ${columns[index]!.length} that all files have`,
          { files: sourceNames(field) },
        ),
      );
    }
    const cropped = isWhole ? field : cropField(field, rows[index]!, columns[index]!);
    return {
      ...cropped,
      latitudesDegrees: Float64Array.from(rows[0]!, (row) => reference.latitudesDegrees[row]!),
      longitudesDegrees: Float64Array.from(columns[0]!, (column) => reference.longitudesDegrees[column]!),
    };
  });
}

function commonIndices(
  fields: readonly LabelledField[],
  axisOf: (field: LabelledField) => Float64Array,
  axis: 'latitude' | 'longitude',
): readonly (readonly number[])[] {
  const reference = axisOf(fields[0]!);
  const step = gridStepDegrees(reference);
  // A single cell has no step; 0.1 degree is that of the regional product.
  const tolerance = SAME_CELL_SHARE * (Number.isNaN(step) ? 0.1 : step);
  const found = Array.from(reference, (value) => fields.map((field) => nearestIndex(axisOf(field), value, tolerance)));
  const shared = found.filter((indices) => indices.every((index) => index >= 0));
  const stranger = fields.findIndex((_, k) => found.every((indices) => indices[k]! < 0));
  if (stranger >= 0 || shared.length === 0) {
    const other = fields[stranger >= 0 ? stranger : 1]!;
    const describe = (field: LabelledField): string => {
      const values = axisOf(field);
      return `${sourceNames(field)} (${values[0]!} to ${values[values.length - 1]!}, step ${gridStepDegrees(values).toFixed(4)})`;
    };
    throw new TramontanaError(
      'Ingest.GridMismatch',
      `expected files on one grid; the ${axis}s of ${describe(fields[0]!)} and ${describe(other)} have no cell in common (another area, or a grid that was shifted)`,
      { facts: { axis, files: [sourceNames(fields[0]!), sourceNames(other)] } },
    );
  }
  return fields.map((_, k) => shared.map((indices) => indices[k]!));
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
