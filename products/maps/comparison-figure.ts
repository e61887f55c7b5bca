// SPDX-License-Identifier: Apache-2.0
/**
 * The same day seen coarse and fine, side by side, in the same colours; and the truth where it is known.
 *
 * @module
 */
import { isoDay } from '../../common/days.js';
import { entry, float64At } from '../../common/entry.js';
import type { FineGridPosterior, FineGridVariable } from '../../artifacts/schemas/fine-grid-posterior.js';
import type { GriddedField } from '../../artifacts/schemas/gridded-field.js';
import { STATISTIC_LABEL } from '../cf-metadata.js';
import { capitalise, formatLongDay, indexOfDay, POLLUTANT_TITLE } from '../formatting.js';
import type { QualitySummary, RunIdentity } from '../product-types.js';
import { COLOUR_BAR_HEIGHT, drawColourBar } from './colour-bar.js';
import { type ColourScale, roundScale } from './colour-scale.js';
import { drawFooter, drawHeader, FigureCanvas, fitText, headerHeight } from './figure-canvas.js';
import { font } from './fonts.js';
import { terrainNote } from './map-figure.js';
import { boundsOfGrid, fitFrame, MapFrame } from './map-frame.js';
import { drawGraticule, drawMapBody, type MapBackdrop } from './map-layers.js';
import { attributionOf, dayNote, qualityWarning, sliceDay } from './map-set.js';
import type { MapField } from './raster.js';
import { INK, MARGIN } from './theme.js';

export interface ComparisonInputs {
  readonly run: RunIdentity;
  readonly posterior: FineGridPosterior;
  readonly variable: FineGridVariable;
  /** Index into the posterior's times. */
  readonly timeIndex: number;
  /** Daily coarse field. */
  readonly coarse: GriddedField;
  /** Daily truth, where it is known. */
  readonly truth?: GriddedField;
  readonly backdrop: MapBackdrop;
  readonly quality: Pick<QualitySummary, 'decision' | 'reasons'>;
}

interface Panel {
  readonly caption: string;
  readonly field: MapField;
  readonly mode: 'smooth' | 'cells';
}

const LATITUDE_LABELS = 46;
const GAP = 16;
const CAPTION = 22;

/**
 * Renders the comparison as PNG bytes: coarse cells as they are, posterior mean, and truth.
 *
 * @returns null when the coarse field does not hold that pollutant and day.
 */
export async function renderComparison(inputs: ComparisonInputs): Promise<Buffer | null> {
  const { run, posterior, variable, timeIndex, backdrop, quality } = inputs;
  const warning = qualityWarning(quality);
  const panels = panelsOf(inputs);
  if (panels === null) return null;
  const bounds = boundsOfGrid(posterior.latitudesDegrees, posterior.longitudesDegrees, posterior.resolutionDegrees);
  const size = fitFrame(bounds, panels.length === 3 ? 300 : 380, 420);
  const contentWidth = LATITUDE_LABELS + panels.length * size.width + (panels.length - 1) * GAP;
  const sheetContent = Math.max(contentWidth, 460);
  const frameTop = MARGIN + headerHeight(warning) + CAPTION;
  const barTop = frameTop + size.height + 24;
  const footerTop = barTop + COLOUR_BAR_HEIGHT + 14;
  const sheet = new FigureCanvas(sheetContent + 2 * MARGIN, footerTop + MARGIN - 4);
  const { context } = sheet;
  const right = MARGIN + sheetContent;
  drawHeader(
    context,
    {
      title: `${POLLUTANT_TITLE[variable.pollutant]}, coarse and fine`,
      subtitle: capitalise(STATISTIC_LABEL[variable.statistic]),
      date: formatLongDay(isoDay(float64At(posterior.timesMs, timeIndex))),
      dateNote: dayNote(posterior, timeIndex, variable),
      ...warning,
    },
    MARGIN,
    right,
  );
  const scale = commonScale(panels);
  panels.forEach((panel, index) => {
    const x = MARGIN + LATITUDE_LABELS + index * (size.width + GAP);
    context.fillStyle = INK;
    context.font = font(11.5, 'bold');
    context.textAlign = 'left';
    context.textBaseline = 'alphabetic';
    fitText(context, panel.caption, x, frameTop - 8, size.width);
    const frame = new MapFrame(bounds, { x, y: frameTop, ...size });
    drawMapBody(context, frame, panel.field, scale, { ...backdrop, showPlaces: false }, panel.mode);
    drawGraticule(context, frame, { left: index === 0 });
  });
  drawColourBar(context, scale, MARGIN + LATITUDE_LABELS, barTop, right - MARGIN - LATITUDE_LABELS);
  drawFooter(context, attributionOf(run), terrainNote(backdrop), MARGIN, right, footerTop);
  return sheet.encode(scale.colours);
}

function panelsOf({ run, posterior, variable, timeIndex, coarse, truth }: ComparisonInputs): Panel[] | null {
  const timeMs = float64At(posterior.timesMs, timeIndex);
  const coarseField = fieldOfDay(coarse, variable, timeMs);
  if (coarseField === null) return null;
  const truthField = truth === undefined ? null : fieldOfDay(truth, variable, timeMs);
  const degrees = (cells: Float64Array): string =>
    `${Number(Math.abs(float64At(cells, 1) - float64At(cells, 0)).toFixed(3))}°`;
  const coarseName = run.simulated ? 'Coarse input' : 'CAMS';
  return [
    {
      caption:
        coarseField.latitudes.length > 1
          ? `${coarseName}, ${degrees(coarseField.latitudes)} cells`
          : `${coarseName}, one cell`,
      field: coarseField,
      mode: 'cells',
    },
    {
      caption: `Posterior mean, ${posterior.resolutionDegrees}°`,
      field: {
        latitudes: posterior.latitudesDegrees,
        longitudes: posterior.longitudesDegrees,
        values: sliceDay(posterior, variable.mean, timeIndex),
      },
      mode: 'smooth',
    },
    ...(truthField === null ? [] : [{ caption: 'Simulated truth', field: truthField, mode: 'smooth' as const }]),
  ];
}

function fieldOfDay(field: GriddedField, variable: FineGridVariable, timeMs: number): MapField | null {
  const found = field.variables.find((candidate) => candidate.species === variable.pollutant);
  const day = indexOfDay(field.timesMs, timeMs);
  if (found === undefined || day < 0) return null;
  const numCells = field.latitudesDegrees.length * field.longitudesDegrees.length;
  return {
    latitudes: field.latitudesDegrees,
    longitudes: field.longitudesDegrees,
    values: found.values.subarray(day * numCells, (day + 1) * numCells),
  };
}

function commonScale(panels: readonly Panel[]): ColourScale {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const { field } of panels) {
    for (let k = 0; k < field.values.length; k += 1) {
      const value = entry(field.values, k);
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return roundScale('concentration', low, high, 'µg/m³');
}
