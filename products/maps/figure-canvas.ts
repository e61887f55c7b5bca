// SPDX-License-Identifier: Apache-2.0
/** What all figures share: canvas, header, footer, encoding. Sizes are logical pixels. */
import { type Canvas, createCanvas, type SKRSContext2D } from '@napi-rs/canvas';

import type { Rgb } from './colour-ramps.js';
import { font, registerFonts } from './fonts.js';
import { encodeIndexedPng } from './indexed-png.js';
import { DEVICE_SCALE, INK, INK_FAINT, INK_SOFT, MARGIN, PAPER, WARNING } from './theme.js';

/** A logical pixel is 1/96 inch (CSS); a metre has 39.37 inches. */
const PIXELS_PER_METRE = (96 / 0.0254) * DEVICE_SCALE;

/** Height of a header without a warning. */
const HEADER_HEIGHT = 50;

const WARNING_HEIGHT = 19;

/** A sheet of white paper to draw on. */
export class FigureCanvas {
  readonly context: SKRSContext2D;
  private readonly canvas: Canvas;

  constructor(
    readonly width: number,
    readonly height: number,
  ) {
    registerFonts();
    this.canvas = createCanvas(Math.round(width * DEVICE_SCALE), Math.round(height * DEVICE_SCALE));
    this.context = this.canvas.getContext('2d');
    this.context.scale(DEVICE_SCALE, DEVICE_SCALE);
    this.context.lang = 'en';
    this.context.fillStyle = PAPER;
    this.context.fillRect(0, 0, width, height);
  }

  /** PNG bytes; the given colours are kept exactly. */
  async encode(exactColours: readonly Rgb[]): Promise<Buffer> {
    const { width, height } = this.canvas;
    const pixels = this.context.getImageData(0, 0, width, height).data;
    return encodeIndexedPng(pixels, width, height, [[255, 255, 255], ...exactColours], PIXELS_PER_METRE);
  }
}

export interface FigureHeader {
  readonly title: string;
  readonly subtitle: string;
  readonly date: string;
  readonly dateNote: string;
  /** A sentence in a colour of its own below the subtitle, e.g. that the input was degraded; takes room of its own. */
  readonly warning?: string;
}

/** Height of a header below the margin. */
export function headerHeight({ warning }: Pick<FigureHeader, 'warning'>): number {
  return HEADER_HEIGHT + (warning === undefined ? 0 : WARNING_HEIGHT);
}

/** Title and subtitle at the left, date and its note at the right, a warning below. */
export function drawHeader(
  context: SKRSContext2D,
  { title, subtitle, date, dateNote, warning }: FigureHeader,
  left: number,
  right: number,
): void {
  const first = MARGIN + 15;
  const second = first + 19;
  context.textBaseline = 'alphabetic';
  context.textAlign = 'right';
  context.fillStyle = INK;
  context.font = font(14, 'bold');
  context.fillText(date, right, first);
  const dateWidth = context.measureText(date).width;
  context.textAlign = 'left';
  context.font = font(19, 'bold');
  fitText(context, title, left, first, right - left - dateWidth - 16);
  context.fillStyle = INK_SOFT;
  context.font = font(11.5);
  context.textAlign = 'right';
  context.fillText(dateNote, right, second);
  context.textAlign = 'left';
  fitText(context, subtitle, left, second, right - left - context.measureText(dateNote).width - 16);
  if (warning === undefined) return;
  context.fillStyle = WARNING;
  context.font = font(11.5, 'bold');
  fitText(context, warning, left, second + WARNING_HEIGHT, right - left);
}

/** Attribution at the left, a note at the right. */
export function drawFooter(
  context: SKRSContext2D,
  attribution: string,
  note: string,
  left: number,
  right: number,
  y: number,
): void {
  context.fillStyle = INK_FAINT;
  context.textBaseline = 'alphabetic';
  context.font = font(8.5);
  context.textAlign = 'right';
  if (note !== '') context.fillText(note, right, y);
  const room = right - left - (note === '' ? 0 : context.measureText(note).width + 14);
  context.textAlign = 'left';
  fitText(context, attribution, left, y, room);
}

/** Text that never runs into its neighbour: squeezed a little, then cut with an ellipsis. */
export function fitText(context: SKRSContext2D, text: string, x: number, y: number, room: number): void {
  if (context.measureText(text).width <= room * 1.15) {
    context.fillText(text, x, y, Math.max(room, 1));
    return;
  }
  let cut = text;
  while (cut.length > 1 && context.measureText(`${cut}…`).width > room) cut = cut.slice(0, -1);
  context.fillText(`${cut.trimEnd()}…`, x, y);
}
