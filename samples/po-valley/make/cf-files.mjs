// SPDX-License-Identifier: Apache-2.0
/**
 * The two CF-1.8 files of the sample on the fine grid: elevation and simulated truth, both NetCDF-3 classic.
 *
 * @module
 */
import { encodeNetcdfClassic } from './netcdf-classic.mjs';

/** Step of the packed truth, ug m-3: far below the error of any estimate, and int16 then reaches 163 ug m-3. */
const TRUTH_STEP_UG_M3 = 0.005;
const PACKED_FILL = -32768;

const ORIGIN = 'Simulated by samples/po-valley/make.mjs of Tramontana';

/**
 * @param {{latitudes: Float64Array, longitudes: Float64Array, elevationM: Float32Array}} grid - [latitude, longitude]
 * @returns {Buffer}
 */
export function encodeElevation({ latitudes, longitudes, elevationM }) {
  return encodeNetcdfClassic({
    dimensions: [
      { name: 'latitude', size: latitudes.length },
      { name: 'longitude', size: longitudes.length },
    ],
    attributes: { Conventions: 'CF-1.8', title: 'Generated terrain of the sample domain po-valley', source: ORIGIN },
    variables: [
      ...horizontalCoordinates(latitudes, longitudes),
      {
        name: 'elevation',
        type: 'float',
        dimensions: ['latitude', 'longitude'],
        attributes: {
          standard_name: 'surface_altitude',
          long_name: 'mean elevation of the cell above sea level',
          units: 'm',
          cell_methods: 'area: mean',
        },
        values: elevationM,
      },
    ],
  });
}

/**
 * The daily truth, packed as int16.
 *
 * @param {object} truth
 * @param {string} truth.firstDay - ISO date of time 0
 * @param {number} truth.days
 * @param {Float64Array} truth.latitudes - degrees, north to south
 * @param {Float64Array} truth.longitudes - degrees east
 * @param {{id: string, statistic: 'daily_mean' | 'daily_max_8h_mean', values: Float64Array}[]} truth.variables -
 *   shape [day, latitude, longitude], ug m-3
 * @returns {Buffer}
 */
export function encodeTruth({ firstDay, days, latitudes, longitudes, variables }) {
  return encodeNetcdfClassic({
    dimensions: [
      { name: 'time', size: days },
      { name: 'latitude', size: latitudes.length },
      { name: 'longitude', size: longitudes.length },
    ],
    attributes: {
      Conventions: 'CF-1.8',
      title: 'Simulated true daily concentrations of the sample domain po-valley',
      source: ORIGIN,
      comment: 'Means over the cells. Simulated: these are not observations and not CAMS data.',
    },
    variables: [
      {
        name: 'time',
        type: 'int',
        dimensions: ['time'],
        attributes: {
          standard_name: 'time',
          long_name: 'start of the UTC day',
          units: `days since ${firstDay} 00:00:00`,
          calendar: 'standard',
          axis: 'T',
        },
        values: Int32Array.from({ length: days }, (_, day) => day),
      },
      ...horizontalCoordinates(latitudes, longitudes),
      ...variables.map(({ id, statistic, values }) => ({
        name: id,
        type: 'short',
        dimensions: ['time', 'latitude', 'longitude'],
        attributes: {
          _FillValue: { type: 'short', values: [PACKED_FILL] },
          long_name: `true ${id} (${statistic})`,
          units: 'ug m-3',
          statistic,
          cell_methods: 'area: mean',
          scale_factor: { type: 'double', values: [TRUTH_STEP_UG_M3] },
          add_offset: { type: 'double', values: [0] },
        },
        values: pack(id, values),
      })),
    ],
  });
}

function pack(id, values) {
  return Int16Array.from(values, (value) => {
    const steps = Math.round(value / TRUTH_STEP_UG_M3);
    if (!(Math.abs(steps) <= 32767)) {
      throw new RangeError(`truth of ${id}: expected at most ${32767 * TRUTH_STEP_UG_M3} ug m-3, got ${value}`);
    }
    return steps;
  });
}

function horizontalCoordinates(latitudes, longitudes) {
  return [
    {
      name: 'latitude',
      type: 'double',
      dimensions: ['latitude'],
      attributes: { standard_name: 'latitude', long_name: 'latitude', units: 'degrees_north', axis: 'Y' },
      values: latitudes,
    },
    {
      name: 'longitude',
      type: 'double',
      dimensions: ['longitude'],
      attributes: { standard_name: 'longitude', long_name: 'longitude', units: 'degrees_east', axis: 'X' },
      values: longitudes,
    },
  ];
}
