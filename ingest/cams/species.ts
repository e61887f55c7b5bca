// SPDX-License-Identifier: Apache-2.0
/**
 * Which species a variable of a CAMS file holds. The name decides where CAMS uses it for one thing only; then
 * standard_name, then long_name and the regional files' own `species` attribute.
 *
 * @module
 */
import { textAttribute, type NetcdfVariable } from '../netcdf/types.js';

/** `concentration`: mass a volume of air near the surface; `column`: mass above a square metre. */
export type Quantity = 'concentration' | 'column';

export interface SpeciesMatch {
  /** Our name, e.g. `pm2_5`, `o3`, `so2`; total columns keep their ECMWF short name, e.g. `tcno2`. */
  readonly species: string;
  readonly quantity: Quantity;
}

/**
 * Names used by CAMS regional (`pm2p5_conc`, `pm2p5`), global and EAC4 files (`go3`, `pm2p5`), the ADS and cfgrib,
 * without the suffix `_conc`, in lower case.
 */
const BY_NAME: Readonly<Record<string, string>> = {
  pm2p5: 'pm2_5',
  'pm2.5': 'pm2_5',
  pm25: 'pm2_5',
  pm2_5: 'pm2_5',
  particulate_matter_2_5um: 'pm2_5',
  'particulate_matter_2.5um': 'pm2_5',
  pm10: 'pm10',
  particulate_matter_10um: 'pm10',
  pm1: 'pm1',
  particulate_matter_1um: 'pm1',
  o3: 'o3',
  go3: 'o3',
  ozone: 'o3',
  no2: 'no2',
  nitrogen_dioxide: 'no2',
  no: 'no',
  nitrogen_monoxide: 'no',
  so2: 'so2',
  sulphur_dioxide: 'so2',
  sulfur_dioxide: 'so2',
  co: 'co',
  carbon_monoxide: 'co',
  nh3: 'nh3',
  ammonia: 'nh3',
  nmvoc: 'nmvoc',
  nmvocs: 'nmvoc',
  non_methane_vocs: 'nmvoc',
  pan: 'pan',
  pans: 'pan',
  peroxyacyl_nitrates: 'pan',
  hcho: 'hcho',
  formaldehyde: 'hcho',
  chocho: 'chocho',
  glyoxal: 'chocho',
  hno3: 'hno3',
  ch4: 'ch4',
  ch4_c: 'ch4',
  h2o2: 'h2o2',
  c5h8: 'isoprene',
  dust: 'dust',
  pmwf: 'pm10_wildfires',
  pm10_wildfires: 'pm10_wildfires',
  pm10_dust: 'pm10_dust',
  pm10_salt: 'pm10_sea_salt',
  pm10_sea_salt: 'pm10_sea_salt',
  pm10_sea_salt_dry: 'pm10_sea_salt',
  sia: 'sia',
  secondary_inorganic_aerosol: 'sia',
  ecres: 'ec_residential',
  ectot: 'ec_total',
  residential_elementary_carbon: 'ec_residential',
  total_elementary_carbon: 'ec_total',
  pm2p5_nh4: 'pm2_5_nh4',
  pm2p5_no3: 'pm2_5_no3',
  pm2p5_so4: 'pm2_5_so4',
  pm2p5_total_om: 'pm2_5_total_om',
};

/** `mass_concentration_of_X_in_air` [CF standard names]. */
const BY_CF_CONSTITUENT: Readonly<Record<string, string>> = {
  ozone: 'o3',
  nitrogen_dioxide: 'no2',
  nitrogen_monoxide: 'no',
  carbon_monoxide: 'co',
  sulfur_dioxide: 'so2',
  sulphur_dioxide: 'so2',
  ammonia: 'nh3',
  peroxyacetyl_nitrate: 'pan',
  formaldehyde: 'hcho',
  nitric_acid: 'hno3',
  methane: 'ch4',
  secondary_inorganic_aerosol: 'sia',
  pm1_ambient_aerosol: 'pm1',
  pm2p5_ambient_aerosol: 'pm2_5',
  pm10_ambient_aerosol: 'pm10',
  dust: 'dust',
};

/**
 * ECMWF parameter numbers [codes.ecmwf.int/grib/param-db] that cfgrib keeps as GRIB_paramId; it calls a variable `unknown`, or `mdens`
 * (mass density, the same for all species), where it has no name for it.
 */
const BY_PARAMETER: Readonly<Record<number, string>> = {
  210072: 'pm1',
  210073: 'pm2_5',
  210074: 'pm10',
  210121: 'no2',
  210122: 'so2',
  210123: 'co',
  210124: 'hcho',
  210203: 'o3',
  217019: 'nh3',
  217027: 'no',
};
/** Code table 4.230 of GRIB2 [WMO-306], kept by cfgrib as GRIB_constituentType. */
const BY_CONSTITUENT_TYPE: Readonly<Record<number, string>> = {
  0: 'o3',
  2: 'ch4',
  4: 'co',
  5: 'no2',
  7: 'hcho',
  8: 'so2',
  9: 'nh3',
  11: 'no',
};
/** Names that say nothing of the species. */
const NAMELESS = /^(unknown|mdens(_\d+)?|param\d+(\.\d+)*|var\d+|p\d+(\.\d+)*)$/;

/** Words of long_name or `species`; the first that fits wins. Anchored at both ends: "PM2.5 Nitrate" is not PM2.5. */
const BY_LONG_NAME: readonly (readonly [RegExp, string])[] = [
  [
    /^((mass concentration of )?particulate matter( with)?,? d(iameter)? ?(<|<=|less than) ?2\.5 ?(um|microns?)|pm ?2[.p_]?5( (ambient )?aerosol)?)( concentration)?$/,
    'pm2_5',
  ],
  [
    /^((mass concentration of )?particulate matter( with)?,? d(iameter)? ?(<|<=|less than) ?10 ?(um|microns?)|pm ?10( (ambient )?aerosol)?)( concentration)?$/,
    'pm10',
  ],
  [
    /^((mass concentration of )?particulate matter( with)?,? d(iameter)? ?(<|<=|less than) ?1 ?(um|microns?)|pm ?1( (ambient )?aerosol)?)( concentration)?$/,
    'pm1',
  ],
  [/^(mass concentration of )?ozone( mass (concentration|mixing ratio))?( \(.*\))?$/, 'o3'],
  [/^(mass concentration of )?nitrogen dioxide( mass (concentration|mixing ratio))?$/, 'no2'],
  [/^(mass concentration of )?nitrogen monoxide( mass (concentration|mixing ratio))?$/, 'no'],
  [/^(mass concentration of )?sul(ph|f)ur dioxide( mass (concentration|mixing ratio))?$/, 'so2'],
  [/^(mass concentration of )?carbone? monoxide( mass (concentration|mixing ratio))?$/, 'co'],
  [/^(mass concentration of )?ammonia( mass (concentration|mixing ratio))?$/, 'nh3'],
];

/** What the variable holds, or undefined when it is no air pollutant that we know (a coordinate, a temperature). */
export function matchSpecies(variable: NetcdfVariable): SpeciesMatch | undefined {
  const name = variable.name.toLowerCase();
  const standardName = textAttribute(variable.attributes, 'standard_name')?.toLowerCase() ?? '';
  const longName = textAttribute(variable.attributes, 'long_name') ?? '';

  const column = matchColumn(name, standardName, longName);
  if (column !== undefined) return { species: column, quantity: 'column' };

  const species =
    BY_NAME[name.replace(/_conc$/, '')] ??
    fromGrib(name, variable) ??
    fromStandardName(standardName) ??
    fromWords(longName) ??
    fromWords(textAttribute(variable.attributes, 'species') ?? '') ??
    // A regional file's `x_conc` is a concentration of x, whatever x is.
    (/^[a-z0-9_]+_conc$/.test(name) ? name.replace(/_conc$/, '').replace(/^pm2p5/, 'pm2_5') : undefined);
  return species === undefined ? undefined : { species, quantity: 'concentration' };
}

/** True when the name is one that converters of GRIB give where they know no better. */
export function isNameless(variable: NetcdfVariable): boolean {
  return NAMELESS.test(variable.name.toLowerCase());
}

/** The species of a variable that GRIB numbers only, from the attributes that cfgrib keeps, or from cdo's `var210073`. */
function fromGrib(name: string, variable: NetcdfVariable): string | undefined {
  if (!NAMELESS.test(name)) return undefined;
  const parameter = Number(variable.attributes['GRIB_paramId'] ?? /^(?:var|p)(\d+)$/.exec(name)?.[1] ?? NaN);
  const constituent = Number(
    variable.attributes['GRIB_constituentType'] ?? variable.attributes['constituentType'] ?? NaN,
  );
  return BY_PARAMETER[parameter] ?? BY_CONSTITUENT_TYPE[constituent];
}

function matchColumn(name: string, standardName: string, longName: string): string | undefined {
  const isColumn =
    /^(g?tc_?|vertical_column)/.test(name) &&
    /total column|atmosphere_mass_content/i.test(`${longName} ${standardName}`);
  if (isColumn || standardName.startsWith('atmosphere_mass_content_of_')) return name;
  return /^total column/i.test(longName) ? name : undefined;
}

function fromStandardName(standardName: string): string | undefined {
  const constituent = /^mass_concentration_of_(.+)_in_air$/.exec(standardName)?.[1]?.replace(/_particles$/, '');
  return constituent === undefined ? undefined : (BY_CF_CONSTITUENT[constituent] ?? constituent);
}

function fromWords(text: string): string | undefined {
  const words = text
    .toLowerCase()
    .replace(/[\u00b5\u03bc]/g, 'u')
    .replace(/[\s_]+/g, ' ')
    .trim();
  return BY_LONG_NAME.find(([pattern]) => pattern.test(words))?.[1];
}
