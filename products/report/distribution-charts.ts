// SPDX-License-Identifier: Apache-2.0
/**
 * Small charts of distributions as inline SVG: a histogram with its expected band, and a posterior density beside its prior.
 *
 * @module
 */
import { entry } from '../../common/entry.js';
import { linearTicks } from './chart.js';
import { html, type Markup, NOTHING } from './html.js';

const WIDTH = 264;
const HEIGHT = 160;
const PLOT = { left: 34, right: 8, top: 10, bottom: 40 };
const PLOT_WIDTH = WIDTH - PLOT.left - PLOT.right;
const PLOT_HEIGHT = HEIGHT - PLOT.top - PLOT.bottom;
const BASE = HEIGHT - PLOT.bottom;

export interface HistogramOptions {
  /** Read out by screen readers. */
  readonly title: string;
  /** Over equal bins of [0, 1]. */
  readonly counts: readonly number[];
  /** Range in which counts are expected. */
  readonly band: readonly [low: number, high: number];
  readonly xLabel: string;
}

/** A histogram over [0, 1] as relative frequencies (1: as many as expected of a uniform distribution), with the expected band. */
export function unitHistogram({ title, counts, band, xLabel }: HistogramOptions): Markup {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return html`<p class="soft">No values to draw.</p>`;
  const relative = (count: number): number => (count * counts.length) / total;
  const ticks = linearTicks(0, Math.max(1.5, relative(band[1]), ...counts.map(relative)));
  const high = entry(ticks, ticks.length - 1);
  const x = (value: number): number => PLOT.left + value * PLOT_WIDTH;
  const y = (value: number): number => BASE - (value / high) * PLOT_HEIGHT;
  const width = PLOT_WIDTH / counts.length;
  return frame(title, [
    ...ticks.map((value) => horizontal(y(value), tickText(value, ticks))),
    html`<rect
      class="shade-band"
      x="${PLOT.left}"
      width="${PLOT_WIDTH}"
      y="${round(y(relative(band[1])))}"
      height="${round(y(relative(band[0])) - y(relative(band[1])))}"
    />`,
    ...counts.map(
      (count, bin) =>
        html`<rect
          class="bin"
          x="${round(x(bin / counts.length) + 0.5)}"
          width="${round(width - 1)}"
          y="${round(y(relative(count)))}"
          height="${round(BASE - y(relative(count)))}"
        />`,
    ),
    html`<line
      class="reference"
      x1="${PLOT.left}"
      x2="${WIDTH - PLOT.right}"
      y1="${round(y(1))}"
      y2="${round(y(1))}"
    />`,
    ...axis([0, 0.2, 0.4, 0.6, 0.8, 1], x, xLabel),
  ]);
}

export interface DensityOptions {
  /** Read out by screen readers. */
  readonly title: string;
  /** Ascending. */
  readonly grid: readonly number[];
  readonly posterior: readonly number[];
  readonly prior: readonly number[];
  /** Central 95 % interval and median of the posterior. */
  readonly quantiles: readonly [lower: number, median: number, upper: number];
  readonly xLabel: string;
}

/** Beyond the 95 % interval a chart shows this share of its length on both sides; long tails would squeeze the rest. */
const MARGIN = 0.3;

/**
 * The posterior as a line with its median and 95 % interval, the prior as a dashed line, on one scale of density. The scale is
 * that of the posterior: a prior that rises above is cut.
 */
export function densityChart({ title, grid, posterior, prior, quantiles, xLabel }: DensityOptions): Markup {
  const [lower, median, upper] = quantiles;
  const low = Math.max(grid[0] ?? Number.NaN, lower - MARGIN * (upper - lower));
  const high = Math.min(grid[grid.length - 1] ?? Number.NaN, upper + MARGIN * (upper - lower));
  if (!(high > low)) return html`<p class="soft">Fixed: no density.</p>`;
  const top = 1.12 * Math.max(...posterior);
  const x = (value: number): number => PLOT.left + ((value - low) / (high - low)) * PLOT_WIDTH;
  const y = (value: number): number => BASE - (value / top) * PLOT_HEIGHT;
  const point = (value: number, density: number): string => `${round(x(value))},${round(y(density))}`;
  const points = grid.map((value, i) => [value, entry(posterior, i)] as const);
  const inside = points.filter(([value]) => value >= lower && value <= upper);
  const area = [
    point(inside[0]?.[0] ?? lower, 0),
    ...inside.map((each) => point(...each)),
    point(inside[inside.length - 1]?.[0] ?? upper, 0),
  ];
  const ticks = linearTicks(low, high).filter((value) => value >= low && value <= high);
  return frame(title, [
    html`<line class="grid" x1="${PLOT.left}" x2="${WIDTH - PLOT.right}" y1="${BASE}" y2="${BASE}" />`,
    // an inner picture cuts what leaves it
    html`<svg
      x="${PLOT.left}"
      y="${PLOT.top}"
      width="${PLOT_WIDTH}"
      height="${PLOT_HEIGHT}"
      viewBox="${PLOT.left} ${PLOT.top} ${PLOT_WIDTH} ${PLOT_HEIGHT}"
    >
      <polygon class="band" points="${area.join(' ')}" />
      <line class="median" x1="${round(x(median))}" x2="${round(x(median))}" y1="${PLOT.top}" y2="${BASE}" />
      <polyline class="line prior" points="${grid.map((value, i) => point(value, entry(prior, i))).join(' ')}" />
      <polyline class="line accent" points="${points.map((each) => point(...each)).join(' ')}" />
    </svg>`,
    html`<text
      class="tick"
      transform="rotate(-90)"
      x="${-(PLOT.top + PLOT_HEIGHT / 2)}"
      y="${PLOT.left - 12}"
      text-anchor="middle"
    >
      density
    </text>`,
    ...axis(ticks, x, xLabel),
  ]);
}

function frame(title: string, content: readonly Markup[]): Markup {
  return html`<svg class="chart" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}">${content}</svg>`;
}

function horizontal(at: number, label: string): Markup {
  return html`<line
      class="grid"
      x1="${PLOT.left}"
      x2="${WIDTH - PLOT.right}"
      y1="${round(at)}"
      y2="${round(at)}"
    /><text class="tick" x="${PLOT.left - 5}" y="${round(at + 3.5)}" text-anchor="end">${label}</text>`;
}

function axis(ticks: readonly number[], x: (value: number) => number, label: string): Markup[] {
  return [
    ...ticks.map(
      (value) =>
        html`<line class="grid" x1="${round(x(value))}" x2="${round(x(value))}" y1="${BASE}" y2="${BASE + 4}" /><text
            class="tick"
            x="${round(x(value))}"
            y="${BASE + 15}"
            text-anchor="middle"
            >${tickText(value, ticks)}</text
          >`,
    ),
    label === ''
      ? NOTHING
      : html`<text class="tick" x="${PLOT.left + PLOT_WIDTH / 2}" y="${HEIGHT - 6}" text-anchor="middle"
          >${label}</text
        >`,
  ];
}

function tickText(value: number, ticks: readonly number[]): string {
  const step = ticks.length > 1 ? entry(ticks, 1) - entry(ticks, 0) : 1;
  const decimals = Math.min(6, Math.max(0, Math.ceil(-Math.log10(step) - 1e-9)));
  return value.toFixed(decimals).replace('-', '−');
}

function round(value: number): number {
  return Math.round(10 * value) / 10;
}
