// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { parse } from 'yaml';

import { packageFolder } from '../../common/version.js';

/** One metric of a scrape. */
export interface ScrapedMetric {
  readonly type: string;
  readonly help: string;
  /** Label text (`a="b",c="d"`) and value of every series; of a histogram its `_count`. */
  readonly series: readonly { readonly labels: string; readonly value: number }[];
}

/** Reads the text format of Prometheus, version 0.0.4, as far as its names, types and values. */
export function parseScrape(text: string): ReadonlyMap<string, ScrapedMetric> {
  const metrics = new Map<string, { type: string; help: string; series: { labels: string; value: number }[] }>();
  const of = (name: string) => {
    const known = metrics.get(name) ?? { type: 'untyped', help: '', series: [] };
    metrics.set(name, known);
    return known;
  };
  for (const line of text.split('\n')) {
    const [, keyword, about = '', rest = ''] = /^# (HELP|TYPE) (\S+) ?(.*)$/u.exec(line) ?? [];
    if (keyword === 'HELP') of(about).help = rest;
    if (keyword === 'TYPE') of(about).type = rest;
    const [, name, labels = '', value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)(?: \d+)?$/u.exec(line) ?? [];
    if (name === undefined) continue;
    const base = name.replace(/_(bucket|sum|count)$/u, '');
    if (metrics.get(base)?.type !== 'histogram') of(name).series.push({ labels, value: Number(value) });
    else if (name.endsWith('_count')) of(base).series.push({ labels, value: Number(value) });
  }
  return metrics;
}

/** Reason to skip what needs promtool (Debian package prometheus), or false. */
export const NO_PROMTOOL =
  spawnSync('promtool', ['--version']).error === undefined
    ? false
    : 'promtool is not on the PATH: the Debian package prometheus has it';

/** What promtool says of something; fails where it does not like it. */
export function promtool(args: readonly string[], input = ''): { readonly code: number | null; readonly said: string } {
  const { status, stdout, stderr } = spawnSync('promtool', [...args], { input, encoding: 'utf8' });
  return { code: status, said: `${stdout}${stderr}` };
}

interface RuleFile {
  readonly groups: readonly { readonly rules: readonly AlertRule[] }[];
}

/** One alert of the rule file. */
export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** One panel of the dashboard, as far as it is checked. */
export interface DashboardPanel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: Readonly<Record<'x' | 'y' | 'w' | 'h', number>>;
  readonly targets?: readonly { readonly refId: string; readonly expr: string }[];
}

const OBSERVABILITY = join(packageFolder(), 'infra', 'observability');

/** The alert rules of infra/observability. */
export function alertRules(): readonly AlertRule[] {
  const file = parse(readFileSync(join(OBSERVABILITY, 'alert-rules.yml'), 'utf8')) as RuleFile;
  return file.groups.flatMap(({ rules }) => rules);
}

/** The dashboard of infra/observability. */
export function dashboard(): {
  readonly uid: string;
  readonly schemaVersion: number;
  readonly panels: DashboardPanel[];
} {
  return JSON.parse(readFileSync(join(OBSERVABILITY, 'grafana-dashboard.json'), 'utf8')) as ReturnType<
    typeof dashboard
  >;
}

/** Every metric that rules and dashboard ask for, without the suffixes of histograms; `up` is Prometheus's own. */
export function metricsAskedFor(): ReadonlySet<string> {
  const expressions = [
    ...alertRules().map(({ expr }) => expr),
    ...dashboard().panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
  ];
  const names = expressions.flatMap((expr) => expr.match(/\b(?:tramontana|temporal)_\w+/gu) ?? []);
  return new Set(names.map((name) => name.replace(/_(?:bucket|sum|count)$/u, '')));
}
