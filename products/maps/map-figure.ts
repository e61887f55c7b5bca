// SPDX-License-Identifier: Apache-2.0
/**
 * One map as a picture: title, field, colour bar, attribution.
 *
 * @module
 */

import { type BarMarker, COLOUR_BAR_HEIGHT, drawColourBar } from './colour-bar.js';
import type { ColourScale } from './colour-scale.js';
import { drawFooter, drawHeader, FigureCanvas, type FigureHeader, headerHeight } from './figure-canvas.js';
import { type Bounds, fitFrame, MapFrame } from './map-frame.js';
import { drawGraticule, drawMapBody, type MapBackdrop } from './map-layers.js';
import type { MapField } from './raster.js';
import { MARGIN } from './theme.js';

/**
 * A map to be drawn. Title e.g. "PM₂.₅", subtitle "Daily mean · posterior mean", date "Friday 24 January 2025", date note
 * "Forecast, day 1".
 */
export interface MapFigure extends FigureHeader {
  readonly field: MapField;
  readonly bounds: Bounds;
  readonly scale: ColourScale;
  readonly markers?: readonly BarMarker[];
  readonly backdrop: MapBackdrop;
  /** Licence or simulation notice, printed small below. */
  readonly attribution: string;
}

const LARGEST_FRAME = { width: 490, height: 470 };
const SMALLEST_CONTENT_WIDTH = 420;
const LATITUDE_LABELS = 46;

/** Renders a map as PNG bytes. */
export async function renderMap(figure: MapFigure): Promise<Buffer> {
  const size = fitFrame(figure.bounds, LARGEST_FRAME.width, LARGEST_FRAME.height);
  const contentWidth = Math.max(SMALLEST_CONTENT_WIDTH, size.width + LATITUDE_LABELS);
  const frameTop = MARGIN + headerHeight(figure);
  const barTop = frameTop + size.height + 24;
  const footerTop = barTop + COLOUR_BAR_HEIGHT + 14;
  const sheet = new FigureCanvas(contentWidth + 2 * MARGIN, footerTop + MARGIN - 4);
  const { context } = sheet;
  const left = MARGIN;
  const right = MARGIN + contentWidth;
  drawHeader(context, figure, left, right);
  const x = MARGIN + LATITUDE_LABELS + Math.round((contentWidth - LATITUDE_LABELS - size.width) / 2);
  const frame = new MapFrame(figure.bounds, { x, y: frameTop, ...size });
  drawMapBody(context, frame, figure.field, figure.scale, figure.backdrop);
  drawGraticule(context, frame);
  drawColourBar(
    context,
    figure.scale,
    x,
    barTop,
    Math.max(size.width, 360) - Math.max(0, x + 360 - right),
    figure.markers,
  );
  drawFooter(context, figure.attribution, terrainNote(figure.backdrop), left, right, footerTop);
  return sheet.encode(figure.scale.colours);
}

/** What the thin lines of a map mean; empty without terrain. */
export function terrainNote(backdrop: MapBackdrop): string {
  const levels = backdrop.terrain?.levelsM ?? [];
  return levels.length === 0 ? '' : `thin lines: elevation ${levels.join(', ')} m`;
}
