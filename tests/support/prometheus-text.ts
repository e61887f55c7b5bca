// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from 'node:child_process';

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
