// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { exposureRecords } from '../headline.js';
import { evaluateAgainstTruth } from '../scores.js';
import { AREA_NAMES, syntheticAreaMeans, syntheticRuns } from '../testing/synthetic-areas.js';
import { PO_VALLEY, type SyntheticDomain, TINY } from '../testing/synthetic-fields.js';
import { syntheticInputs } from '../testing/synthetic-run.js';
import { lineChart, linearTicks } from './chart.js';
import { html, Markup } from './html.js';
import { renderReport } from './report.js';
import type { ReportInputs } from './report-types.js';

/** One transparent pixel. */
const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
);

function reportOf(domain: SyntheticDomain, change: Partial<ReportInputs['inputs']> = {}): string {
  const inputs = { ...syntheticInputs({ ...domain, resolutionDegrees: 0.1 }), ...change };
  const { posterior, coarse, truth, thresholds } = inputs;
  const day = new Date(posterior.timesMs[posterior.timesMs.length - 1] as number).toISOString().slice(0, 10);
  return renderReport({
    inputs,
    exceedance: exposureRecords(posterior, thresholds),
    ...(truth === undefined ? {} : { evaluation: evaluateAgainstTruth({ posterior, coarse, truth }) }),
    stages: inputs.stages,
    maps: posterior.variables.map(({ pollutant }) => ({
      pollutant,
      quantity: 'mean',
      day,
      path: 'maps/x.png',
      png: PIXEL,
    })),
    comparisons: [],
    meshPng: PIXEL,
  });
}

test('the page is self-contained: no address but data and its own anchors', () => {
  const page = reportOf(PO_VALLEY);

  for (const [, address] of page.matchAll(/(?:src|href|action|poster)="([^"]*)"/g)) {
    assert.match(address as string, /^(data:image\/png;base64,|#)/);
  }
  assert.doesNotMatch(page, /@import|url\(|https?:\/\/|<link|<iframe/);
});

test('every anchor has its target, every identifier is unique', () => {
  const page = reportOf(PO_VALLEY);

  const identifiers = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id as string);
  assert.equal(new Set(identifiers).size, identifiers.length);
  for (const [, anchor] of page.matchAll(/href="#([^"]+)"/g)) assert.ok(identifiers.includes(anchor as string), anchor);
  for (const [, target] of page.matchAll(/ for="([^"]+)"/g)) assert.ok(identifiers.includes(target as string), target);
});

test('elements are balanced', () => {
  const page = reportOf(PO_VALLEY).replaceAll(/<(style|script)>[\s\S]*?<\/\1>/g, '');
  const open: string[] = [];
  for (const [, slash, name, , selfClosed] of page.matchAll(/<(\/?)([a-z][a-z0-9]*)\b((?:"[^"]*"|[^">])*?)(\/?)>/g)) {
    if (['meta', 'input', 'img', 'br'].includes(name as string) || selfClosed === '/') continue;
    if (slash === '') open.push(name as string);
    else assert.equal(open.pop(), name);
  }
  assert.deepEqual(open, []);
});

test('areas and days in a row have tables of the first days to come, names are text, and what is left out is said', () => {
  const { posterior, thresholds } = syntheticInputs({ ...PO_VALLEY, resolutionDegrees: 0.1 });
  const joint = { areaMeans: syntheticAreaMeans(posterior, thresholds), exceedanceRuns: syntheticRuns(posterior) };
  const page = reportOf(PO_VALLEY, joint);
  const section = /<section id="areas">[\s\S]*?<\/section>/.exec(page)?.[0] ?? '';

  assert.match(page, /<a href="#areas">Areas<\/a>/);
  // three pollutants and the days in a row
  assert.equal([...section.matchAll(/<table>/g)].length, 4);
  assert.equal([...section.matchAll(/<td>Ivrea<\/td>/g)].length, 3);
  assert.ok(AREA_NAMES.includes('<b>Bra</b>') && section.includes('<td>&lt;b&gt;Bra&lt;/b&gt;</td>'));
  assert.match(section, /Genova: 12 % of its surface/);
  assert.match(section, /7 areas of the file lie beyond the domain/);
  assert.match(section, /PM₂\.₅ 12\.5 µg\/m³/);
  assert.match(section, /up to Fri 24 Jan/);
  assert.doesNotMatch(reportOf(TINY), /id="areas"/);
});

test('it says what it shows: skill, parameters, quality, provenance, and that data are simulated', () => {
  const page = reportOf(PO_VALLEY);

  for (const text of [
    'Skill against the known truth',
    'Spatial range, PM2.5',
    'Log marginal likelihood',
    'WAIC',
    'because the gradient is below its tolerance',
    'central composite design of 25 points',
    'degraded',
    'ENS_ANALYSIS.nc',
    'reused',
    'Simulated data.',
  ]) {
    assert.ok(page.includes(text), text);
  }
  assert.equal([...page.matchAll(/<input[^>]* checked/g)].length, 3, 'one day is chosen for each pollutant');
});

test('real data carry the attribution; an analysis alone has no forecast words', () => {
  const page = reportOf(TINY);

  assert.ok(page.includes('Contains modified Copernicus Atmosphere Monitoring Service information'));
  assert.ok(page.includes('Air quality analysis'));
  assert.ok(!page.includes('Skill against'));
  assert.ok(!page.includes('Simulated data'));
});

test('a run without thresholds, mesh or trace still has a report', () => {
  const { fit } = syntheticInputs(TINY);
  const page = reportOf({ ...TINY, analysisDays: 1 }, { thresholds: [], fit: { ...fit, trace: [] } });

  assert.ok(page.includes('No threshold is configured'));
  assert.ok(!page.includes('NaN'));
});

test('it says what estimated the fields and what maps them, and why', () => {
  const route = { reason: '14 x 22 complete cells', tiles: 1, issues: [] } as const;
  const page = (name: 'grid' | 'mesh', maps: 'grid' | 'mesh'): string =>
    reportOf(TINY, { route: { name, maps, ...route } });

  assert.ok(page('grid', 'grid').includes('Estimated on the grid of the cells: 14 x 22 complete cells.'));
  assert.ok(page('mesh', 'mesh').includes('Estimated on a mesh: 14 x 22 complete cells.'));
  assert.ok(page('mesh', 'grid').includes('the maps are those of the grid of the cells'));
  assert.ok(!reportOf(TINY).includes('Estimated on'));
});

test('text from outside cannot become markup', () => {
  const page = reportOf(TINY, {
    run: {
      domain: 'x',
      title: '<script>alert(1)</script>',
      cycle: '2025-01-24',
      simulated: false,
      notice: '"><img src=x>',
    },
  });

  assert.ok(!page.includes('<script>alert'));
  assert.ok(!page.includes('<img src=x>'));
  assert.equal(html`${'a<b'} ${new Markup('<i>')} ${[html`${1}`, html`&amp;`]}`.text, 'a&lt;b <i> 1\n&amp;');
});

test('calibration has one histogram a pollutant, hyperparameters one chart each with its unit', () => {
  const page = reportOf(PO_VALLEY);
  const { inference } = syntheticInputs(PO_VALLEY);

  assert.equal([...page.matchAll(/Histogram of the probability integral transform/g)].length, 3);
  assert.equal([...page.matchAll(/class="bin"/g)].length, 3 * 20);
  assert.equal([...page.matchAll(/Prior and posterior density: /g)].length, inference.hyperparameters.length);
  for (const unit of ['>km<', '>days<', '>µg m⁻³<']) assert.ok(page.includes(unit), unit);
  assert.doesNotMatch(page, /NaN|Infinity/);
});

test('a search that did not converge and a mode taken for certain are told', () => {
  const { inference } = syntheticInputs(TINY);
  const page = reportOf(TINY, {
    inference: {
      ...inference,
      integration: { ...inference.integration, strategy: 'empirical-bayes' },
      search: {
        ...inference.search,
        converged: false,
        activeBounds: ['log_range_km_no2'],
        stopReason: 'the maximum number of iterations is reached',
      },
      criteria: { ...inference.criteria, cpoFailures: 2 },
    },
  });

  assert.ok(page.includes('because the maximum number of iterations is reached'));
  assert.ok(page.includes('The mode may not be reached'));
  assert.ok(page.includes('Held by a bound and taken as fixed: log_range_km_no2'));
  assert.ok(page.includes('empirical Bayes'));
  assert.ok(page.includes('2 values have no usable leave-one-out density'));
});

test('ticks are round and span the values', () => {
  assert.deepEqual(linearTicks(3, 47), [0, 10, 20, 30, 40, 50]);
  assert.deepEqual(linearTicks(-0.2, 0.9), [-0.5, 0, 0.5, 1]);
  const constant = linearTicks(7, 7);
  assert.ok((constant[0] as number) <= 7 && (constant[constant.length - 1] as number) >= 7);
});

test('a chart leaves out what cannot be drawn', () => {
  const chart = lineChart({
    title: 'x',
    logarithmic: true,
    series: [
      {
        className: 'a',
        points: [
          [0, 10],
          [1, 0],
          [2, Number.NaN],
          [3, 0.01],
        ],
      },
    ],
    xTicks: [],
  }).text;

  assert.doesNotMatch(chart, /NaN|Infinity/);
  assert.match(lineChart({ title: 'x', series: [], xTicks: [] }).text, /No values/);
});
