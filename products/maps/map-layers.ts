// SPDX-License-Identifier: Apache-2.0
/** The layers of a map: field, terrain, coast and borders, towns, graticule, scale bar. */
import { entry, float64At } from '../../common/entry.js';
import type { SKRSContext2D } from '@napi-rs/canvas';

import type { BorderLines } from './borders.js';
import type { ColourScale } from './colour-scale.js';
import { contourSegments } from './contours.js';
import { font } from './fonts.js';
import { degreesLabel, graticule, type MapFrame } from './map-frame.js';
import { placesWithin } from './places.js';
import { type MapField, paintField } from './raster.js';
import { DEVICE_SCALE, INK, INK_SOFT } from './theme.js';

/** Elevation contours of a domain. */
export interface TerrainLines {
  /** Levels that the terrain reaches, m. */
  readonly levelsM: readonly number[];
  /** Contour segments of all levels, [x1, y1, x2, y2, ...] in degrees. */
  readonly segmentsDegrees: Float64Array;
}

/** What lies under and over the field on every map of a run. */
export interface MapBackdrop {
  readonly lines: BorderLines;
  readonly terrain?: TerrainLines;
  /** False where town names would lend invented data a reality they do not have. */
  readonly showPlaces: boolean;
}

/** Draws the field and everything that is clipped to the frame. */
export function drawMapBody(
  context: SKRSContext2D,
  frame: MapFrame,
  field: MapField,
  scale: ColourScale,
  backdrop: MapBackdrop,
  mode: 'smooth' | 'cells' = 'smooth',
): void {
  const { x, y, width, height } = frame.box;
  const raster = paintField(
    field,
    scale,
    frame.bounds,
    Math.round(width * DEVICE_SCALE),
    Math.round(height * DEVICE_SCALE),
    mode,
  );
  context.drawImage(raster, x, y, width, height);
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  if (backdrop.terrain !== undefined) drawTerrain(context, frame, backdrop.terrain);
  drawLines(context, frame, backdrop.lines);
  if (backdrop.showPlaces) drawPlaces(context, frame);
  context.restore();
  drawScaleBar(context, frame);
  context.strokeStyle = INK;
  context.lineWidth = 0.8;
  context.strokeRect(x, y, width, height);
}

/** Contours of an elevation field in m, at the first set of levels of which it reaches two. */
export function terrainLines(elevation: MapField): TerrainLines {
  let highest = Number.NEGATIVE_INFINITY;
  let lowest = Number.POSITIVE_INFINITY;
  for (let k = 0; k < elevation.values.length; k += 1) {
    const value = entry(elevation.values, k);
    if (value > highest) highest = value;
    if (value < lowest) lowest = value;
  }
  const sets = [
    [500, 1000, 2000],
    [200, 400, 800],
    [100, 200, 400],
  ];
  const within = (level: number): boolean => level > lowest && level < highest;
  const levelsM = (sets.find((levels) => levels.filter(within).length >= 2) ?? []).filter(within);
  const padded = padField(elevation);
  const segments = levelsM.flatMap((level) => [
    ...contourSegments(padded.latitudes, padded.longitudes, padded.values, level),
  ]);
  return { levelsM, segmentsDegrees: Float64Array.from(segments) };
}

function drawTerrain(context: SKRSContext2D, frame: MapFrame, terrain: TerrainLines): void {
  context.strokeStyle = 'rgba(30, 34, 40, 0.34)';
  context.lineWidth = 0.55;
  context.lineCap = 'round';
  strokeSegments(context, frame, terrain.segmentsDegrees);
}

/** Strokes [x1, y1, x2, y2, ...] in degrees with the current pen. */
export function strokeSegments(context: SKRSContext2D, frame: MapFrame, segments: Float64Array): void {
  context.beginPath();
  for (let k = 0; k + 3 < segments.length; k += 4) {
    context.moveTo(frame.x(float64At(segments, k)), frame.y(float64At(segments, k + 1)));
    context.lineTo(frame.x(float64At(segments, k + 2)), frame.y(float64At(segments, k + 3)));
  }
  context.stroke();
}

/** The field with its outermost rows and columns repeated one cell further out, so that contours reach the frame. */
function padField({ latitudes, longitudes, values }: MapField): MapField {
  const outer = (centres: Float64Array): Float64Array => {
    const last = centres.length - 1;
    const step = last > 0 ? float64At(centres, last) - float64At(centres, last - 1) : 1;
    return Float64Array.of(float64At(centres, 0) - step, ...centres, float64At(centres, last) + step);
  };
  const rows = outer(latitudes);
  const columns = outer(longitudes);
  const inner = (index: number, count: number): number => Math.min(count - 1, Math.max(0, index - 1));
  const padded = Float64Array.from({ length: rows.length * columns.length }, (_, k) => {
    const row = inner(Math.floor(k / columns.length), latitudes.length);
    return entry(values, row * longitudes.length + inner(k % columns.length, longitudes.length));
  });
  return { latitudes: rows, longitudes: columns, values: padded };
}

/** Coastlines and dashed borders; call within a clip. */
export function drawLines(context: SKRSContext2D, frame: MapFrame, lines: BorderLines): void {
  context.lineJoin = 'round';
  tracePolylines(context, frame, lines.coastlines);
  context.strokeStyle = 'rgba(20, 24, 30, 0.9)';
  context.lineWidth = 1.1;
  context.stroke();
  // A pale casing keeps a dark dashed border readable on dark classes.
  tracePolylines(context, frame, lines.borders);
  context.strokeStyle = 'rgba(255, 255, 255, 0.55)';
  context.lineWidth = 2.2;
  context.stroke();
  context.strokeStyle = 'rgba(20, 24, 30, 0.9)';
  context.lineWidth = 1;
  context.setLineDash([5, 2.5]);
  context.stroke();
  context.setLineDash([]);
}

function tracePolylines(context: SKRSContext2D, frame: MapFrame, lines: readonly Float64Array[]): void {
  context.beginPath();
  for (const line of lines) {
    for (let k = 0; k < line.length; k += 2) {
      const x = frame.x(float64At(line, k));
      const y = frame.y(float64At(line, k + 1));
      if (k === 0) context.moveTo(x, y);
      else context.lineTo(x, y);
    }
  }
}

interface Label {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

function drawPlaces(context: SKRSContext2D, frame: MapFrame): void {
  const { box } = frame;
  const taken: Label[] = [scaleBarExtent(frame)];
  // About one name for each 26,000 square pixels keeps the field in charge.
  const limit = Math.max(3, Math.round((box.width * box.height) / 26_000));
  let drawn = 0;
  context.font = font(10.5);
  for (const place of placesWithin(frame.bounds)) {
    if (drawn >= limit) break;
    const x = frame.x(place.longitude);
    const y = frame.y(place.latitude);
    const width = context.measureText(place.name).width;
    const onRight = x + 6 + width < box.x + box.width - 4;
    const left = onRight ? x + 6 : x - 6 - width;
    const label = { left: Math.min(left, x - 4), right: Math.max(left + width, x + 4), top: y - 8, bottom: y + 8 };
    const inside =
      label.left > box.x + 3 &&
      label.right < box.x + box.width - 3 &&
      label.top > box.y &&
      label.bottom < box.y + box.height;
    if (!inside || taken.some((other) => overlaps(other, label))) continue;
    taken.push(label);
    drawn += 1;
    context.fillStyle = INK;
    context.strokeStyle = 'rgba(255, 255, 255, 0.85)';
    context.lineWidth = 3;
    context.lineJoin = 'round';
    context.beginPath();
    context.arc(x, y, 2.1, 0, 2 * Math.PI);
    context.stroke();
    context.fill();
    context.textAlign = 'left';
    context.textBaseline = 'middle';
    context.strokeText(place.name, left, y);
    context.fillText(place.name, left, y);
  }
}

function overlaps(a: Label, b: Label): boolean {
  return a.left < b.right + 6 && b.left < a.right + 6 && a.top < b.bottom && b.top < a.bottom;
}

function scaleBarExtent(frame: MapFrame): Label {
  const { x, y, height } = frame.box;
  const length = frame.scaleBarKm() * frame.pixelsPerKm;
  return { left: x, right: x + length + 32, top: y + height - 40, bottom: y + height };
}

/** Scale bar in the lower left corner of the frame. */
export function drawScaleBar(context: SKRSContext2D, frame: MapFrame): void {
  const km = frame.scaleBarKm();
  const length = km * frame.pixelsPerKm;
  const x = frame.box.x + 10;
  const y = frame.box.y + frame.box.height - 10;
  context.fillStyle = 'rgba(255, 255, 255, 0.85)';
  context.beginPath();
  context.roundRect(x, y - 24, length + 16, 24, 3);
  context.fill();
  context.strokeStyle = INK;
  context.lineWidth = 1.4;
  context.lineCap = 'butt';
  context.beginPath();
  context.moveTo(x + 8, y - 9);
  context.lineTo(x + 8, y - 5);
  context.lineTo(x + 8 + length, y - 5);
  context.lineTo(x + 8 + length, y - 9);
  context.stroke();
  context.fillStyle = INK;
  context.font = font(9.5);
  context.textAlign = 'center';
  context.textBaseline = 'alphabetic';
  context.fillText(`${km} km`, x + 8 + length / 2, y - 10);
}

/** Ticks and labels of longitude below and latitude left of the frame. */
export function drawGraticule(
  context: SKRSContext2D,
  frame: MapFrame,
  sides: { left: boolean } = { left: true },
): void {
  const { bounds, box } = frame;
  context.font = font(10);
  context.fillStyle = INK_SOFT;
  context.strokeStyle = INK_SOFT;
  context.lineWidth = 0.8;
  context.textAlign = 'center';
  context.textBaseline = 'top';
  for (const longitude of graticule(bounds.west, bounds.east, Math.max(2, box.width / 80))) {
    const x = frame.x(longitude);
    tick(context, x, box.y + box.height, x, box.y + box.height + 4);
    context.fillText(degreesLabel(longitude, 'E', 'W'), x, box.y + box.height + 6);
  }
  if (!sides.left) return;
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  for (const latitude of graticule(bounds.south, bounds.north, Math.max(2, box.height / 65))) {
    const y = frame.y(latitude);
    tick(context, box.x, y, box.x - 4, y);
    context.fillText(degreesLabel(latitude, 'N', 'S'), box.x - 7, y);
  }
}

function tick(context: SKRSContext2D, x1: number, y1: number, x2: number, y2: number): void {
  context.beginPath();
  context.moveTo(x1, y1);
  context.lineTo(x2, y2);
  context.stroke();
}
