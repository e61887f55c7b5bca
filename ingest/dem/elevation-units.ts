// SPDX-License-Identifier: Apache-2.0
import { TramontanaError } from '../../common/errors.js';

const TO_METRES: Readonly<Record<string, number>> = { m: 1, metre: 1, metres: 1, meter: 1, meters: 1, km: 1000 };

/**
 * Factor from the units of an elevation to metres. Without units it is 1: metres are what every published grid uses.
 *
 * @param where - for the message, e.g. `dem.nc: variable "z"`
 * @throws TramontanaError `Ingest.UnknownUnits`
 */
export function metresPerUnit(
  units: string | undefined,
  where: string,
  facts: Readonly<Record<string, unknown>>,
): number {
  const factor = units === undefined ? 1 : TO_METRES[units.trim().toLowerCase()];
  if (factor === undefined) {
    throw new TramontanaError('Ingest.UnknownUnits', `${where}: expected units m or km, got "${units ?? ''}"`, {
      facts: { ...facts, foundUnits: units, expectedUnits: Object.keys(TO_METRES) },
    });
  }
  return factor;
}
