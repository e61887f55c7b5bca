// SPDX-License-Identifier: Apache-2.0
/** What went in: the quality of the data, inputs, stages, versions, licences. */
import { formatBytes, formatNumber, formatSeconds, formatShare, pollutantTitle } from '../formatting.js';
import { html, type Markup, NOTHING } from './html.js';
import type { ReportInputs } from './report-types.js';

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
