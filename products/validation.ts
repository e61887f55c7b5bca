// SPDX-License-Identifier: Apache-2.0
import type { FineGridPosterior } from '../artifacts/schemas/fine-grid-posterior.js';
import type { PosteriorBand } from '../artifacts/schemas/posterior-bands.js';
import { startOfDayMs } from '../common/days.js';
import { entry } from '../common/entry.js';
import { TramontanaError } from '../common/errors.js';
import type { ProductInputs } from './product-types.js';

/** A name that is safe as a folder: no separators, no leading dot. */
const DOMAIN_NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/;
const CYCLE_DAY = /^\d{4}-\d{2}-\d{2}$/;

/**
 * Checks what the products take for granted: names that are safe as folders, shapes that agree, at least one cell, day and
 * pollutant, standard deviations that are not negative.
 *
 * @throws {TramontanaError} `Products.InvalidInput` with the thing, the expectation and the value.
 */
export function validateProductInputs({ run, posterior, thresholds, ...joint }: ProductInputs): void {
  if (!DOMAIN_NAME.test(run.domain)) {
    refuse('run.domain', 'lower-case letters, digits, ".", "_" and "-", at most 63 characters', run.domain);
  }
  if (!CYCLE_DAY.test(run.cycle) || Number.isNaN(startOfDayMs(run.cycle))) {
    refuse('run.cycle', 'a day as YYYY-MM-DD', run.cycle);
  }
  validatePosterior(posterior);
  validateJoint(joint, posterior);
  for (const { pollutant, value_ug_m3 } of thresholds) {
    if (!Number.isFinite(value_ug_m3) || value_ug_m3 < 0) {
      refuse(`threshold of ${pollutant}`, 'a finite concentration of at least 0 ug m-3', value_ug_m3);
    }
  }
}

function validatePosterior(posterior: FineGridPosterior): void {
  const shape = [posterior.timesMs.length, posterior.latitudesDegrees.length, posterior.longitudesDegrees.length];
  const numValues = shape.reduce((product, size) => product * size, 1);
  if (numValues === 0) refuse('posterior', 'at least one day, one latitude and one longitude', shape.join(' x '));
  if (posterior.variables.length === 0) refuse('posterior.variables', 'at least one pollutant', 'none');
  if (posterior.origins.length !== posterior.timesMs.length) {
    refuse('posterior.origins', `one entry a day (${posterior.timesMs.length})`, posterior.origins.length);
  }
  if (posterior.elevationM !== undefined && posterior.elevationM.length !== entry(shape, 1) * entry(shape, 2)) {
    refuse('posterior.elevationM', `${entry(shape, 1) * entry(shape, 2)} values`, posterior.elevationM.length);
  }
  for (const { pollutant, mean, sd } of posterior.variables) {
    if (mean.length !== numValues) refuse(`posterior mean of ${pollutant}`, `${numValues} values`, mean.length);
    if (sd.length !== numValues) refuse(`posterior sd of ${pollutant}`, `${numValues} values`, sd.length);
    const negative = sd.findIndex((value) => value < 0);
    if (negative >= 0) refuse(`posterior sd of ${pollutant} at index ${negative}`, 'at least 0', sd[negative]);
  }
}

/**
 * Checks a band of a fine grid as the whole one is checked.
 *
 * @throws {TramontanaError} `Products.InvalidInput`
 */
export function validateBand({ posterior, exceedanceRuns }: PosteriorBand): void {
  validatePosterior(posterior);
  validateJoint({ exceedanceRuns }, posterior);
}

/** Products of joint draws have the days and cells of the maps. */
function validateJoint(
  { areaMeans, exceedanceRuns = [] }: Pick<ProductInputs, 'areaMeans' | 'exceedanceRuns'>,
  { timesMs, latitudesDegrees, longitudesDegrees }: FineGridPosterior,
): void {
  const numValues = timesMs.length * latitudesDegrees.length * longitudesDegrees.length;
  for (const { pollutant, days, probability } of exceedanceRuns) {
    if (probability.length !== numValues) {
      refuse(`probability of ${days} days of ${pollutant}`, `${numValues} values`, probability.length);
    }
  }
  if (areaMeans === undefined) return;
  const size = timesMs.length * areaMeans.areas.length;
  for (const { pollutant, mean } of areaMeans.variables) {
    if (mean.length !== size) refuse(`means over areas of ${pollutant}`, `${size} values`, mean.length);
  }
}

function refuse(thing: string, expectation: string, value: unknown): never {
  throw new TramontanaError('Products.InvalidInput', `${thing}: expected ${expectation}, got ${String(value)}`, {
    facts: { thing, expectation, value },
  });
}
