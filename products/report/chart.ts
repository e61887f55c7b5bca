// SPDX-License-Identifier: Apache-2.0
/**
 * Small line charts as inline SVG; colours come from the page's style, so they follow light and dark.
 *
 * @module
 */
import { entry } from '../../common/entry.js';
import { html, type Markup, NOTHING } from './html.js';

export interface ChartSeries {
  /** CSS class of the line. */
  readonly className: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Draws a dot at every point. */
  readonly dots?: boolean;
}

export interface ChartBand {
  readonly points: readonly (readonly [x: number, low: number, high: number])[];
}

export interface ChartOptions {
  /** Read out by screen readers. */
  readonly title: string;
  readonly series: readonly ChartSeries[];
  readonly band?: ChartBand;
  readonly logarithmic?: boolean;
  /** Horizontal reference lines. */
  readonly references?: readonly { readonly value: number; readonly label: string }[];
  /** Shades x from here on. */
  readonly shadeFrom?: number;
  readonly xTicks: readonly { readonly value: number; readonly label: string }[];
  readonly xLabel?: string;
  readonly includeZero?: boolean;
}

const WIDTH = 380;
const HEIGHT = 200;
const PLOT = { left: 46, right: 10, top: 12, bottom: 34 };

/** Renders a line chart. Non-finite points are left out, on a logarithmic axis those at or below zero too. */
export function lineChart(options: ChartOptions): Markup {
  const logarithmic = options.logarithmic ?? false;
  const usable = (value: number): boolean => Number.isFinite(value) && (!logarithmic || value > 0);
  const transform = (value: number): number => (logarithmic ? Math.log10(value) : value);
  const series = options.series.map((one) => ({ ...one, points: one.points.filter(([, y]) => usable(y)) }));
  const band = (options.band?.points ?? []).filter(([, low, high]) => usable(low) && usable(high));
  const references = (options.references ?? []).filter(({ value }) => usable(value));
  const values = [
    ...series.flatMap((one) => one.points.map(([, y]) => y)),
    ...band.flatMap(([, low, high]) => [low, high]),
    ...references.map(({ value }) => value),
    ...(options.includeZero === true ? [0] : []),
  ].map(transform);
  const xs = [...series.flatMap((one) => one.points.map(([x]) => x)), ...options.xTicks.map(({ value }) => value)];
  if (values.length === 0) return html`<p class="soft">No values to draw.</p>`;
  const ticks = logarithmic ? decadeTicks(values) : linearTicks(Math.min(...values), Math.max(...values));
  const low = Math.min(entry(ticks, 0), ...values);
  const high = Math.max(entry(ticks, ticks.length - 1), ...values);
  const first = Math.min(...xs);
  const last = Math.max(...xs);
  const x = (value: number): number =>
    PLOT.left + (last === first ? 0.5 : (value - first) / (last - first)) * (WIDTH - PLOT.left - PLOT.right);
  const y = (value: number): number =>
    HEIGHT - PLOT.bottom - (high === low ? 0.5 : (value - low) / (high - low)) * (HEIGHT - PLOT.top - PLOT.bottom);
  const at = ([px, py]: readonly [number, number]): string => `${round(x(px))},${round(y(transform(py)))}`;
  const label = (value: number): string => (logarithmic ? decadeLabel(value) : tickLabel(value, ticks));
  const upper = band.map(([px, , top]) => at([px, top]));
  const lower = band.map(([px, bottom]) => at([px, bottom])).reverse();
  return html`<svg class="chart" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${options.title}">
    ${
      options.shadeFrom === undefined
        ? NOTHING
        : html`<rect
            class="shade"
            x="${round(x(options.shadeFrom))}"
            y="${PLOT.top}"
            width="${round(WIDTH - PLOT.right - x(options.shadeFrom))}"
            height="${HEIGHT - PLOT.top - PLOT.bottom}"
          />`
    }
    ${ticks.map((value) => html`<line class="grid" x1="${PLOT.left}" x2="${WIDTH - PLOT.right}" y1="${round(y(value))}" y2="${round(y(value))}" /><text class="tick" x="${PLOT.left - 6}" y="${round(y(value) + 3.5)}" text-anchor="end">${label(value)}</text>`)}
    ${options.xTicks.map((tick) => html`<text class="tick" x="${round(x(tick.value))}" y="${HEIGHT - PLOT.bottom + 15}" text-anchor="middle">${tick.label}</text>`)}
    ${options.xLabel === undefined ? NOTHING : html`<text class="tick" x="${(WIDTH + PLOT.left - PLOT.right) / 2}" y="${HEIGHT - 4}" text-anchor="middle">${options.xLabel}</text>`}
    ${band.length === 0 ? NOTHING : html`<polygon class="band" points="${[...upper, ...lower].join(' ')}" />`}
    ${references.map((reference) => html`<line class="reference" x1="${PLOT.left}" x2="${WIDTH - PLOT.right}" y1="${round(y(transform(reference.value)))}" y2="${round(y(transform(reference.value)))}" /><text class="reference-label" x="${PLOT.left + 4}" y="${round(referenceLabelY(y(transform(reference.value))))}">${reference.label}</text>`)}
    ${series.map((one) => html`<polyline class="line ${one.className}" points="${one.points.map(at).join(' ')}" />`)}
    ${series.flatMap((one) => (one.dots === true ? one.points : []).map(([px, py]) => html`<circle class="dot ${one.className}" cx="${round(x(px))}" cy="${round(y(transform(py)))}" r="2.4" />`))}
  </svg>`;
}

/** Round values that span [low, high], four to six of them. */
export function linearTicks(low: number, high: number): number[] {
  const span = high - low > 1e-12 * Math.max(1, Math.abs(high)) ? high - low : Math.max(1, Math.abs(high) * 0.1);
  const power = 10 ** Math.floor(Math.log10(span / 5));
  const step = ([1, 2, 5, 10].find((factor) => span / (factor * power) <= 5) ?? 10) * power;
  const ticks: number[] = [];
  for (let k = Math.floor(low / step + 1e-9); k * step < low + span + step * (1 - 1e-9); k += 1) {
    ticks.push(Number((k * step).toPrecision(12)));
  }
  return ticks;
}

/** Whole decades (as exponents) that span the values, thinned to six at most. */
function decadeTicks(exponents: readonly number[]): number[] {
  const low = Math.floor(Math.min(...exponents));
  const high = Math.max(low + 1, Math.ceil(Math.max(...exponents)));
  const every = Math.ceil((high - low) / 6);
  const ticks: number[] = [];
  for (let exponent = low; exponent < high + every; exponent += every) ticks.push(exponent);
  return ticks;
}

function decadeLabel(exponent: number): string {
  return exponent >= -1 && exponent <= 4 ? String(Number((10 ** exponent).toPrecision(1))) : `1e${exponent}`;
}

function tickLabel(value: number, ticks: readonly number[]): string {
  const step = ticks.length > 1 ? entry(ticks, 1) - entry(ticks, 0) : 1;
  const decimals = Math.min(6, Math.max(0, Math.ceil(-Math.log10(step) - 1e-9)));
  return value.toFixed(decimals).replace('-', '−');
}

/** Above the line, or below it where the top of the plot is near. */
function referenceLabelY(lineY: number): number {
  return lineY - 4 < PLOT.top + 8 ? lineY + 12 : lineY - 4;
}

function round(value: number): number {
  return Math.round(10 * value) / 10;
}
