// SPDX-License-Identifier: Apache-2.0
import { chartPanel, svgDocument } from '../core/log-chart.js';

/** One size of grid. */
export interface GrowthRow {
  readonly cells: number;
  readonly pollutants: number;
  readonly secondsEvaluation: number;
  readonly peakBytes: number;
}

/** Okabe and Ito's colours: told apart by everyone. */
const COLOURS = ['#009e73', '#0072b2'] as const;

/** Seconds of one objective with gradient, and memory, over the cells, as an SVG document. */
export function growthPlot(rows: readonly GrowthRow[]): string {
  const kinds = [...new Set(rows.map(({ pollutants }) => pollutants))].sort((a, b) => a - b);
  const panel = (title: string, yLabel: string, value: (row: GrowthRow) => number): ReturnType<typeof chartPanel> =>
    chartPanel({
      title,
      xLabel: 'cells',
      yLabel,
      series: kinds.map((pollutants, i) => ({
        label: pollutants === 1 ? 'one pollutant' : `${pollutants} pollutants`,
        color: COLOURS[i] ?? '#d55e00',
        dashed: false,
        points: rows
          .filter((row) => row.pollutants === pollutants)
          .map((row) => ({ x: row.cells, y: value(row) }))
          .sort((a, b) => a.x - b.x),
      })),
    });
  return svgDocument([
    panel('time', 'seconds for objective and gradient', ({ secondsEvaluation }) => secondsEvaluation),
    panel('memory of the process', 'MB', ({ peakBytes }) => peakBytes / 1e6),
  ]);
}
