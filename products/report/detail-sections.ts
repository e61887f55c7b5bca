// SPDX-License-Identifier: Apache-2.0
/** Sections for those who want to check: skill, parameters, fit, data quality, provenance. */
import type { ParameterSummary } from '../../artifacts/schemas/fit-result.js';
import {
  formatBytes,
  formatNumber,
  formatSeconds,
  formatShare,
  pollutantTitle,
  unitsForPeople,
} from '../formatting.js';
import type { SkillScores } from '../product-types.js';
import { lineChart } from './chart.js';
import { html, type Markup, NOTHING, pngDataUri } from './html.js';
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

/** Estimates with 95 % intervals, hyperparameters first. */
export function parameterSection({ inputs }: ReportInputs): Markup {
  const rows = (kind: ParameterSummary['kind'], title: string): Markup => {
    const selected = inputs.parameters.filter((parameter) => parameter.kind === kind);
    if (selected.length === 0) return NOTHING;
    return html`<tr class="group">
        <th colspan="4" scope="rowgroup">${title}</th>
      </tr>
      ${selected.map(
        (parameter) =>
          html`<tr>
            <td>${parameter.label}</td>
            <td class="number">${formatNumber(parameter.estimate)}</td>
            <td class="number">${formatNumber(parameter.lower95)} to ${formatNumber(parameter.upper95)}</td>
            <td>${unitsForPeople(parameter.units)}</td>
          </tr>`,
      )}`;
  };
  return html`<section id="parameters">
    <h2>Parameters</h2>
    <p class="soft">Estimates on their natural scale with 95 % intervals.</p>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th>Parameter</th>
            <th class="number">Estimate</th>
            <th class="number">95 % interval</th>
            <th>Unit</th>
          </tr>
        </thead>
        <tbody>
          ${rows('hyperparameter', 'Hyperparameters')}${rows('fixed-effect', 'Fixed effects')}
        </tbody>
      </table>
    </div>
  </section>`;
}

/** How the optimiser got there, and the mesh it worked on. */
export function fitSection({ inputs, meshPng }: ReportInputs): Markup {
  const { fit } = inputs;
  const last = fit.trace[fit.trace.length - 1]?.iteration ?? 0;
  const every = Math.max(1, Math.ceil((last + 1) / 7));
  const xTicks = fit.trace
    .filter(({ iteration }) => iteration % every === 0)
    .map(({ iteration }) => ({ value: iteration, label: String(iteration) }));
  const resumed = fit.resumedFromIteration > 0 ? `; resumed from iteration ${fit.resumedFromIteration}` : '';
  return html`<section id="fit">
    <h2>Fit</h2>
    <p class="lede">
      ${fit.iterations} iterations and ${fit.evaluations} evaluations in ${formatSeconds(fit.seconds)}${resumed}.
      Stopped: ${fit.stopReason}. Recursion: ${fit.recursion}.
    </p>
    ${
      fit.trace.length < 2
        ? NOTHING
        : html`<div class="charts">
            <figure class="plot">
              <figcaption>Objective <small>by iteration</small></figcaption>
              ${lineChart({
                title: 'Objective by iteration',
                series: [
                  { className: 'accent', points: fit.trace.map(({ iteration, objective }) => [iteration, objective]) },
                ],
                xTicks,
                xLabel: 'iteration',
              })}
            </figure>
            <figure class="plot">
              <figcaption>Largest component of the gradient <small>by iteration, logarithmic</small></figcaption>
              ${lineChart({
                title: 'Gradient norm by iteration',
                series: [
                  {
                    className: 'warm',
                    points: fit.trace.map(({ iteration, gradientNorm }) => [iteration, gradientNorm]),
                  },
                ],
                logarithmic: true,
                xTicks,
                xLabel: 'iteration',
              })}
            </figure>
          </div>`
    }
    ${
      meshPng === undefined
        ? NOTHING
        : html`<h3>Mesh</h3>
            <figure class="map narrow">
              <img src="${pngDataUri(meshPng)}" alt="Triangulation of the domain and its surroundings" loading="lazy" />
            </figure>`
    }
  </section>`;
}

/** The quality gate's decision, figures and findings. */
export function qualitySection({ inputs }: ReportInputs): Markup {
  const { quality } = inputs;
  const words = { pass: 'passed', degrade: 'degraded', fail: 'failed' } as const;
  const value = (number: number | null): string => (number === null ? '–' : formatNumber(number));
  return html`<section id="quality">
    <h2>Data quality</h2>
    <p><span class="badge ${quality.decision}">${words[quality.decision]}</span></p>
    ${
      quality.reasons.length === 0
        ? NOTHING
        : html`<ul>
            ${quality.reasons.map((reason) => html`<li>${reason}</li>`)}
          </ul>`
    }
    ${
      quality.figures.length === 0
        ? NOTHING
        : html`<div class="scroll">
              <table>
                <thead>
                  <tr>
                    <th>Input</th>
                    <th class="number">Lowest</th>
                    <th class="number">Mean</th>
                    <th class="number">Highest</th>
                    <th class="number">Missing</th>
                  </tr>
                </thead>
                <tbody>
                  ${quality.figures.map(
                    (figure) =>
                      html`<tr>
                        <td>${pollutantTitle(figure.pollutant)}</td>
                        <td class="number">${value(figure.min)}</td>
                        <td class="number">${value(figure.mean)}</td>
                        <td class="number">${value(figure.max)}</td>
                        <td class="number">${formatShare(figure.missingShare)}</td>
                      </tr>`,
                  )}
                </tbody>
              </table>
            </div>
            <p class="soft">µg/m³</p>`
    }
    ${
      quality.issues.length === 0
        ? html`<p class="soft">No findings.</p>`
        : html`<h3>Findings</h3>
            <ul class="issues">
              ${quality.issues.map((issue) => html`<li><span class="severity ${issue.severity}">${issue.severity}</span><span>${issue.message}</span></li>`)}
            </ul>`
    }
  </section>`;
}

/** Inputs, stages, versions, configuration and licences. */
export function provenanceSection({ inputs, stages }: ReportInputs): Markup {
  const { provenance, run } = inputs;
  const longest = Math.max(1e-9, ...stages.map((stage) => stage.seconds));
  const facts = [
    ...Object.entries(provenance.versions).map(([name, version]): [string, string] => [name, version]),
    ...Object.entries(provenance.run ?? {}),
  ];
  return html`<section id="provenance">
    <h2>Provenance</h2>
    <h3>Inputs</h3>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th>File</th>
            <th>Role</th>
            <th class="number">Size</th>
            <th>SHA-256</th>
          </tr>
        </thead>
        <tbody>
          ${provenance.inputs.map(
            (input) =>
              html`<tr>
                <td>${input.name}</td>
                <td>${input.role}</td>
                <td class="number">${formatBytes(input.bytes)}</td>
                <td><code>${input.sha256}</code></td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    <h3>Stages</h3>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th>Stage</th>
            <th class="number">Time</th>
            <th class="barcell"></th>
            <th>Result</th>
            <th>Why</th>
          </tr>
        </thead>
        <tbody>
          ${stages.map(
            (stage) =>
              html`<tr>
                <td>${stage.name}</td>
                <td class="number">${formatSeconds(stage.seconds)}</td>
                <td class="barcell">
                  <span
                    class="bar${stage.reused ? ' reused' : ''}"
                    style="width: ${((100 * stage.seconds) / longest).toFixed(1)}%"
                  ></span>
                </td>
                <td>${stage.reused ? 'reused' : 'computed'}</td>
                <td>${stage.reason}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    <h3>Versions</h3>
    <div class="scroll">
      <table>
        <tbody>
          ${facts.map(
            ([name, value]) =>
              html`<tr>
                <td>${name}</td>
                <td><code>${value}</code></td>
              </tr>`,
          )}
          <tr>
            <td>configuration (SHA-256)</td>
            <td><code>${provenance.configurationSha256}</code></td>
          </tr>
        </tbody>
      </table>
    </div>
    ${
      provenance.configuration === undefined
        ? NOTHING
        : html`<details>
            <summary>Configuration</summary>
            <pre>${JSON.stringify(provenance.configuration, null, 2)}</pre>
          </details>`
    }
    <h3>Licences</h3>
    ${run.simulated ? NOTHING : html`<p>Contains modified Copernicus Atmosphere Monitoring Service information. Neither the European Commission nor ECMWF is responsible for any use that may be made of the Copernicus information or data it contains.</p>`}
    <p>
      Made with Tramontana, Apache License 2.0. Coastlines and borders: Natural Earth, public domain. Lettering on maps:
      DejaVu fonts, free licence. Borders are drawn for orientation and express no opinion on the status of any
      territory.
    </p>
  </section>`;
}
