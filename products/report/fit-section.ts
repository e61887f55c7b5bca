// SPDX-License-Identifier: Apache-2.0
/** What was fitted, and how the search went. */
import type { EstimationRoute } from '../../artifacts/schemas/estimation-route.js';
import type { FitStart, ParameterSummary } from '../../artifacts/schemas/fit-result.js';
import { savedInWords, startWords } from '../../artifacts/schemas/fit-start-words.js';
import { formatNumber, formatSeconds, unitsForPeople } from '../formatting.js';
import { lineChart } from './chart.js';
import { html, type Markup, NOTHING, pngDataUri } from './html.js';
import type { ReportInputs } from './report-types.js';

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
    <p class="soft">
      ${
        inputs.tiles === undefined
          ? 'Estimates on their natural scale with 95 % intervals.'
          : 'Of a tile drawn at random: median over the tiles, and the range in which a value lies with 95 % probability, the uncertainty of each tile included.'
      }
    </p>
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

/** The route and its reason. */
function routeSentence({ name, maps, reason }: EstimationRoute): string {
  const estimator = name === 'grid' ? 'the grid of the cells' : 'a mesh';
  const mapped = maps === name ? '' : '; the maps are those of the grid of the cells';
  return `Estimated on ${estimator}: ${reason}${mapped}.`;
}

/** Where the search began, why, and what that saved. */
function startSentence(start: FitStart): string {
  const saved = savedInWords(start);
  return `The search began at ${startWords(start.from)} (${start.reason})${saved === '' ? '' : `: ${saved}`}.`;
}

/** What estimated the hyperparameters, how the optimiser got there, and the mesh it worked on. */
export function fitSection({ inputs, meshPng }: ReportInputs): Markup {
  const { fit, route } = inputs;
  const last = fit.trace[fit.trace.length - 1]?.iteration ?? 0;
  const every = Math.max(1, Math.ceil((last + 1) / 7));
  const xTicks = fit.trace
    .filter(({ iteration }) => iteration % every === 0)
    .map(({ iteration }) => ({ value: iteration, label: String(iteration) }));
  const resumed = fit.resumedFromIteration > 0 ? `; resumed from iteration ${fit.resumedFromIteration}` : '';
  return html`<section id="fit">
    <h2>Fit</h2>
    ${route === undefined ? NOTHING : html`<p>${routeSentence(route)}</p>`}
    <p class="lede">
      ${fit.iterations} iterations and ${fit.evaluations} evaluations in ${formatSeconds(fit.seconds)}${resumed}.
      Stopped: ${fit.stopReason}. Recursion: ${fit.recursion}.
    </p>
    ${fit.start === undefined ? NOTHING : html`<p>${startSentence(fit.start)}</p>`}
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
