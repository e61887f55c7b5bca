// SPDX-License-Identifier: Apache-2.0
/**
 * Which maps a run has, with class limits shared over all days of a pollutant so that days can be compared.
 *
 * @module
 */
import {
  dayOrigin,
  type FineGridPosterior,
  type FineGridVariable,
} from '../../artifacts/schemas/fine-grid-posterior.js';
import { isoDay } from '../../common/days.js';
import { float64At } from '../../common/entry.js';
import type { PollutantId } from '../../common/pollutants.js';
import { CAMS_ATTRIBUTION, SIMULATED_NOTICE, STATISTIC_LABEL } from '../cf-metadata.js';
import { exceedanceField, thresholdToken } from '../exceedance.js';
import { capitalise, formatConcentration, formatLongDay, POLLUTANT_TITLE } from '../formatting.js';
import type { ExceedanceThreshold, QualitySummary, RunIdentity } from '../product-types.js';
import { bordersWithin } from './borders.js';
import type { BarMarker } from './colour-bar.js';
import { type ColourScale, probabilityScale, roundScale } from './colour-scale.js';
import type { MapFigure } from './map-figure.js';
import { boundsOfGrid } from './map-frame.js';
import { type MapBackdrop, terrainLines } from './map-layers.js';

/** One map to be rendered. */
export interface MapPlan {
  readonly pollutant: PollutantId;
  /** `mean`, `sd` or `p_exceed_<threshold>`. */
  readonly quantity: string;
  /** UTC day, YYYY-MM-DD. */
  readonly day: string;
  /** Relative to the folder of the run: `maps/<pollutant>_<quantity>_<day>.png`. */
  readonly path: string;
  readonly figure: MapFigure;
}

export interface MapSetInputs {
  readonly run: RunIdentity;
  readonly posterior: FineGridPosterior;
  readonly thresholds: readonly ExceedanceThreshold[];
  readonly quality: Pick<QualitySummary, 'decision' | 'reasons'>;
}

/** Days that are mapped: the last day before the forecast, and every forecast day. Indices into the posterior's times. */
export function mappedDays(posterior: Pick<FineGridPosterior, 'origins'>): number[] {
  const firstForecast = posterior.origins.indexOf('forecast');
  if (firstForecast < 0) return [posterior.origins.length - 1];
  return posterior.origins.map((_, index) => index).filter((index) => index >= Math.max(0, firstForecast - 1));
}

/**
 * "Analysis", "Reanalysis", or "Forecast, day 2"; of a day without data of the variable (or of any) "No data" or "Forecast, day 2,
 * no data".
 */
export function dayNote(
  posterior: Parameters<typeof dayOrigin>[0],
  t: number,
  variable?: Pick<FineGridVariable, 'hasData'>,
): string {
  const isBare = dayOrigin(posterior, t, variable) === 'none';
  const origin = posterior.origins[t];
  if (origin === 'forecast') {
    return `Forecast, day ${t - posterior.origins.indexOf('forecast') + 1}${isBare ? ', no data' : ''}`;
  }
  if (isBare) return 'No data';
  return origin === 'reanalysis' ? 'Reanalysis' : 'Analysis';
}

/** What the licence, or honesty, wants printed on a figure. */
export function attributionOf(run: RunIdentity): string {
  const base = run.simulated ? SIMULATED_NOTICE.replace(/:.*?;/, ':') : CAMS_ATTRIBUTION;
  return run.notice === undefined || run.simulated ? base : `${base}. ${run.notice}`;
}

/** The line that a figure of a degraded run bears; nothing where the quality gate let the input pass. */
export function qualityWarning({ decision, reasons }: MapSetInputs['quality']): { readonly warning?: string } {
  if (decision === 'pass') return {};
  const word = decision === 'degrade' ? 'Degraded input' : 'Failed input';
  return { warning: reasons.length === 0 ? word : `${word}: ${reasons.join('; ')}` };
}

/** Coast, borders and terrain of a run. */
export async function backdropOf({ run, posterior }: Pick<MapSetInputs, 'run' | 'posterior'>): Promise<MapBackdrop> {
  const { latitudesDegrees, longitudesDegrees, resolutionDegrees, elevationM } = posterior;
  const lines = await bordersWithin(boundsOfGrid(latitudesDegrees, longitudesDegrees, resolutionDegrees));
  return {
    lines,
    showPlaces: !run.simulated,
    ...(elevationM === undefined
      ? {}
      : { terrain: terrainLines({ latitudes: latitudesDegrees, longitudes: longitudesDegrees, values: elevationM }) }),
  };
}

/** Plans every map of a run, pollutant by pollutant, day by day: mean, exceedance probabilities, sd. */
export async function planMaps(inputs: MapSetInputs): Promise<MapPlan[]> {
  const backdrop = await backdropOf(inputs);
  const days = mappedDays(inputs.posterior);
  return inputs.posterior.variables.flatMap((variable) => planPollutant(inputs, variable, days, backdrop));
}

function planPollutant(
  { run, posterior, thresholds, quality }: MapSetInputs,
  variable: FineGridVariable,
  days: readonly number[],
  backdrop: MapBackdrop,
): MapPlan[] {
  const { pollutant } = variable;
  const own = thresholds.filter((threshold) => threshold.pollutant === pollutant);
  const statistic = capitalise(STATISTIC_LABEL[variable.statistic]);
  const meanScale = scaleOver(posterior, variable.mean, days, 'concentration');
  const sdScale = scaleOver(posterior, variable.sd, days, 'uncertainty');
  const markers = own.map(markerOf);
  return days.flatMap((t): MapPlan[] => {
    const day = isoDay(float64At(posterior.timesMs, t));
    const mean = sliceDay(posterior, variable.mean, t);
    const sd = sliceDay(posterior, variable.sd, t);
    const plan = (
      quantity: string,
      what: string,
      values: Float64Array,
      scale: ColourScale,
      marks: readonly BarMarker[] = [],
    ): MapPlan => ({
      pollutant,
      quantity,
      day,
      path: `maps/${pollutant}_${quantity}_${day}.png`,
      figure: {
        title: POLLUTANT_TITLE[pollutant],
        subtitle: `${statistic} · ${what}`,
        date: formatLongDay(day),
        dateNote: dayNote(posterior, t, variable),
        field: { latitudes: posterior.latitudesDegrees, longitudes: posterior.longitudesDegrees, values },
        bounds: boundsOfGrid(posterior.latitudesDegrees, posterior.longitudesDegrees, posterior.resolutionDegrees),
        scale,
        markers: marks,
        backdrop,
        attribution: attributionOf(run),
        ...qualityWarning(quality),
      },
    });
    return [
      plan('mean', 'posterior mean', mean, meanScale, markers),
      ...own.map((threshold) =>
        plan(
          `p_exceed_${thresholdToken(threshold.value_ug_m3)}`,
          `probability of more than ${formatConcentration(threshold.value_ug_m3)} µg/m³`,
          exceedanceField(mean, sd, threshold.value_ug_m3),
          probabilityScale(),
        ),
      ),
      plan('sd', 'posterior standard deviation', sd, sdScale),
    ];
  });
}

/** Values of one day, shape [latitude, longitude]; a view. */
export function sliceDay(posterior: FineGridPosterior, values: Float64Array, t: number): Float64Array {
  const numCells = posterior.latitudesDegrees.length * posterior.longitudesDegrees.length;
  return values.subarray(t * numCells, (t + 1) * numCells);
}

function scaleOver(
  posterior: FineGridPosterior,
  values: Float64Array,
  days: readonly number[],
  ramp: 'concentration' | 'uncertainty',
): ColourScale {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const t of days) {
    for (const value of sliceDay(posterior, values, t)) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return roundScale(ramp, low, high, 'µg/m³');
}

function markerOf(threshold: ExceedanceThreshold): BarMarker {
  const value = formatConcentration(threshold.value_ug_m3);
  const isGuideline = threshold.label.startsWith('WHO');
  return { value: threshold.value_ug_m3, label: isGuideline ? `WHO guideline ${value}` : `threshold ${value}` };
}
