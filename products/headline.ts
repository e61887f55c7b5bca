// SPDX-License-Identifier: Apache-2.0
/**
 * Where and when thresholds are likely exceeded, first as figures, then as a sentence that needs no map.
 *
 * @module
 */
import { isoDay } from '../common/days.js';
import { entry, float64At } from '../common/entry.js';
import type { FineGridPosterior, FineGridVariable } from '../artifacts/schemas/fine-grid-posterior.js';
import type { PosteriorBand } from '../artifacts/schemas/posterior-bands.js';
import type { FieldOrigin } from '../artifacts/schemas/gridded-field.js';
import type { PollutantId } from '../common/pollutants.js';
import { exceedanceField } from './exceedance.js';
import { formatConcentration, formatDay, POLLUTANT_TITLE } from './formatting.js';
import type { ExceedanceThreshold } from './product-types.js';

/** Probability from which an exceedance is called likely. */
export const LIKELY_PROBABILITY = 0.5;

/** How much of the domain is likely above one threshold on one day. Shares are of the area, in [0, 1]. */
export interface ExposureRecord {
  readonly pollutant: PollutantId;
  readonly value_ug_m3: number;
  readonly label: string;
  /** UTC day, YYYY-MM-DD. */
  readonly day: string;
  readonly origin: FieldOrigin;
  /** Share of the area where the exceedance probability is at least 0.5. */
  readonly areaShareLikely: number;
  readonly highestProbability: number;
  /** Area mean and highest cell of the posterior mean, ug m-3. */
  readonly areaMean_ug_m3: number;
  readonly highestMean_ug_m3: number;
  /** Where the likely exceedances lie, e.g. "the north-west"; null when there are none. */
  readonly where: string | null;
}

/** Axes of the whole fine grid. */
type WholeAxes = Pick<FineGridPosterior, 'latitudesDegrees' | 'longitudesDegrees'>;

/**
 * Exposure of every threshold on every day, in the order of the thresholds, then of the days, from the bands of a posterior. Cells count
 * with their area (cosine of latitude).
 */
export class ExposureSums {
  private readonly sums = new Map<string, DaySums[]>();
  private days: readonly { readonly day: string; readonly origin: FieldOrigin }[] = [];

  constructor(
    private readonly axes: WholeAxes,
    private readonly thresholds: readonly ExceedanceThreshold[],
  ) {}

  /** Adds the cells of a band. */
  add({ firstRow, posterior }: Pick<PosteriorBand, 'firstRow' | 'posterior'>): void {
    this.days = Array.from(posterior.timesMs, (timeMs, t) => ({
      day: isoDay(timeMs),
      origin: entry(posterior.origins, t),
    }));
    for (const threshold of this.thresholds) {
      const variable = posterior.variables.find((candidate) => candidate.pollutant === threshold.pollutant);
      if (variable === undefined) continue;
      const sums = this.sums.get(keyOf(threshold)) ?? this.days.map(() => new DaySums(this.axes));
      this.sums.set(keyOf(threshold), sums);
      sums.forEach((day, t) => {
        day.add(posterior, variable, threshold, t, firstRow);
      });
    }
  }

  records(): ExposureRecord[] {
    return this.thresholds.flatMap((threshold) => {
      const { pollutant, value_ug_m3, label } = threshold;
      const sums = this.sums.get(keyOf(threshold)) ?? [];
      return sums.map((day, t) => ({ pollutant, value_ug_m3, label, ...entry(this.days, t), ...day.figures() }));
    });
  }
}

function keyOf({ pollutant, value_ug_m3 }: ExceedanceThreshold): string {
  return `${pollutant} ${value_ug_m3}`;
}

/** Exposure of a posterior that is there as a whole. */
export function exposureRecords(
  posterior: FineGridPosterior,
  thresholds: readonly ExceedanceThreshold[],
): ExposureRecord[] {
  const sums = new ExposureSums(posterior, thresholds);
  sums.add({ firstRow: 0, posterior });
  return sums.records();
}

/** Sums over the cells of one day. */
class DaySums {
  private area = 0;
  private likelyArea = 0;
  private meanSum = 0;
  private likelyNorth = 0;
  private likelyEast = 0;
  private highestProbability = 0;
  private highestMean = Number.NEGATIVE_INFINITY;

  constructor(private readonly axes: WholeAxes) {}

  add(
    posterior: FineGridPosterior,
    variable: FineGridVariable,
    threshold: ExceedanceThreshold,
    t: number,
    firstRow: number,
  ): void {
    const { latitudesDegrees, longitudesDegrees } = this.axes;
    const numLongitudes = longitudesDegrees.length;
    const numCells = posterior.latitudesDegrees.length * numLongitudes;
    const mean = variable.mean.subarray(t * numCells, (t + 1) * numCells);
    const sd = variable.sd.subarray(t * numCells, (t + 1) * numCells);
    const probability = exceedanceField(mean, sd, threshold.value_ug_m3);
    for (let cell = 0; cell < numCells; cell += 1) {
      const p = float64At(probability, cell);
      if (Number.isNaN(p)) continue;
      const row = firstRow + Math.floor(cell / numLongitudes);
      const weight = Math.cos((float64At(latitudesDegrees, row) * Math.PI) / 180);
      this.area += weight;
      this.meanSum += weight * float64At(mean, cell);
      this.highestMean = Math.max(this.highestMean, float64At(mean, cell));
      this.highestProbability = Math.max(this.highestProbability, p);
      if (p < LIKELY_PROBABILITY) continue;
      this.likelyArea += weight;
      this.likelyNorth += weight * relativePosition(latitudesDegrees, row);
      this.likelyEast += weight * relativePosition(longitudesDegrees, cell % numLongitudes);
    }
  }

  figures(): Omit<ExposureRecord, 'pollutant' | 'value_ug_m3' | 'label' | 'day' | 'origin'> {
    const { area, likelyArea, highestMean } = this;
    const share = area === 0 ? 0 : likelyArea / area;
    return {
      areaShareLikely: share,
      highestProbability: this.highestProbability,
      areaMean_ug_m3: area === 0 ? 0 : this.meanSum / area,
      highestMean_ug_m3: Number.isFinite(highestMean) ? highestMean : 0,
      where: likelyArea === 0 ? null : placeInWords(share, this.likelyNorth / likelyArea, this.likelyEast / likelyArea),
    };
  }
}

/** Position of a coordinate in the domain: -1 at its south or west end, 1 at its north or east end. */
function relativePosition(coordinates: Float64Array, index: number): number {
  const low = Math.min(float64At(coordinates, 0), float64At(coordinates, coordinates.length - 1));
  const high = Math.max(float64At(coordinates, 0), float64At(coordinates, coordinates.length - 1));
  return high === low ? 0 : (2 * (float64At(coordinates, index) - low)) / (high - low) - 1;
}

/** Area share and centre of mass in words. A quarter of the half-width off the middle counts as a direction. */
function placeInWords(share: number, north: number, east: number): string {
  if (share >= 0.95) return 'practically everywhere';
  const vertical = north > 0.25 ? 'north' : north < -0.25 ? 'south' : '';
  const horizontal = east > 0.25 ? 'east' : east < -0.25 ? 'west' : '';
  const direction = [vertical, horizontal].filter((word) => word !== '').join('-');
  if (direction === '') return share >= 0.6 ? 'most of the domain' : 'the middle of the domain';
  return `mostly the ${direction}`;
}

/** One sentence a threshold about the days ahead (forecast days, or all days when there is no forecast). */
export interface HeadlineSentence {
  readonly pollutant: PollutantId;
  /** `likely` when an exceedance is likely somewhere, `possible` from 10 % on, else `unlikely`. */
  readonly level: 'likely' | 'possible' | 'unlikely';
  readonly text: string;
}

/** Puts the exposure into plain language, one sentence a threshold. */
export function headlineSentences(records: readonly ExposureRecord[]): HeadlineSentence[] {
  const forecast = records.filter((record) => record.origin === 'forecast');
  const lastDay = records.reduce((latest, record) => (record.day > latest ? record.day : latest), '');
  const relevant = forecast.length > 0 ? forecast : records.filter((record) => record.day === lastDay);
  const groups = new Map<string, ExposureRecord[]>();
  for (const record of relevant) {
    const key = `${record.pollutant} ${record.value_ug_m3}`;
    groups.set(key, [...(groups.get(key) ?? []), record]);
  }
  return [...groups.values()].map(sentenceOf);
}

function sentenceOf(records: readonly ExposureRecord[]): HeadlineSentence {
  const first = entry(records, 0);
  const named = first.label.toLowerCase().startsWith('who') ? `the ${first.label}` : 'the threshold';
  const name = POLLUTANT_TITLE[first.pollutant];
  const limit = `${named} of ${formatConcentration(first.value_ug_m3)} µg/m³`;
  const likelyDays = records.filter((record) => record.areaShareLikely > 0);
  const highest = Math.max(...records.map((record) => record.highestProbability));
  if (likelyDays.length === 0) {
    const level = highest >= 0.1 ? 'possible' : 'unlikely';
    const chance = highest < 0.01 ? 'below 1 %' : `at most ${Math.round(highest * 100)} %`;
    const ending = records.length === 1 ? `on ${formatDay(first.day)}` : 'on all days ahead';
    return {
      pollutant: first.pollutant,
      level,
      text: `${name} is ${level === 'possible' ? 'more likely below than above' : 'expected to stay below'} ${limit} ${ending}; the chance of exceeding it is ${chance} anywhere in the domain.`,
    };
  }
  const worst = likelyDays.reduce((a, b) => (b.areaShareLikely > a.areaShareLikely ? b : a));
  const count =
    records.length === 1
      ? ''
      : likelyDays.length === records.length
        ? ` on all ${records.length} days`
        : ` on ${likelyDays.length} of ${records.length} days`;
  const share = worst.areaShareLikely < 0.01 ? 'less than 1 %' : `${Math.round(worst.areaShareLikely * 100)} %`;
  const extent =
    worst.where === 'practically everywhere' ? 'practically everywhere' : `over ${share} of the area, ${worst.where}`;
  return {
    pollutant: first.pollutant,
    level: 'likely',
    text: `${name} is likely to exceed ${limit}${count}${records.length === 1 ? '' : ', most widely'} on ${formatDay(worst.day)}: ${extent}.`,
  };
}
