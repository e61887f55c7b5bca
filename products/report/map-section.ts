// SPDX-License-Identifier: Apache-2.0
/** The maps of the report, pollutant by pollutant, with a day selector that needs no script. */
import { isoDay } from '../../common/days.js';
import { float64At } from '../../common/entry.js';
import type { FineGridVariable } from '../../artifacts/schemas/fine-grid-posterior.js';
import { STATISTIC_LABEL } from '../cf-metadata.js';
import {
  capitalise,
  formatConcentration,
  formatNumber,
  formatShare,
  formatShortDay,
  POLLUTANT_TITLE,
} from '../formatting.js';
import { dayNote, mappedDays, sliceDay } from '../maps/map-set.js';
import { html, type Markup, NOTHING, pngDataUri } from './html.js';
import type { ReportInputs, ReportMap } from './report-types.js';

/** One section a pollutant. */
export function mapSections(report: ReportInputs): Markup[] {
  return report.inputs.posterior.variables.map((variable) => pollutantSection(report, variable));
}

function pollutantSection(report: ReportInputs, variable: FineGridVariable): Markup {
  const { posterior } = report.inputs;
  const { pollutant } = variable;
  const days = mappedDays(posterior);
  // Readers come for the first day ahead.
  const firstForecast = days.find((t) => posterior.origins[t] === 'forecast') ?? days[0];
  const comparison = report.comparisons.find((map) => map.pollutant === pollutant);
  return html`<section id="${pollutant}">
    <h2>${POLLUTANT_TITLE[pollutant]}</h2>
    <p class="soft">
      ${capitalise(STATISTIC_LABEL[variable.statistic])}, cell means of ${posterior.resolutionDegrees}°, µg/m³. Colours
      mean the same on every day.
    </p>
    <div class="tabs">
      ${days.map((t) => {
        const day = isoDay(float64At(posterior.timesMs, t));
        const id = `${pollutant}-${day}`;
        return html`<input
            type="radio"
            name="day-${pollutant}"
            id="${id}"
            data-day="${day}"
            ${t === firstForecast ? html` checked` : NOTHING}
          />
          <label for="${id}"
            >${formatShortDay(day)} <small>${dayNote(posterior, t, variable).toLowerCase()}</small></label
          >
          <div class="panel">${dayPanel(report, variable, t, day)}</div>`;
      })}
    </div>
    ${
      comparison === undefined
        ? NOTHING
        : html`<h3>Coarse and fine</h3>
            ${picture(comparison, `${POLLUTANT_TITLE[pollutant]}: coarse input beside the posterior mean`, 'The same day in the same colours')}`
    }
  </section>`;
}

function dayPanel(report: ReportInputs, variable: FineGridVariable, t: number, day: string): Markup {
  const maps = report.maps.filter((map) => map.pollutant === variable.pollutant && map.day === day);
  const main = maps.find((map) => map.quantity === 'mean');
  const side = maps.filter((map) => map !== main);
  return html`<div class="maps${side.length === 0 ? ' single' : ''}">
    <div class="main">
      ${main === undefined ? NOTHING : picture(main, mapTitle(main), 'Posterior mean')}
      ${dayFigures(report, variable, t, day)}
    </div>
    ${
      side.length === 0
        ? NOTHING
        : html`<div class="side">
            ${side.map((map) => picture(map, mapTitle(map), capitalise(quantityInWords(map.quantity))))}
          </div>`
    }
  </div>`;
}

function dayFigures(report: ReportInputs, variable: FineGridVariable, t: number, day: string): Markup {
  const { posterior } = report.inputs;
  const mean = sliceDay(posterior, variable.mean, t);
  const sd = sliceDay(posterior, variable.sd, t);
  const records = report.exceedance.filter((record) => record.pollutant === variable.pollutant && record.day === day);
  let highest = 0;
  mean.forEach((value, cell) => {
    if (value > float64At(mean, highest)) highest = cell;
  });
  const halfWidth = 1.96 * float64At(sd, highest);
  const top = float64At(mean, highest);
  const average = records[0]?.areaMean_ug_m3 ?? mean.reduce((sum, value) => sum + value, 0) / mean.length;
  return html`<dl class="figures">
    <div>
      <dt>Area mean</dt>
      <dd>${formatNumber(average)} <small>µg/m³</small></dd>
    </div>
    <div>
      <dt>Highest cell</dt>
      <dd>
        ${formatNumber(top)}
        <small>µg/m³ (95 %: ${formatNumber(Math.max(0, top - halfWidth))} to ${formatNumber(top + halfWidth)})</small>
      </dd>
    </div>
    ${records.map(
      (record) =>
        html`<div>
          <dt>Area likely above ${formatConcentration(record.value_ug_m3)} µg/m³</dt>
          <dd>
            ${formatShare(record.areaShareLikely)}
            <small>highest probability ${formatShare(record.highestProbability)}</small>
          </dd>
        </div>`,
    )}
  </dl>`;
}

function picture(map: ReportMap, alt: string, caption: string): Markup {
  return html`<figure class="map">
    <figcaption>${caption}</figcaption>
    <img src="${pngDataUri(map.png)}" alt="${alt}" loading="lazy" />
  </figure>`;
}

function mapTitle(map: ReportMap): string {
  return `Map of ${POLLUTANT_TITLE[map.pollutant]}, ${quantityInWords(map.quantity)}, ${map.day}`;
}

/** "p_exceed_12p5" as "probability of more than 12.5 µg/m³". */
function quantityInWords(quantity: string): string {
  if (quantity === 'mean') return 'posterior mean';
  if (quantity === 'sd') return 'posterior standard deviation';
  return `probability of more than ${quantity.replace('p_exceed_', '').replace('p', '.')} µg/m³`;
}
