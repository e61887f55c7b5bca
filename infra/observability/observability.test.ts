// SPDX-License-Identifier: Apache-2.0
/** Alert rules, dashboard and manual belong together; promtool is the judge of the rules where it is installed. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { METRICS } from '../../activities/index.js';
import { packageFolder } from '../../common/version.js';
import { alertRules, dashboard, metricsAskedFor, NO_PROMTOOL, promtool } from '../../tests/support/prometheus-text.js';

const FOLDER = join(packageFolder(), 'infra', 'observability');
const MANUAL = readFileSync(join(packageFolder(), 'docs', 'observability.md'), 'utf8');

describe('alert rules', () => {
  it('say what happened, what it means and what to do, and lead to the manual', () => {
    assert.ok(alertRules().length >= 10);
    for (const { alert, labels, annotations } of alertRules()) {
      assert.match(labels['severity'] ?? '', /^(page|ticket)$/u, alert);
      assert.ok((annotations['summary'] ?? '').length > 20, alert);
      assert.ok((annotations['description'] ?? '').split(/[.:;] /u).length >= 3, `${alert}: happened, means, to do`);
      assert.equal(annotations['manual'], `docs/observability.md#${alert.toLowerCase()}`);
      assert.match(MANUAL, new RegExp(`^### ${alert}$`, 'mu'), `${alert} has a section of the manual`);
    }
  });

  it('and the manual speak of no alert that is not there', () => {
    const told = [...MANUAL.matchAll(/^### (Tramontana\w+)$/gmu)].map(([, name]) => name);
    assert.deepEqual(
      told.sort(),
      alertRules()
        .map(({ alert }) => alert)
        .sort(),
    );
  });

  it('are rules of Prometheus, and speak when they should', { skip: NO_PROMTOOL }, () => {
    for (const args of [
      ['check', 'config', join(FOLDER, 'prometheus.yml')],
      ['test', 'rules', join(FOLDER, 'alert-rules.test.yml')],
    ]) {
      const { code, said } = promtool(args);
      assert.equal(code, 0, said);
    }
    const tests = readFileSync(join(FOLDER, 'alert-rules.test.yml'), 'utf8');
    for (const { alert } of alertRules()) {
      const checks = [
        ...tests.matchAll(
          new RegExp(`alertname="${alert}"[^\\n]*\\n *eval_time[^\\n]*\\n *exp_samples:( \\[\\])?`, 'gu'),
        ),
      ];
      assert.ok(
        checks.some(([, none]) => none === undefined),
        `${alert} is seen to speak`,
      );
      assert.ok(
        checks.some(([, none]) => none !== undefined),
        `${alert} is seen to be silent`,
      );
    }
  });
});

describe('the dashboard', () => {
  const panels = dashboard().panels.filter(({ type }) => type !== 'row');

  it('has panels that are told apart, lie beside each other, and say what they show', () => {
    const all = dashboard().panels;
    assert.equal(new Set(all.map(({ id }) => id)).size, all.length);
    for (const { gridPos, title } of all) assert.ok(gridPos.x >= 0 && gridPos.x + gridPos.w <= 24, title);
    for (const [i, a] of all.entries()) {
      for (const b of all.slice(i + 1)) {
        const apart =
          a.gridPos.x + a.gridPos.w <= b.gridPos.x ||
          b.gridPos.x + b.gridPos.w <= a.gridPos.x ||
          a.gridPos.y + a.gridPos.h <= b.gridPos.y ||
          b.gridPos.y + b.gridPos.h <= a.gridPos.y;
        assert.ok(apart, `${a.title} and ${b.title} overlap`);
      }
    }
    for (const { title, description = '', targets = [] } of panels) {
      assert.ok(description.length > 15 && targets.length > 0, title);
    }
  });

  it('asks in the language of Prometheus', { skip: NO_PROMTOOL }, () => {
    const expressions = panels.flatMap(({ targets = [] }) =>
      targets.map(({ expr }) => expr.replaceAll('$domain', 'po')),
    );
    const rules = expressions.map((expr, i) => ({ record: `panel:target:${i}`, expr }));
    const folder = mkdtempSync(join(tmpdir(), 'tramontana-dashboard-'));
    const file = join(folder, 'rules.json');
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'all', rules }] }));
    const { code, said } = promtool(['check', 'rules', file]);
    rmSync(folder, { recursive: true });
    assert.equal(code, 0, said);
    assert.match(said, new RegExp(`SUCCESS: ${expressions.length} rules found`, 'u'));
  });
});

describe('metrics', () => {
  it('that rules and dashboard ask for are exported, and the manual explains all', () => {
    const ours = [...metricsAskedFor()].filter((name) => name.startsWith('tramontana_'));
    assert.deepEqual(
      ours.filter((name) => !(name in METRICS)),
      [],
    );
    for (const [name, { kind, labels }] of Object.entries(METRICS)) {
      assert.ok(ours.includes(name), `${name} is watched by nobody`);
      const row = MANUAL.split('\n').find((line) => line.startsWith(`| \`${name}\``));
      assert.ok(row !== undefined, `${name} is not explained`);
      assert.ok(row.includes(` ${kind} `), `${name}: ${kind}`);
      for (const label of labels) assert.ok(row.includes(`\`${label}\``), `${name}: ${label}`);
    }
  });
});
