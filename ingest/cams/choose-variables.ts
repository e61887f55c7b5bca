// SPDX-License-Identifier: Apache-2.0
import { TramontanaError } from '../../common/errors.js';
import { POLLUTANTS } from '../../common/pollutants.js';
import { issue, type QualityIssue } from '../quality/issue.js';
import type { CamsFile, CamsGrid, CamsVariable } from './cams-file.js';

/**
 * The concentrations of a file that were asked for, on one grid with one origin and cadence.
 *
 * @param requested - species; all concentrations when undefined
 * @param issues - gets what was left out and why
 * @throws TramontanaError `Ingest.NoPollutants`, `Ingest.MissingVariable`, `Ingest.SeveralGrids`, or why a wanted variable cannot be read
 */
export function chooseVariables(
  cams: CamsFile,
  path: string,
  requested: readonly string[] | undefined,
  issues: QualityIssue[],
): { readonly chosen: readonly CamsVariable[]; readonly grid: CamsGrid } {
  const concentrations = cams.variables.filter((source) => source.match.quantity === 'concentration');
  const isWanted = (species: string): boolean => requested === undefined || requested.includes(species);
  for (const { match, variable, error } of cams.unreadable) {
    // A pollutant that someone asked for must not vanish in silence; an exotic one must not stop a forecast.
    const isNeeded =
      requested === undefined ? POLLUTANTS.some((pollutant) => pollutant === match.species) : isWanted(match.species);
    if (isNeeded) throw error;
    issues.push(
      issue('warning', 'unreadable-variable', error.message, {
        file: path,
        variable: variable.name,
        species: match.species,
      }),
    );
  }
  const available = concentrations.map((source) => source.match.species);
  if (concentrations.length === 0) {
    const columns = cams.variables.map((source) => source.variable.name);
    throw new TramontanaError(
      'Ingest.NoPollutants',
      `${path}: expected surface concentrations, the file holds ${columns.length === 0 ? 'none that can be read' : `total columns only (${columns.join(', ')}, kg m-2)`}`,
      { facts: { file: path, variables: columns } },
    );
  }
  const missing = requested?.find((species) => !available.includes(species));
  if (missing !== undefined) {
    throw new TramontanaError(
      'Ingest.MissingVariable',
      `${path}: expected a variable with ${missing}; the file holds ${available.join(', ')}`,
      { facts: { file: path, species: missing, available } },
    );
  }
  const wanted = concentrations.filter((source) => isWanted(source.match.species));
  const [first] = wanted;
  if (first === undefined) throw new RangeError('species: expected at least one name');
  const isLike = (source: CamsVariable): boolean =>
    sameGrid(source.grid, first.grid) &&
    source.origin === first.origin &&
    (source.statistic.daysMs === undefined) === (first.statistic.daysMs === undefined);
  const chosen = wanted.filter(isLike);
  for (const source of wanted) {
    if (chosen.includes(source)) continue;
    const message = `${path}: variable "${source.variable.name}" lies on another grid or other times, or is of another origin or cadence, than "${first.variable.name}"`;
    if (requested !== undefined) {
      throw new TramontanaError('Ingest.SeveralGrids', `${message}; expected one grid, read them one at a time`, {
        facts: { file: path, variables: [first.variable.name, source.variable.name] },
      });
    }
    issues.push(
      issue('warning', 'several-grids', `${message}; it was left out`, { file: path, variable: source.variable.name }),
    );
  }
  return { chosen, grid: first.grid };
}

function sameGrid(a: CamsGrid, b: CamsGrid): boolean {
  const same = (x: Float64Array, y: Float64Array): boolean =>
    x.length === y.length && x.every((value, i) => value === y[i]);
  return (
    a === b ||
    (same(a.latitude.values, b.latitude.values) &&
      same(a.longitude.values, b.longitude.values) &&
      same(a.times.timesMs, b.times.timesMs))
  );
}
