// SPDX-License-Identifier: Apache-2.0
/** Line charts with logarithmic axes, as SVG. */

export interface ChartPoint {
  readonly x: number;
  readonly y: number;
}

export interface ChartSeries {
  readonly label: string;
  readonly color: string;
  readonly dashed: boolean;
  readonly points: readonly ChartPoint[];
}

export interface ChartOptions {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly series: readonly ChartSeries[];
}

/** One chart of PANEL_WIDTH x PANEL_HEIGHT pixels, with its legend's entries. */
export interface ChartPanel {
  readonly body: string;
  readonly legend: readonly Pick<ChartSeries, 'label' | 'color' | 'dashed'>[];
}

const PANEL_WIDTH = 440;
const PANEL_HEIGHT = 380;
const MARGIN = { left: 62, right: 14, top: 34, bottom: 52 };
const LEGEND_LINE_HEIGHT = 18;

const escaped = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

const rounded = (value: number): string => value.toFixed(1);

class LogScale {
  readonly #from: number;
  readonly #to: number;
  readonly #start: number;
  readonly #end: number;

  constructor(values: readonly number[], start: number, end: number, padding: number) {
    this.#from = Math.log10(Math.min(...values)) - padding;
    this.#to = Math.log10(Math.max(...values)) + padding;
    this.#start = start;
    this.#end = end;
  }

  at(value: number): number {
    return this.#start + ((Math.log10(value) - this.#from) / (this.#to - this.#from)) * (this.#end - this.#start);
  }

  powersOfTen(): readonly number[] {
    const first = Math.ceil(this.#from);
    return Array.from({ length: Math.max(0, Math.floor(this.#to) - first + 1) }, (_, i) => 10 ** (first + i));
  }
}

function text(x: number, y: number, content: string, attributes = ''): string {
  return `<text x="${rounded(x)}" y="${rounded(y)}" ${attributes}>${escaped(content)}</text>`;
}

function line(x1: number, y1: number, x2: number, y2: number, color: string): string {
  return `<line x1="${rounded(x1)}" y1="${rounded(y1)}" x2="${rounded(x2)}" y2="${rounded(y2)}" stroke="${color}"/>`;
}

function curve({ color, dashed, points }: ChartSeries, x: LogScale, y: LogScale): string {
  const path = points.map((point) => `${rounded(x.at(point.x))},${rounded(y.at(point.y))}`).join(' ');
  const dash = dashed ? ' stroke-dasharray="6 4"' : '';
  const marks = points.map(
    (point) =>
      `<circle cx="${rounded(x.at(point.x))}" cy="${rounded(y.at(point.y))}" r="3" fill="${dashed ? 'white' : color}" stroke="${color}"/>`,
  );
  return [`<polyline points="${path}" fill="none" stroke="${color}" stroke-width="1.8"${dash}/>`, ...marks].join('\n');
}

/** A chart; the marks of the horizontal axis are the positions of the points. */
export function chartPanel({ title, xLabel, yLabel, series }: ChartOptions): ChartPanel {
  const legend = series.map(({ label, color, dashed }) => ({ label, color, dashed }));
  const points = series.flatMap((one) => one.points);
  if (points.length === 0) return { body: '', legend };
  const left = MARGIN.left;
  const right = PANEL_WIDTH - MARGIN.right;
  const top = MARGIN.top;
  const bottom = PANEL_HEIGHT - MARGIN.bottom;
  const positions = [...new Set(points.map((point) => point.x))].sort((a, b) => a - b);
  const x = new LogScale(positions, left, right, 0.06);
  const y = new LogScale(
    points.map((point) => point.y),
    bottom,
    top,
    0.12,
  );
  const parts = [text((left + right) / 2, top - 12, title, 'text-anchor="middle" font-weight="bold"')];
  for (const value of y.powersOfTen()) {
    parts.push(line(left, y.at(value), right, y.at(value), '#dddddd'));
    parts.push(text(left - 6, y.at(value) + 4, String(value), 'text-anchor="end"'));
  }
  for (const value of positions) {
    parts.push(line(x.at(value), bottom, x.at(value), bottom + 4, '#333333'));
    parts.push(text(x.at(value), bottom + 18, String(value), 'text-anchor="middle"'));
  }
  parts.push(line(left, bottom, right, bottom, '#333333'), line(left, top, left, bottom, '#333333'));
  parts.push(text((left + right) / 2, PANEL_HEIGHT - 12, xLabel, 'text-anchor="middle"'));
  const middle = (top + bottom) / 2;
  parts.push(text(14, middle, yLabel, `text-anchor="middle" transform="rotate(-90 14 ${rounded(middle)})"`));
  parts.push(...series.map((one) => curve(one, x, y)));
  return { body: parts.join('\n'), legend };
}

/** Panels side by side with the legend of the first below. */
export function svgDocument(panels: readonly ChartPanel[]): string {
  const legend = panels[0]?.legend ?? [];
  const width = PANEL_WIDTH * panels.length;
  const rowsOfLegend = Math.ceil(legend.length / 2);
  const height = PANEL_HEIGHT + rowsOfLegend * LEGEND_LINE_HEIGHT + 14;
  const entries = legend.map(({ label, color, dashed }, index) => {
    const x = 62 + (index % 2) * (width / 2);
    const y = PANEL_HEIGHT + 14 + Math.floor(index / 2) * LEGEND_LINE_HEIGHT;
    const dash = dashed ? ' stroke-dasharray="6 4"' : '';
    const stroke = `<line x1="${x}" y1="${y - 4}" x2="${x + 34}" y2="${y - 4}" stroke="${color}" stroke-width="1.8"${dash}/>`;
    return `${stroke}\n${text(x + 42, y, label)}`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="white"/>`,
    ...panels.map(({ body }, index) => `<g transform="translate(${index * PANEL_WIDTH} 0)">\n${body}\n</g>`),
    ...entries,
    '</svg>\n',
  ].join('\n');
}
