// SPDX-License-Identifier: Apache-2.0
import { TramontanaError } from '../../common/errors.js';
import type { Quantity } from './species.js';

/** Units that values have after normalisation. */
export type NormalUnits = 'ug m-3' | 'kg m-2';

export interface UnitConversion {
  readonly units: NormalUnits;
  /** Normalised value = value in the file times this. */
  readonly factor: number;
}

/** Factors to ug m-3; keys are canonical spellings (see canonicalUnits). */
const TO_MICROGRAM_PER_CUBIC_METRE: Readonly<Record<string, number>> = {
  'kg m-3': 1e9,
  'g m-3': 1e6,
  'mg m-3': 1e3,
  'ug m-3': 1,
  'ng m-3': 1e-3,
};

const TO_KILOGRAM_PER_SQUARE_METRE: Readonly<Record<string, number>> = {
  'kg m-2': 1,
  'g m-2': 1e-3,
  'mg m-2': 1e-6,
  'ug m-2': 1e-9,
};

const MIXING_RATIOS = /^(k?g k?g-1|mg kg-1|ug kg-1|ng kg-1|mole? mole?-1|ppmv?|ppbv?|pptv?|nmol mol-1|umol mol-1|1)$/;
/** kg of the species per kg of air, to kg kg-1. Mole fractions also need the molar mass and are never converted. */
const MASS_MIXING_RATIO: Readonly<Record<string, number>> = {
  'kg kg-1': 1,
  'g g-1': 1,
  'g kg-1': 1e-3,
  'mg kg-1': 1e-6,
  'ug kg-1': 1e-9,
  'ng kg-1': 1e-12,
};

/**
 * One spelling for all: "µg/m3" (U+00B5 or U+03BC, also as mis-decoded UTF-8), "ug m**-3", "ug.m^-3", "microgram/m³"
 * become "ug m-3".
 */
export function canonicalUnits(units: string): string {
  const text = units
    .trim()
    .replace(/\u00c2?[\u00b5]|\u00ce?\u03bc|\u00ce\u00bc/g, 'u')
    .replace(/\u207b/g, '-')
    .replace(/\u00b3/g, '3')
    .replace(/\u00b2/g, '2')
    .replace(/\*\*|\^/g, '')
    .replace(/\bmicrograms?\b/gi, 'ug')
    .replace(/\bmilligrams?\b/gi, 'mg')
    .replace(/\bnanograms?\b/gi, 'ng')
    .replace(/\bkilograms?\b/gi, 'kg')
    .replace(/\bmcg\b/gi, 'ug')
    .replace(/[.\u00b7*]|\s+/g, ' ')
    .replace(/\s*\/\s*/g, '/');
  const lowered = text === text.toUpperCase() ? text.toLowerCase() : text;
  return lowered
    .replace(/\/(kg|g|m|mol)(\d?)/g, (_, unit: string, power: string) => ` ${unit}-${power === '' ? '1' : power}`)
    .replace(/\s+/g, ' ')
    .trim();
}

/**
 * Conversion of a file's units to those of the project.
 *
 * @param where - for the message: file and variable
 * @param airDensityKgPerM3 - when known, mass mixing ratios are converted with it: c = q rho
 * @throws TramontanaError `Ingest.UnknownUnits`, `Ingest.MixingRatio`
 */
export function unitConversion(
  units: string | undefined,
  quantity: Quantity,
  where: { readonly file: string; readonly variable: string; readonly species?: string },
  airDensityKgPerM3?: number,
): UnitConversion {
  const canonical = canonicalUnits(units ?? '');
  const facts = { ...where, foundUnits: units ?? null };
  if (quantity === 'column') {
    const factor = TO_KILOGRAM_PER_SQUARE_METRE[canonical];
    if (factor !== undefined) return { units: 'kg m-2', factor };
    throw new TramontanaError(
      'Ingest.UnknownUnits',
      `${where.file}: variable "${where.variable}": expected units of a total column (${Object.keys(TO_KILOGRAM_PER_SQUARE_METRE).join(', ')}), got ${describe(units)}`,
      { facts: { ...facts, expectedUnits: Object.keys(TO_KILOGRAM_PER_SQUARE_METRE) } },
    );
  }
  const factor = TO_MICROGRAM_PER_CUBIC_METRE[canonical];
  if (factor !== undefined) return { units: 'ug m-3', factor };
  if (MIXING_RATIOS.test(canonical)) {
    const mass = MASS_MIXING_RATIO[canonical];
    if (mass !== undefined && airDensityKgPerM3 !== undefined)
      return { units: 'ug m-3', factor: 1e9 * mass * airDensityKgPerM3 };
    throw new TramontanaError(
      'Ingest.MixingRatio',
      `${where.file}: variable "${where.variable}": expected a mass concentration (ug m-3, kg m-3), got a mixing ratio in ${describe(units)}: ` +
        'it becomes a concentration only with the density of the air (temperature and pressure), which the file does not give',
      { facts },
    );
  }
  const expectedUnits = Object.keys(TO_MICROGRAM_PER_CUBIC_METRE);
  throw new TramontanaError(
    'Ingest.UnknownUnits',
    `${where.file}: variable "${where.variable}": expected units of a mass concentration (${expectedUnits.join(', ')}, in any usual spelling), got ${describe(units)}`,
    { facts: { ...facts, expectedUnits } },
  );
}

function describe(units: string | undefined): string {
  return units === undefined ? 'no units attribute' : `"${units}"`;
}
