// SPDX-License-Identifier: Apache-2.0
import { encodeNetcdfClassic } from './netcdf-classic.mjs';

/** Names in the CAMS regional files, in the order in which they appear there. */
const SPECIES = {
  o3: {
    title: 'O3',
    variable: 'o3_conc',
    species: 'Ozone',
    standardName: 'mass_concentration_of_ozone_in_air',
  },
  pm10: {
    title: 'PM10',
    variable: 'pm10_conc',
    species: 'PM10 Aerosol',
    standardName: 'mass_concentration_of_pm10_ambient_aerosol_in_air',
  },
  pm2_5: {
    title: 'PM25',
    variable: 'pm2p5_conc',
    species: 'PM2.5 Aerosol',
    standardName: 'mass_concentration_of_pm2p5_ambient_aerosol_in_air',
  },
};

/**
 * One file in the layout of the CAMS regional ensemble (NetCDF-3 classic): ENS_ANALYSIS.nc or ENS_FORECAST.nc.
 * Names, dimensions, types and variable attributes are those of the real files; the global attributes keep their names
 * but say that the data are simulated.
 *
 * @param {object} content
 * @param {'ANALYSIS' | 'FORECAST'} content.kind
 * @param {string} content.period - as CAMS writes it, e.g. `20260302-20260315+[0H_23H]`; its first eight digits are hour 0
 * @param {Float64Array} content.latitudes - degrees, north to south
 * @param {Float64Array} content.longitudes - degrees east
 * @param {number} content.hours
 * @param {Record<string, Float32Array>} content.fields - by pollutant id, shape [hour, latitude, longitude], ug m-3
 * @returns {Buffer}
 */
export function encodeCamsFile({ kind, period, latitudes, longitudes, hours, fields }) {
  const all = Object.values(SPECIES)
    .map(({ title }) => title)
    .join('/');
  return encodeNetcdfClassic({
    dimensions: [
      { name: 'longitude', size: longitudes.length },
      { name: 'latitude', size: latitudes.length },
      { name: 'level', size: 1 },
      { name: 'time', size: hours, unlimited: true },
    ],
    attributes: {
      title: `${all} Air Pollutant ${kind} at the Surface`,
      institution: 'Simulated data of the Tramontana sample po-valley, not produced by CAMS',
      source: 'Data from a simulation in the layout of the ENSEMBLE model',
      history: `Simulated ENSEMBLE ${kind}`,
      [kind]: `Europe, ${period}`,
      summary: `SIMULATED model hourly ${kind} of ${all} concentration at the Surface from ${period} on Europe`,
      project: 'Tramontana (samples/po-valley)',
    },
    variables: [
      coordinate('longitude', 'longitude', 'degrees_east', longitudes),
      coordinate('latitude', 'latitude', 'degrees_north', latitudes),
      coordinate('level', 'level', 'm', [0]),
      coordinate(
        'time',
        `${kind} time from ${period.slice(0, 8)}`,
        'hours',
        Float64Array.from({ length: hours }, (_, hour) => hour),
      ),
      ...Object.entries(SPECIES).map(([id, { variable, species, standardName }]) => ({
        name: variable,
        type: 'float',
        dimensions: ['time', 'level', 'latitude', 'longitude'],
        attributes: {
          _FillValue: { type: 'float', values: [-999] },
          species,
          units: '\u00b5g/m3',
          value: 'hourly values',
          standard_name: standardName,
        },
        values: fields[id],
      })),
    ],
  });
}

function coordinate(name, longName, units, values) {
  return { name, type: 'float', dimensions: [name], attributes: { long_name: longName, units }, values };
}
