// SPDX-License-Identifier: Apache-2.0
import { windowOf } from '../bounding-box.js';
import type { LabelledField } from '../labelled-field.js';
import type { QualityIssue } from '../quality/issue.js';
import { openCamsFile, type CamsFile, type CamsVariable } from './cams-file.js';
import { chooseVariables } from './choose-variables.js';
import type { ReadCamsOptions } from './read-cams-file.js';

/** What a CAMS file says about time: a labelled field without cells and values. */
export type CamsTimes = Pick<LabelledField, 'cadence' | 'timesMs' | 'origins' | 'runTimesMs' | 'sources' | 'issues'> & {
  /** What the file holds at these times. */
  readonly species: readonly string[];
};

/**
 * Reads the times of a CAMS file, with the origin and the run of each, and no values: the coordinates are a few kilobytes of a
 * file of any size. They are those of readCamsFile.
 *
 * @throws TramontanaError as readCamsFile, but for what the values would tell
 */
export async function readCamsTimes(path: string, options: ReadCamsOptions = {}): Promise<CamsTimes> {
  const cams = await openCamsFile(path, options);
  try {
    const issues: QualityIssue[] = [...cams.issues];
    const { chosen, grid } = chooseVariables(cams, path, options.species, issues);
    if (options.boundingBox !== undefined) {
      windowOf(grid.latitude.values, grid.longitude.values, options.boundingBox, path);
    }
    return { ...timesOf(cams, path, chosen), species: [...new Set(chosen.map(({ match }) => match.species))], issues };
  } finally {
    await cams.close();
  }
}

/** Times, origins, runs and provenance of variables of one grid. */
export function timesOf(
  cams: CamsFile,
  path: string,
  chosen: readonly CamsVariable[],
): Omit<CamsTimes, 'issues' | 'species'> {
  const [first] = chosen;
  if (first === undefined) throw new RangeError('chosen: expected at least one variable');
  const { times } = first.grid;
  const { daysMs } = first.statistic;
  const { origin, layout } = cams.product;
  return {
    cadence: daysMs === undefined ? 'hourly' : 'daily',
    timesMs: daysMs ?? times.timesMs,
    origins: Array.from(times.timesMs, () => origin),
    // Only of a forecast does the age matter; an analysis belongs to its own time.
    ...(origin === 'forecast' && times.runTimesMs.some((run) => !Number.isNaN(run))
      ? { runTimesMs: times.runTimesMs }
      : {}),
    sources: [
      {
        ...{ file: path, format: cams.file.format, layout, origin },
        ...(cams.model === undefined ? {} : { model: cams.model }),
      },
    ],
  };
}
