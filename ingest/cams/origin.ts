// SPDX-License-Identifier: Apache-2.0
import { basename } from 'node:path';
import type { FieldOrigin } from '../../artifacts/schemas/gridded-field.js';
import { TramontanaError } from '../../common/errors.js';
import { textAttribute, type NetcdfFile, type NetcdfVariable } from '../netcdf/types.js';

/** Where the values of a file come from, and how we know. */
export interface OriginVerdict {
  readonly origin: FieldOrigin;
  /** For people, e.g. "CAMS regional forecast". */
  readonly layout: string;
  /** False when the file does not say and the origin is a guess. */
  readonly isStated: boolean;
  readonly evidence: string;
}

/** EAC4 is published on 0.75 degree cells, the global forecasts on 0.4 degree [CAMS data catalogue]. */
const EAC4_STEP_DEGREES = 0.75;
const GLOBAL_FORECAST_STEP_DEGREES = 0.4;

/** What a file is judged by, besides its attributes. */
export interface OriginClues {
  /** long_name of the time variable. */
  readonly timeLabel: string;
  readonly stepDegrees: number;
  /** True when times lie after the reference time of their run. */
  readonly hasLeads?: boolean;
  /** Origin of files that do not state theirs, by somebody who knows. */
  readonly assumedOrigin?: FieldOrigin;
}

/**
 * Analysis, forecast or reanalysis: stated by the file's attributes (regional files name it in global attributes and in the
 * time's long_name; cfgrib keeps GRIB_dataType), by times after the start of a run, or by the 0.75 degree grid of EAC4. What is not stated is as the caller says,
 * else guessed from the grid or the name, and at last taken as an analysis; `isStated` is false for each guess.
 *
 * @throws TramontanaError `Ingest.ContradictoryOrigin` when two attributes disagree
 */
export function originOf(file: NetcdfFile, variable: NetcdfVariable, clues: OriginClues): OriginVerdict {
  const stated = statedOrigin(file, variable, clues);
  if (stated !== undefined) return stated;
  const { assumedOrigin } = clues;
  if (assumedOrigin !== undefined) {
    const evidence = 'the configuration says so';
    return { origin: assumedOrigin, layout: `${assumedOrigin} (by configuration)`, isStated: true, evidence };
  }
  if (isNear(clues.stepDegrees, GLOBAL_FORECAST_STEP_DEGREES)) {
    return { origin: 'forecast', layout: 'CAMS global forecast', isStated: false, evidence: 'its 0.4 degree grid' };
  }
  const name = originWord(basename(file.path));
  if (name !== undefined)
    return { origin: name, layout: `${name} (by file name)`, isStated: false, evidence: 'its name' };
  return { origin: 'analysis', layout: 'unknown product', isStated: false, evidence: 'nothing to go by' };
}

function statedOrigin(file: NetcdfFile, variable: NetcdfVariable, clues: OriginClues): OriginVerdict | undefined {
  const { attributes } = file;
  const label = /^\s*(re-?analysis|analysis|forecast)\s+time from/i.exec(clues.timeLabel)?.[1];
  const flags = ['FORECAST', 'ANALYSIS'].filter((name) => attributes[name] !== undefined);
  const regional = [
    ...(label === undefined ? [] : [{ origin: originWord(label), evidence: `the label "${clues.timeLabel}"` }]),
    ...flags.map((name) => ({ origin: originWord(name), evidence: `the attribute ${name}` })),
  ];
  const titles = ['title', 'Title', 'summary'].flatMap((name) => {
    const text = textAttribute(attributes, name) ?? '';
    const origin = /EAC4/i.test(text) ? 'reanalysis' : originWord(text);
    return origin === undefined ? [] : [{ origin, evidence: `the attribute ${name} "${text.slice(0, 80)}"` }];
  });
  const statements = [...regional, ...titles];
  const [first] = statements;
  if (first?.origin !== undefined) {
    const other = statements.find(({ origin }) => origin !== first.origin);
    if (other !== undefined) {
      throw new TramontanaError(
        'Ingest.ContradictoryOrigin',
        `${file.path}: ${first.evidence} says ${first.origin}, ${other.evidence} says ${String(other.origin)}; expected one origin, remove what is wrong`,
        { facts: { file: file.path, statements } },
      );
    }
    const isRegional = regional.length > 0 || /europe|at the surface/i.test(first.evidence);
    const layout = `CAMS ${isRegional ? 'regional' : 'global'} ${first.origin}`;
    return { origin: first.origin, layout, isStated: true, evidence: first.evidence };
  }
  // Tools write paths into the history: a folder named "reanalysis" states nothing.
  const words = withoutPaths(
    `${textAttribute(attributes, 'source') ?? ''} ${textAttribute(attributes, 'history') ?? ''}`,
  );
  if (/re-?analysis|EAC4/i.test(words)) {
    const layout = `CAMS ${/europe/i.test(words) ? 'regional' : 'global'} reanalysis`;
    return { origin: 'reanalysis', layout, isStated: true, evidence: 'the attribute source or history' };
  }
  const dataType = textAttribute(variable.attributes, 'GRIB_dataType');
  if (dataType === 'fc')
    return { origin: 'forecast', layout: 'CAMS global forecast', isStated: true, evidence: 'GRIB_dataType fc' };
  // Names that end in _conc are those of the regional service, whatever grid they were brought to.
  if (isNear(clues.stepDegrees, EAC4_STEP_DEGREES) && clues.hasLeads !== true && !/_conc$/i.test(variable.name)) {
    const layout = 'CAMS global reanalysis (EAC4)';
    return { origin: 'reanalysis', layout, isStated: true, evidence: '0.75 degree grid' };
  }
  if (dataType === 'an')
    return { origin: 'analysis', layout: 'CAMS global analysis', isStated: true, evidence: 'GRIB_dataType an' };
  if (clues.hasLeads === true) {
    const evidence = 'times after the reference time of their run';
    return { origin: 'forecast', layout: 'forecast (by its reference time)', isStated: true, evidence };
  }
  const method = originWord(withoutPaths(textAttribute(attributes, 'source') ?? ''));
  if (method !== undefined) {
    const layout = `${method} (by the attribute source)`;
    return { origin: method, layout, isStated: true, evidence: 'the attribute source' };
  }
  return undefined;
}

function withoutPaths(text: string): string {
  return text.replace(/\S*[/\\]\S*|\S+\.nc\d?\b/g, '');
}

function isNear(stepDegrees: number, expected: number): boolean {
  return Math.abs(stepDegrees - expected) < 1e-3;
}

/** The origin that a text names; undefined when it names none or several. */
function originWord(text: string): FieldOrigin | undefined {
  const found = new Set(
    Array.from(text.matchAll(/re-?anal[iy]s[ei]s|anal[iy]s[ei]s|forecast/gi), ([word]): FieldOrigin => {
      if (/^forecast/i.test(word)) return 'forecast';
      return /^re/i.test(word) ? 'reanalysis' : 'analysis';
    }),
  );
  return found.size === 1 ? [...found][0] : undefined;
}
