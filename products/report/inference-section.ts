// SPDX-License-Identifier: Apache-2.0
/** How well the model describes its data, and what the data say about its parameters. */
import type { HyperparameterPosterior, InferenceSummary } from '../../artifacts/schemas/inference-summary.js';
import { formatSeconds, pollutantTitle, unitsForPeople } from '../formatting.js';
import { densityChart, unitHistogram } from './distribution-charts.js';
import { html, type Markup, NOTHING } from './html.js';
import type { ReportInputs } from './report-types.js';

/** Criteria, calibration, and each hyperparameter's posterior beside its prior. */
export function inferenceSection({ inputs }: ReportInputs): Markup {
  const { inference } = inputs;
  return html`<section id="inference">
    <h2>Inference</h2>
    <p class="lede">${searchSentence(inference)} ${integrationSentence(inference)}</p>
    ${criteriaTable(inference)}
    <h3>Calibration</h3>
    <p class="soft">
      Each value is predicted from all others; shown is where it falls in its predictive distribution (probability
      integral transform), relative to a uniform distribution. Flat bars mean calibrated predictions; a hump in the
      middle means predictions that are too cautious, bars that rise to the ends too bold ones, a slope a bias. The band
      holds 95 % of the bars of a calibrated model with independent values; neighbouring cells are not independent, so
      somewhat larger departures are no alarm.
    </p>
    <div class="charts small">${inference.pit.map(pitFigure)}</div>
    <h3>Hyperparameters: prior and posterior</h3>
    <p class="soft">
      <span class="key posterior"></span> posterior with its 95 % interval and median,
      <span class="key prior"></span> prior. Where the prior runs flat, the data decide; where the curves resemble each
      other, the prior does.
    </p>
    <div class="charts small">${inference.hyperparameters.map(densityFigure)}</div>
  </section>`;
}

/** The reason of the engine tells gradient and tolerance. */
function searchSentence({ search }: InferenceSummary): string {
  const { stopReason, evaluations, iterations, converged, activeBounds } = search;
  const verdict = converged ? '' : ' The mode may not be reached: read intervals with care.';
  const held = activeBounds.length === 0 ? '' : ` Held by a bound and taken as fixed: ${activeBounds.join(', ')}.`;
  return (
    `The search for the mode ended after ${iterations} iterations because ${stopReason}. ` +
    `With the curvature at the mode it took ${evaluations} evaluations.${verdict}${held}`
  );
}

/** What theta is integrated over. */
const DESIGN_WORDS = {
  lattice: 'a lattice',
  'central-composite': 'a central composite design',
  cubature: 'a cubature rule',
} as const;

function integrationSentence({ integration }: InferenceSummary): string {
  const { strategy, reason, points, failedPoints, seconds, requested } = integration;
  const why = requested === 'automatic' ? `chosen automatically: ${reason}` : reason;
  const took = `in ${formatSeconds(seconds)}`;
  if (strategy === 'empirical-bayes') {
    return `Hyperparameters are taken at their mode (empirical Bayes, ${took}; ${why}); the uncertainty of the maps is that of the fields given the mode.`;
  }
  const failed = failedPoints === 0 ? '' : `, of which ${failedPoints} could not be used`;
  return `Hyperparameters are integrated out over ${DESIGN_WORDS[strategy]} of ${points} points${failed} (${took}; ${why}); the uncertainty of the maps includes theirs.`;
}

function criteriaTable({ criteria }: InferenceSummary): Markup {
  const fixed = (value: number, decimals: number): string => value.toFixed(decimals).replace('-', '−');
  const row = (name: string, value: string, effective: string, meaning: string): Markup =>
    html`<tr>
      <td>${name}</td>
      <td class="number">${value}</td>
      <td class="number">${effective}</td>
      <td>${meaning}</td>
    </tr>`;
  return html`<div class="scroll">
      <table>
        <thead>
          <tr>
            <th>Criterion</th>
            <th class="number">Value</th>
            <th class="number">Effective parameters</th>
            <th>Better is</th>
          </tr>
        </thead>
        <tbody>
          ${row('Log marginal likelihood', fixed(criteria.logMarginalLikelihood, 1), '', 'higher')}
          ${row('DIC', fixed(criteria.dic, 1), fixed(criteria.dicEffectiveParameters, 1), 'lower')}
          ${row('WAIC', fixed(criteria.waic, 1), fixed(criteria.waicEffectiveParameters, 1), 'lower')}
          ${row('Leave-one-out log score', fixed(criteria.logScore, 4), '', 'lower')}
        </tbody>
      </table>
    </div>
    <p class="soft">
      Of ${criteria.numObservations} concentrations in µg/m³; comparable between models of the same values.
      ${
        criteria.cpoFailures === 0
          ? 'Every value has a usable leave-one-out density.'
          : `${criteria.cpoFailures} values have no usable leave-one-out density (CPO failures): treat score and histograms with care.`
      }
    </p>`;
}

function pitFigure({ pollutant, counts, uniformBand, days }: InferenceSummary['pit'][number]): Markup {
  const number = counts.reduce((sum, count) => sum + count, 0);
  const title = pollutantTitle(pollutant);
  return html`<figure class="plot">
    <figcaption>
      ${title} <small>${number} values of ${days === 'analysis' ? 'analysis days' : 'all days'}</small>
    </figcaption>
    ${unitHistogram({
      title: `Histogram of the probability integral transform, ${title}`,
      counts,
      band: uniformBand,
      xLabel: 'predictive probability of a lower value',
    })}
  </figure>`;
}

function densityFigure(parameter: HyperparameterPosterior): Markup {
  const { label, units, grid, posteriorDensity, priorDensity, lower95, median, upper95, priorStatement } = parameter;
  const unit = unitsForPeople(units);
  return html`<figure class="plot">
    <figcaption>${label}</figcaption>
    ${densityChart({
      title: `Prior and posterior density: ${label}`,
      grid,
      posterior: posteriorDensity,
      prior: priorDensity,
      quantiles: [lower95, median, upper95],
      xLabel: unit === '' ? 'no unit' : unit,
    })}
    ${priorStatement === '' ? NOTHING : html`<p class="prior-statement">Prior: ${priorStatement}</p>`}
  </figure>`;
}
