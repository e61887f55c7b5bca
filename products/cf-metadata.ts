// SPDX-License-Identifier: Apache-2.0
/** Words of the CF conventions 1.8 for what we publish. */
import type { DayOrigin } from '../artifacts/schemas/fine-grid-posterior.js';
import type { DailyStatistic, PollutantId } from '../common/pollutants.js';
import type { NetcdfAttributes } from './netcdf-types.js';

/** CF standard names (standard name table, mass concentrations). */
export const STANDARD_NAME: Readonly<Record<PollutantId, string>> = {
  pm2_5: 'mass_concentration_of_pm2p5_ambient_aerosol_particles_in_air',
  pm10: 'mass_concentration_of_pm10_ambient_aerosol_particles_in_air',
  o3: 'mass_concentration_of_ozone_in_air',
  no2: 'mass_concentration_of_nitrogen_dioxide_in_air',
};

/** CF cell_methods of the daily statistics; cells are areal means. */
export const CELL_METHODS: Readonly<Record<DailyStatistic, string>> = {
  daily_mean: 'area: mean time: mean',
  daily_max_8h_mean: 'area: mean time: maximum (comment: daily maximum of the running 8-hour mean)',
};

/** For people. */
export const STATISTIC_LABEL: Readonly<Record<DailyStatistic, string>> = {
  daily_mean: 'daily mean',
  daily_max_8h_mean: 'daily maximum 8-hour mean',
};

/** Codes of the `origin` variables. */
export const ORIGIN_FLAG: Readonly<Record<DayOrigin, number>> = { analysis: 0, forecast: 1, reanalysis: 2, none: 3 };

/** WGS 84 geographic coordinates, by CF parameters, by well-known text and by EPSG code. */
export const CRS_ATTRIBUTES: NetcdfAttributes = {
  grid_mapping_name: 'latitude_longitude',
  long_name: 'WGS 84 geographic coordinates',
  semi_major_axis: Float64Array.of(6378137),
  inverse_flattening: Float64Array.of(298.257223563),
  longitude_of_prime_meridian: Float64Array.of(0),
  geographic_crs_name: 'WGS 84',
  horizontal_datum_name: 'World Geodetic System 1984',
  reference_ellipsoid_name: 'WGS 84',
  prime_meridian_name: 'Greenwich',
  epsg_code: 'EPSG:4326',
  crs_wkt:
    'GEOGCRS["WGS 84",DATUM["World Geodetic System 1984",ELLIPSOID["WGS 84",6378137,298.257223563,' +
    'LENGTHUNIT["metre",1]]],PRIMEM["Greenwich",0,ANGLEUNIT["degree",0.0174532925199433]],CS[ellipsoidal,2],' +
    'AXIS["geodetic latitude (Lat)",north,ORDER[1],ANGLEUNIT["degree",0.0174532925199433]],' +
    'AXIS["geodetic longitude (Lon)",east,ORDER[2],ANGLEUNIT["degree",0.0174532925199433]],ID["EPSG",4326]]',
};

/** Sentence that the CAMS licence asks of every product made from its data. */
export const CAMS_ATTRIBUTION = 'Contains modified Copernicus Atmosphere Monitoring Service information';

/** What a product of invented data says instead. */
export const SIMULATED_NOTICE =
  'Simulated data: invented by a script for demonstration; not an observation or forecast of real air quality';
