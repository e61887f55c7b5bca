// SPDX-License-Identifier: Apache-2.0
import type { FieldOrigin } from '../../artifacts/schemas/gridded-field.js';
import { sourceNames, type LabelledField } from '../labelled-field.js';
import { countOf, isoTime } from '../quality/assess-times.js';
import { issue, type QualityIssue } from '../quality/issue.js';
import { unused } from './choose-runs.js';

/** A field that has something to give for a time. */
export interface Candidate {
  readonly field: LabelledField;
  /** Of the time in the field. */
  readonly index: number;
  /** Place in the list of fields. */
  readonly order: number;
  readonly origin: FieldOrigin;
  /** NaN where unknown. */
  readonly runMs: number;
}

type Reason = 'origin' | 'run' | 'copy';

/** From the least to the most certain. */
const ORIGINS: readonly FieldOrigin[] = ['forecast', 'analysis', 'reanalysis'];

/** Keeps account of which files gave what while fields are merged, to say so afterwards. */
export class MergeLedger {
  private readonly givers = new Set<string>();
  private readonly reasons = new Map<string, string>();
  private readonly counts: Record<Reason, number> = { origin: 0, run: 0, copy: 0 };
  private readonly mixed = new Map<string, Set<string>>();
  private mixedTimes = 0;
  private mixesForecasts = false;

  constructor(private readonly fields: readonly LabelledField[]) {}

  used(field: LabelledField): void {
    this.givers.add(sourceNames(field));
  }

  passedOver(loser: Candidate, winner: Candidate, reason: Reason): void {
    this.counts[reason] += 1;
    const name = sourceNames(loser.field);
    const better = sourceNames(winner.field);
    if (this.reasons.has(name)) return;
    const words: Record<Reason, () => string> = {
      origin: () => `${better} has the ${winner.origin} of its times, which comes before the ${loser.origin}`,
      run: () => `its run of ${isoTime(loser.runMs)} is older than that of ${isoTime(winner.runMs)} in ${better}`,
      copy: () => `${better} holds the same values`,
    };
    this.reasons.set(name, words[reason]());
  }

  /** The origin of a time whose species come from these: the least certain. */
  originOf(owners: readonly Candidate[]): FieldOrigin {
    const found = ORIGINS.filter((origin) => owners.some((owner) => owner.origin === origin));
    if (found.length > 1) {
      this.mixedTimes += 1;
      this.mixesForecasts ||= found.includes('forecast');
      for (const { origin, field } of owners) {
        this.mixed.set(origin, (this.mixed.get(origin) ?? new Set()).add(sourceNames(field)));
      }
    }
    return found[0] ?? 'analysis';
  }

  /** What is worth telling. */
  issues(): readonly QualityIssue[] {
    const issues: QualityIssue[] = [];
    const { run, copy } = this.counts;
    if (run > 0) {
      const message = `${countOf(run, 'time')} of a species are given by several runs; the later run was used`;
      issues.push(issue('info', 'overlapping-runs', message, { overlaps: run }));
    }
    if (copy > 0) {
      const message = `${countOf(copy, 'time')} of a species are in several files with the same values`;
      issues.push(issue('info', 'overlapping-files', message, { overlaps: copy }));
    }
    if (this.mixedTimes > 0) {
      const parts = [...this.mixed].map(([origin, files]) => `${origin} of ${[...files].join(', ')}`);
      const message = `at ${countOf(this.mixedTimes, 'time')} the species come from different origins (${parts.join('; ')}); the time counts as the less certain one`;
      issues.push(
        issue(this.mixesForecasts ? 'warning' : 'info', 'mixed-origins', message, { times: this.mixedTimes }),
      );
    }
    for (const field of this.fields) {
      const name = sourceNames(field);
      const reason = this.reasons.get(name);
      if (!this.givers.has(name) && reason !== undefined) issues.push(unused(field, reason));
    }
    return issues;
  }
}
