// SPDX-License-Identifier: Apache-2.0
/** What a reader wants first: sentences, a table of days, and the course of the days. */
import { isoDay } from '../../common/days.js';
import { float64At } from '../../common/entry.js';
import type { FineGridVariable } from '../../artifacts/schemas/fine-grid-posterior.js';
import { formatConcentration, formatShare, formatShortDay, POLLUTANT_TITLE } from '../formatting.js';
import { type ExposureRecord, headlineSentences } from '../headline.js';
import { dayNote, mappedDays, sliceDay } from '../maps/map-set.js';
import { lineChart } from './chart.js';
import { html, Markup, NOTHING } from './html.js';
import type { ReportInputs } from './report-types.js';

/** Shapes as well as colours tell the levels apart. */
const MARK: Readonly<Record<'likely' | 'possible' | 'unlikely', Markup>> = {
  likely: new Markup(
    '<svg class="mark" viewBox="0 0 20 20" aria-hidden="true"><path fill="currentColor" d="M10 2 19 18H1Z"/></svg>',
  ),
  possible: new Markup(
    '<svg class="mark" viewBox="0 0 20 20" aria-hidden="true"><path fill="currentColor" d="M10 1 19 10 10 19 1 10Z"/></svg>',
  ),
  unlikely: new Markup(
    '<svg class="mark" viewBox="0 0 20 20" aria-hidden="true"><circle cx="10" cy="10" r="7.5" fill="currentColor"/></svg>',
  ),
};

/** From this share on a cell of the table is dark enough for light text. */
const STRONG_SHARE = 0.65;

/** Headline, table of days and thresholds, time series. */
export function outlookSection(report: ReportInputs): Markup {
  const { posterior } = report.inputs;
  const hasForecast = posterior.origins.includes('forecast');
  // of a cycle without a run of its own, forecasts of days that are over stand before the days ahead
  const { cycle } = report.inputs.run;
  const sentences = headlineSentences(
    report.exceedance.filter(({ origin, day }) => origin !== 'forecast' || day >= cycle),
  );
  return html`<section id="outlook">
    <h2>${hasForecast ? 'The days ahead' : 'The latest day'}</h2>
    ${report.inputs.thresholds.length === 0 ? html`<p class="soft">No threshold is configured for these pollutants.</p>` : NOTHING}
    <ul class="headline">
      ${sentences.map((sentence) => html`<li class="${sentence.level}">${MARK[sentence.level]}<span>${sentence.text}</span></li>`)}
    </ul>
    ${sentences.length === 0 ? NOTHING : glanceTable(report)}
    ${
      posterior.timesMs.length < 2
        ? NOTHING
        : html`<h3>Course of the days</h3>
            <p class="soft">
              Line: mean over the area. Band: where the middle 80 % of the cells lie. Shaded: forecast.
            </p>
            <div class="charts">${posterior.variables.map((variable) => courseChart(report, variable))}</div>`
    }
  </section>`;
}

function glanceTable(report: ReportInputs): Markup {
  const { posterior, thresholds } = report.inputs;
  const days = mappedDays(posterior).map((t) => ({ t, day: isoDay(float64At(posterior.timesMs, t)) }));
  const recordOf = (pollutant: string, value: number, day: string): ExposureRecord | undefined =>
    report.exceedance.find((one) => one.pollutant === pollutant && one.value_ug_m3 === value && one.day === day);
  return html`<h3>Share of the area where exceeding is more likely than not</h3>
    <div class="scroll">
      <table class="glance">
        <thead>
          <tr>
            <th></th>
            ${days.map(({ t, day }) => html`<th scope="col">${formatShortDay(day)}<small>${dayNote(posterior, t).toLowerCase()}</small></th>`)}
          </tr>
        </thead>
        <tbody>
          ${thresholds
            .filter(({ pollutant }) => posterior.variables.some((variable) => variable.pollutant === pollutant))
            .map(
              ({ pollutant, value_ug_m3, label }) =>
                html`<tr>
                  <th scope="row">
                    ${POLLUTANT_TITLE[pollutant]} above ${formatConcentration(value_ug_m3)} µg/m³<small>${label}</small>
                  </th>
                  ${days.map(({ day }) => {
                    const share = recordOf(pollutant, value_ug_m3, day)?.areaShareLikely ?? 0;
                    return html`<td${share > STRONG_SHARE ? html` class="strong"` : NOTHING} style="--share: ${share.toFixed(3)}">${formatShare(share)}</td>`;
                  })}
                </tr>`,
            )}
        </tbody>
      </table>
    </div>`;
}

function courseChart({ inputs }: ReportInputs, variable: FineGridVariable): Markup {
  const { posterior, thresholds } = inputs;
  const firstForecast = posterior.origins.indexOf('forecast');
  const days = Array.from(posterior.timesMs, (_, t) => {
    const cells = sliceDay(posterior, variable.mean, t)
      .filter((value) => Number.isFinite(value))
      .sort();
    const at = (order: number): number => float64At(cells, Math.round(order * (cells.length - 1)));
    return { t, mean: cells.reduce((sum, value) => sum + value, 0) / cells.length, low: at(0.1), high: at(0.9) };
  });
  const every = Math.ceil(days.length / 6);
  return html`<figure class="plot">
    <figcaption>${POLLUTANT_TITLE[variable.pollutant]} <small>µg/m³</small></figcaption>
    ${lineChart({
      title: `${variable.pollutant}: mean over the area by day`,
      series: [{ className: 'accent', dots: true, points: days.map(({ t, mean }) => [t, mean]) }],
      band: { points: days.map(({ t, low, high }) => [t, low, high]) },
      references: thresholds
        .filter(({ pollutant }) => pollutant === variable.pollutant)
        .map(({ value_ug_m3, label }) => ({
          value: value_ug_m3,
          label: label.startsWith('WHO') ? `WHO guideline ${formatConcentration(value_ug_m3)}` : label,
        })),
      ...(firstForecast < 0 ? {} : { shadeFrom: Math.max(0, firstForecast - 0.5) }),
      xTicks: days
        .filter(({ t }) => t % every === 0)
        .map(({ t }) => ({ value: t, label: shortDate(isoDay(float64At(posterior.timesMs, t))) })),
    })}
  </figure>`;
}

/** "24 Jan". */
function shortDate(day: string): string {
  return formatShortDay(day).split(' ').slice(1).join(' ');
}
