// SPDX-License-Identifier: Apache-2.0
import { chartPanel, type ChartSeries, svgDocument } from '../core/log-chart.js';
import type { EngineRow } from './engine-row.js';

/** Okabe and Ito's colours: told apart by everyone. */
const ROUTES = [
  { key: 'textbookFd', label: '(a) textbook, differences', color: '#d55e00' },
  { key: 'textbookAdjoint', label: '(b) textbook, adjoint', color: '#0072b2' },
  { key: 'engine', label: '(c) engine', color: '#009e73' },
] as const;

function seriesOf(rows: readonly EngineRow[], position: (row: EngineRow) => number): readonly ChartSeries[] {
  return ROUTES.flatMap(({ key, label, color }) =>
    [false, true].map((complete) => ({
      label: `${label}, ${complete ? 'complete' : 'gaps'}`,
      color,
      dashed: complete,
      points: rows
        .filter((row) => row.complete === complete)
        .map((row) => ({ x: position(row), y: row.seconds[key] }))
        .sort((a, b) => a.x - b.x),
    })),
  );
}

/** The value that most univariate rows share. */
function mostFrequent(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts.entries()].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 0;
}

/** Seconds of one objective with gradient over n_t and over n_s, univariate models, as an SVG document. */
export function scalingPlot(allRows: readonly EngineRow[]): string {
  const rows = allRows.filter((row) => row.n_v === 1);
  const nodes = mostFrequent(rows.map((row) => row.n_s));
  const steps = mostFrequent(rows.map((row) => row.n_t));
  return svgDocument([
    chartPanel({
      title: `n_s = ${nodes}`,
      xLabel: 'time steps n_t',
      yLabel: 'seconds for objective and gradient',
      series: seriesOf(
        rows.filter((row) => row.n_s === nodes),
        (row) => row.n_t,
      ),
    }),
    chartPanel({
      title: `n_t = ${steps}`,
      xLabel: 'mesh nodes n_s',
      yLabel: '',
      series: seriesOf(
        rows.filter((row) => row.n_t === steps),
        (row) => row.n_s,
      ),
    }),
  ]);
}
