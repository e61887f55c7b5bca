// SPDX-License-Identifier: Apache-2.0
import type { FitStart } from './fit-result.js';

const FROM_WORDS: Readonly<Record<FitStart['from'], string>> = {
  'earlier-run': 'an earlier run',
  'coarse-mesh': 'coarser meshes',
  defaults: 'the defaults',
};

/** Where a search began, in two or three words: "an earlier run". */
export function startWords(from: FitStart['from']): string {
  return FROM_WORDS[from];
}

/** What a start saved, with what it is compared: "4 evaluations fewer than the fit of ...". Empty where nothing is known. */
export function savedInWords({ from, evaluationsSaved, reference }: FitStart): string {
  if (from === 'defaults' || reference === undefined) return '';
  const size = Math.abs(evaluationsSaved);
  const compared = `${evaluationsSaved < 0 ? 'more' : 'fewer'} than the ${reference.evaluations} of ${reference.of}`;
  return `${size} evaluation${size === 1 ? '' : 's'} ${compared}`;
}
