// SPDX-License-Identifier: Apache-2.0
import { entry } from '../../common/entry.js';
import type { SKRSContext2D } from '@napi-rs/canvas';

import { cssColour } from './colour-ramps.js';
import { barPosition, type ColourScale } from './colour-scale.js';
import { font } from './fonts.js';
import { INK, INK_SOFT } from './theme.js';

/** A value worth pointing at, e.g. a guideline. */
export interface BarMarker {
  readonly value: number;
  readonly label: string;
}

/** Height that `drawColourBar` needs, logical pixels, marker line included. */
export const COLOUR_BAR_HEIGHT = 46;

/**
 * Horizontal discrete colour bar: one block a class, limits labelled, unit at the right end, markers above.
 * `y` is the top of the space for markers.
 */
export function drawColourBar(
  context: SKRSContext2D,
  scale: ColourScale,
  x: number,
  y: number,
  width: number,
  markers: readonly BarMarker[] = [],
): void {
  const top = y + 16;
  const height = 12;
  context.font = font(10.5);
  const unitWidth = context.measureText(scale.unit).width + 12;
  const barWidth = width - unitWidth;
  const classWidth = barWidth / scale.colours.length;
  scale.colours.forEach((colour, index) => {
    context.fillStyle = cssColour(colour);
    // Half a pixel of overlap hides seams between blocks.
    context.fillRect(x + index * classWidth, top, classWidth + (index + 1 < scale.colours.length ? 0.5 : 0), height);
  });
  context.strokeStyle = INK;
  context.lineWidth = 0.8;
  context.strokeRect(x, top, barWidth, height);
  drawLimits(context, scale, x, top + height, classWidth);
  context.fillStyle = INK;
  context.textAlign = 'left';
  context.textBaseline = 'middle';
  context.fillText(scale.unit, x + barWidth + 10, top + height / 2 + 0.5);
  for (const marker of markers) drawMarker(context, scale, marker, x, top, barWidth);
}

function drawLimits(context: SKRSContext2D, scale: ColourScale, x: number, y: number, classWidth: number): void {
  context.font = font(10);
  context.textAlign = 'center';
  context.textBaseline = 'top';
  context.strokeStyle = INK_SOFT;
  context.lineWidth = 0.8;
  const widest = Math.max(...scale.labels.map((label) => context.measureText(label).width));
  const every = Math.max(1, Math.ceil((widest + 8) / classWidth));
  scale.labels.forEach((label, index) => {
    const position = x + index * classWidth;
    context.beginPath();
    context.moveTo(position, y);
    context.lineTo(position, y + (index % every === 0 ? 4 : 2.5));
    context.stroke();
    context.fillStyle = INK;
    if (index % every === 0) context.fillText(label, position, y + 6);
  });
}

function drawMarker(
  context: SKRSContext2D,
  scale: ColourScale,
  marker: BarMarker,
  x: number,
  top: number,
  barWidth: number,
): void {
  const first = entry(scale.breaks, 0);
  const last = entry(scale.breaks, scale.breaks.length - 1);
  if (marker.value < first || marker.value > last) return;
  const position = x + barPosition(scale, marker.value) * barWidth;
  context.fillStyle = INK;
  context.beginPath();
  context.moveTo(position, top - 1);
  context.lineTo(position - 4, top - 7);
  context.lineTo(position + 4, top - 7);
  context.closePath();
  context.fill();
  context.font = font(9.5);
  const width = context.measureText(marker.label).width;
  const leftwards = position + 8 + width > x + barWidth;
  context.textAlign = leftwards ? 'right' : 'left';
  context.textBaseline = 'alphabetic';
  context.fillText(marker.label, position + (leftwards ? -8 : 8), top - 3.5);
}
