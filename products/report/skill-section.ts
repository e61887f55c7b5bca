// SPDX-License-Identifier: Apache-2.0
import { formatNumber, pollutantTitle } from '../formatting.js';
import type { SkillScores } from '../product-types.js';
import { html, type Markup, NOTHING } from './html.js';
import type { ReportInputs } from './report-types.js';

/** RMSE against bilinear interpolation, and coverage; nothing where no truth is known. */
export function evaluationSection({ evaluation }: ReportInputs): Markup {
  if (evaluation === undefined || Object.keys(evaluation).length === 0) return NOTHING;
  const row = (name: string, kind: string, scores: SkillScores): Markup =>
    html`<tr>
      <td>${pollutantTitle(name)}</td>
      <td>${kind}</td>
      <td class="number">${scores.days}</td>
      <td class="number">${formatNumber(scores.rmse)}</td>
      <td class="number">${formatNumber(scores.rmseBilinear)}</td>
      <td class="number">${formatChange(scores)}</td>
      <td class="number">${(100 * scores.coverage95).toFixed(1)} %</td>
    </tr>`;
  return html`<section id="evaluation">
    <h2>Skill against the known truth</h2>
    <p class="lede">
      Error of the posterior mean on the fine grid, beside that of interpolating the coarse field bilinearly. Coverage
      is the share of cells whose truth lies in the 95 % interval; honest intervals cover about 95 %.
    </p>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th>Pollutant</th>
            <th>Days</th>
            <th class="number">Number</th>
            <th class="number">RMSE, µg/m³</th>
            <th class="number">Bilinear RMSE</th>
            <th class="number">Change</th>
            <th class="number">Coverage</th>
          </tr>
        </thead>
        <tbody>
          ${Object.entries(evaluation).flatMap(([name, scores]) => [
            row(name, 'analysis', scores),
            ...(scores.forecast === undefined ? [] : [row(name, 'forecast', scores.forecast)]),
          ])}
        </tbody>
      </table>
    </div>
  </section>`;
}

function formatChange({ rmse, rmseBilinear }: SkillScores): string {
  if (rmseBilinear === 0) return '–';
  const change = Math.round(100 * (rmse / rmseBilinear - 1));
  return `${change > 0 ? '+' : change < 0 ? '−' : ''}${Math.abs(change)} %`;
}
