// SPDX-License-Identifier: Apache-2.0
/** Means over areas and days in a row: what joint draws tell. */
import type { AreaMeans, AreaMeansVariable, ExceedanceRun } from '../../artifacts/schemas/area-means.js';
import type { FineGridPosterior } from '../../artifacts/schemas/fine-grid-posterior.js';
import { isoDay } from '../../common/days.js';
import { float64At } from '../../common/entry.js';
import { formatConcentration, formatNumber, formatShare, formatShortDay, POLLUTANT_TITLE } from '../formatting.js';
import { highestProbability } from '../exceedance-runs.js';
import { mappedDays } from '../maps/map-set.js';
import { html, type Markup, NOTHING } from './html.js';
import type { ReportInputs } from './report-types.js';

/** Rows of a table of a report; the files hold all of them. */
const MOST_AREAS = 40;
const MOST_LEFT_OUT = 20;
const MOST_DAYS = 5;

/** Tables of areas by pollutant, and the highest probabilities of days in a row; nothing where neither was asked for. */
export function areasSection({ inputs }: ReportInputs): Markup {
  const { areaMeans, exceedanceRuns = [], posterior } = inputs;
  if (areaMeans === undefined && exceedanceRuns.length === 0) return NOTHING;
  const days = mappedDays(posterior).slice(0, MOST_DAYS);
  return html`<section id="areas">
    <h2>${areaMeans === undefined ? 'Days in a row' : 'Areas'}</h2>
    ${areaMeans === undefined ? NOTHING : areaTables(areaMeans, posterior, days)}
    ${exceedanceRuns.length === 0 ? NOTHING : runsTable(exceedanceRuns, posterior, days)}
  </section>`;
}

function areaTables(means: AreaMeans, posterior: FineGridPosterior, days: readonly number[]): Markup {
  const { areas, leftOut, numBeyond, numSamples } = means;
  const beyond = numBeyond === 0 ? '' : ` ${numBeyond} areas of the file lie beyond the domain.`;
  return html`<p class="lede">
      Mean concentration over an area, µg/m³, with its 95 % interval from ${numSamples} joint draws of the maps. All
      days are in <code>areas.csv</code> and <code>areas.parquet</code>.${beyond}
    </p>
    ${means.variables.map((variable) => areaTable(means, variable, posterior, days))}
    ${areas.length > MOST_AREAS ? html`<p class="soft">The ${MOST_AREAS} areas of the highest means, of ${areas.length}.</p>` : NOTHING}
    ${
      leftOut.length === 0
        ? NOTHING
        : html`<h3>Left out</h3>
            <ul>
              ${leftOut.slice(0, MOST_LEFT_OUT).map(({ name, reason }) => html`<li>${name}: ${reason}</li>`)}
              ${leftOut.length > MOST_LEFT_OUT ? html`<li>and ${leftOut.length - MOST_LEFT_OUT} more</li>` : NOTHING}
            </ul>`
    }`;
}

function areaTable(
  { areas }: AreaMeans,
  { pollutant, mean, q025, q975 }: AreaMeansVariable,
  posterior: FineGridPosterior,
  days: readonly number[],
): Markup {
  if (areas.length === 0) return NOTHING;
  const at = (day: number, area: number): number => day * areas.length + area;
  const highest = (area: number): number => Math.max(...days.map((day) => float64At(mean, at(day, area))));
  const shown = [...areas.keys()].sort((a, b) => highest(b) - highest(a)).slice(0, MOST_AREAS);
  return html`<h3>${POLLUTANT_TITLE[pollutant]}</h3>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th>Area</th>
            ${days.map((day) => html`<th class="number">${dayName(posterior, day)}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${shown.map(
            (area) =>
              html`<tr>
                <td>${areas[area]?.name ?? ''}</td>
                ${days.map((day) => {
                  const [value, low, high] = [mean, q025, q975].map((values) =>
                    formatNumber(float64At(values, at(day, area))),
                  );
                  return html`<td class="number">
                    ${value ?? ''} <span class="soft">(${low ?? ''} to ${high ?? ''})</span>
                  </td>`;
                })}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
}

function runsTable(runs: readonly ExceedanceRun[], posterior: FineGridPosterior, days: readonly number[]): Markup {
  return html`<h3>Highest probability of days in a row</h3>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th>Above</th>
            <th class="number">Days</th>
            ${days.map((day) => html`<th class="number">up to ${dayName(posterior, day)}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${runs.map(
            (run) =>
              html`<tr>
                <td>${POLLUTANT_TITLE[run.pollutant]} ${formatConcentration(run.value_ug_m3)} µg/m³</td>
                <td class="number">${run.days}</td>
                ${days.map((day) => {
                  const highest = highestProbability(run, posterior.timesMs.length, day);
                  return html`<td class="number">${highest === null ? '–' : formatShare(highest)}</td>`;
                })}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    <p class="soft">Of the cells, by the last of the days; the maps are in <code>forecast.nc</code>.</p>`;
}

function dayName({ timesMs }: FineGridPosterior, day: number): string {
  return formatShortDay(isoDay(float64At(timesMs, day)));
}
