// SPDX-License-Identifier: Apache-2.0
/**
 * The report of a run: one HTML file that needs nothing else.
 *
 * @module
 */
import { isoDay } from '../../common/days.js';
import { float64At } from '../../common/entry.js';
import { SIMULATED_NOTICE } from '../cf-metadata.js';
import { capitalise, formatDay, formatLongDay, POLLUTANT_TITLE } from '../formatting.js';
import { areasSection } from './areas-section.js';
import { fitSection, parameterSection } from './fit-section.js';
import { provenanceSection, qualitySection } from './provenance-section.js';
import { evaluationSection } from './skill-section.js';
import { html, Markup, NOTHING } from './html.js';
import type { RunIdentity } from '../product-types.js';
import { inferenceSection } from './inference-section.js';
import { mapSections } from './map-section.js';
import { outlookSection } from './outlook-section.js';
import { tilesSection } from './tiles-section.js';
import { REPORT_SCRIPT, REPORT_STYLE } from './report-style.js';
import type { ReportInputs } from './report-types.js';

/** A north wind over hills. */
const LOGO = new Markup(
  '<svg viewBox="0 0 24 24" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="1.9" stroke-linecap="round"><path d="M3 8h11a3 3 0 1 0-3-3"/><path d="M3 12h15a3 3 0 1 1-3 3"/><path d="M2 20c4-4 7-4 10-1s6 2 10-1"/></svg>',
);

/**
 * Renders the report.
 *
 * The page holds its style, script and pictures; it sends no request, works without JavaScript, prints, and follows the
 * reader's light or dark setting.
 *
 * @returns A complete HTML document.
 */
export function renderReport(report: ReportInputs): string {
  const { run, posterior } = report.inputs;
  const place = run.title ?? run.domain;
  const names = posterior.variables.map((variable) => POLLUTANT_TITLE[variable.pollutant]).join(', ');
  const title = posterior.origins.includes('forecast') ? 'Air quality forecast' : 'Air quality analysis';
  const first = formatDay(isoDay(float64At(posterior.timesMs, 0)));
  const last = formatLongDay(isoDay(float64At(posterior.timesMs, posterior.timesMs.length - 1)));
  const span = posterior.timesMs.length === 1 ? last : `${first} to ${last}`;
  const { areaMeans, exceedanceRuns = [] } = report.inputs;
  const hasAreas = areaMeans !== undefined || exceedanceRuns.length > 0;
  const hasEvaluation = report.evaluation !== undefined && Object.keys(report.evaluation).length > 0;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="generator" content="Tramontana ${report.inputs.provenance.versions['tramontana'] ?? ''}" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
        />
        <title>${place}: ${title.toLowerCase()}, ${run.cycle}</title>
        <style>
          ${new Markup(REPORT_STYLE)}
        </style>
      </head>
      <body>
        <div class="wrap">
          <header class="top">
            <div class="brand">${LOGO}<span>Tramontana</span></div>
            <h1>${title}, ${place}</h1>
            <p class="lede">
              ${names} on a grid of ${(report.inputs.bands ?? posterior).resolutionDegrees}°, cycle of
              ${formatLongDay(run.cycle)}. Daily fields of ${span} (UTC), each with its uncertainty.
            </p>
            ${noticeBar(run)}
            <nav class="toc" aria-label="Sections">
              <a href="#outlook">Outlook</a>
              ${posterior.variables.map((variable) => html`<a href="#${variable.pollutant}">${POLLUTANT_TITLE[variable.pollutant]}</a>`)}
              ${hasAreas ? html`<a href="#areas">${areaMeans === undefined ? 'Days in a row' : 'Areas'}</a>` : NOTHING}
              ${hasEvaluation ? html`<a href="#evaluation">Skill</a>` : NOTHING}
              ${report.inputs.tiles === undefined ? NOTHING : html`<a href="#tiles">Tiles</a>`}
              <a href="#parameters">Parameters</a><a href="#inference">Inference</a><a href="#fit">Fit</a
              ><a href="#quality">Data quality</a><a href="#provenance">Provenance</a>
            </nav>
          </header>
          <main>
            ${outlookSection(report)} ${mapSections(report)} ${areasSection(report)} ${evaluationSection(report)}
            ${tilesSection(report)} ${parameterSection(report)} ${inferenceSection(report)} ${fitSection(report)}
            ${qualitySection(report)} ${provenanceSection(report)}
          </main>
          <footer>
            Numbers of this report: <code>summary.json</code>. Fields: <code>forecast.nc</code>. Pictures:
            <code>maps/</code>.
          </footer>
        </div>
        <script>
          ${new Markup(REPORT_SCRIPT)};
        </script>
      </body>
    </html> `.text;
}

/** What a reader must know before anything else: that data are simulated, and the notice of the configuration. */
function noticeBar(run: RunIdentity): Markup {
  if (!run.simulated) return run.notice === undefined ? NOTHING : html`<p class="notice">${run.notice}</p>`;
  const notice = run.notice ?? `${SIMULATED_NOTICE}.`;
  // Configured notices often begin with the very words.
  const rest = notice.replace(/^simulated data[.:]?\s*/i, '');
  return html`<p class="notice"><strong>Simulated data.</strong> ${capitalise(rest)}</p>`;
}
