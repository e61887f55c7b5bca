// SPDX-License-Identifier: Apache-2.0
/**
 * What a run tells the server's list of runs about itself.
 *
 * @module
 */
import { defineSearchAttributeKey, type SearchAttributePair } from '@temporalio/common';
import { upsertSearchAttributes } from '@temporalio/workflow';

import { SEARCH_ATTRIBUTES } from '../common/search-attributes.js';
import type { WorkName } from '../pipeline/index.js';
import { dateOfDay } from './workflow-time.js';

/** A run as far as its attributes go. A server that does not know them would stop its workflow, so the worker says whether it does. */
export interface AttributedRun {
  readonly domain: string;
  readonly cycle: string;
  readonly searchAttributes?: boolean;
}

export interface RunAttributes {
  readonly domain?: string;
  /** YYYY-MM-DD. */
  readonly cycle?: string;
  readonly stage?: WorkName | 'waiting for input';
  readonly quality?: 'ok' | 'degraded';
  readonly degraded?: boolean;
  readonly late?: boolean;
}

const { domain, cycle, stage, quality, degraded, late } = SEARCH_ATTRIBUTES;
const KEYS = {
  domain: defineSearchAttributeKey(domain.name, domain.type),
  cycle: defineSearchAttributeKey(cycle.name, cycle.type),
  stage: defineSearchAttributeKey(stage.name, stage.type),
  quality: defineSearchAttributeKey(quality.name, quality.type),
  degraded: defineSearchAttributeKey(degraded.name, degraded.type),
  late: defineSearchAttributeKey(late.name, late.type),
};

/** Sets what is given; nothing where the server does not know the attributes. */
export function setAttributes(run: AttributedRun | undefined, values: RunAttributes): void {
  if (run?.searchAttributes !== true) return;
  const pairs: SearchAttributePair[] = [];
  if (values.domain !== undefined) pairs.push({ key: KEYS.domain, value: values.domain });
  if (values.cycle !== undefined && values.cycle !== '') {
    pairs.push({ key: KEYS.cycle, value: dateOfDay(values.cycle) });
  }
  if (values.stage !== undefined) pairs.push({ key: KEYS.stage, value: values.stage });
  if (values.quality !== undefined) pairs.push({ key: KEYS.quality, value: values.quality });
  if (values.degraded !== undefined) pairs.push({ key: KEYS.degraded, value: values.degraded });
  if (values.late !== undefined) pairs.push({ key: KEYS.late, value: values.late });
  if (pairs.length > 0) upsertSearchAttributes(pairs);
}
