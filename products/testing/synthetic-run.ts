// SPDX-License-Identifier: Apache-2.0
/**
 * Smooth invented fields for tests of this room: deterministic, quick, and shaped like air quality
 * (a basin between ridges, an episode that moves, uncertainty that grows with lead time).
 *
 * @module
 */
import type { FineGridPosterior } from '../../artifacts/schemas/fine-grid-posterior.js';
import type { FitResult, ParameterSummary } from '../../artifacts/schemas/fit-result.js';
import type { HyperparameterPosterior, InferenceSummary } from '../../artifacts/schemas/inference-summary.js';
import type { FieldOrigin, GriddedField } from '../../artifacts/schemas/gridded-field.js';
import { DAILY_STATISTIC, POLLUTANT_LABEL, type PollutantId } from '../../common/pollutants.js';
import type { ExceedanceThreshold, MeshDrawing, ProductInputs } from '../product-types.js';

export interface SyntheticDomain {
  readonly name: string;
  readonly title: string;
  readonly north: number;
  readonly west: number;
  readonly south: number;
  readonly east: number;
  readonly pollutants: readonly PollutantId[];
  readonly analysisDays: number;
  readonly forecastDays: number;
  readonly simulated: boolean;
  readonly resolutionDegrees?: number;
}

export const PO_VALLEY: SyntheticDomain = {
  name: 'po-valley',
  title: 'Po valley',
  north: 46.1,
  west: 8.6,
  south: 44.7,
  east: 10.8,
  pollutants: ['pm2_5', 'pm10', 'o3'],
  analysisDays: 14,
  forecastDays: 4,
  simulated: true,
};

export const IRELAND: SyntheticDomain = {
  name: 'ireland',
  title: 'Ireland',
  north: 55,
  west: -11,
  south: 51,
  east: -5,
  pollutants: ['o3'],
  analysisDays: 0,
  forecastDays: 2,
  simulated: false,
};

export const TINY: SyntheticDomain = {
  name: 'tiny',
  title: 'Milan, 3 × 4 cells',
  north: 45.6,
  west: 9,
  south: 45.3,
  east: 9.4,
  pollutants: ['pm2_5', 'no2'],
  analysisDays: 3,
  forecastDays: 0,
  simulated: false,
};

const FIRST_DAY_MS = Date.UTC(2025, 0, 10);
const DAY_MS = 86_400_000;

const LEVEL: Readonly<Record<PollutantId, { mean: number; swing: number; perKm: number; who: number }>> = {
  pm2_5: { mean: 22, swing: 9, perKm: -7, who: 15 },
  pm10: { mean: 32, swing: 12, perKm: -9, who: 45 },
  o3: { mean: 62, swing: 16, perKm: 9, who: 100 },
  no2: { mean: 26, swing: 9, perKm: -10, who: 25 },
};

/** Elevation in km: flat in the middle, ridges to the north and, lower, to the south-west. */
function elevationKm(domain: SyntheticDomain, latitude: number, longitude: number): number {
  const v = (latitude - domain.south) / (domain.north - domain.south);
  const u = (longitude - domain.west) / (domain.east - domain.west);
  const ridges = 0.5 + 0.5 * Math.sin(23 * u + 4 * Math.sin(9 * v));
  const north = Math.max(0, v - 0.62) * 4.2 * (0.45 + 0.55 * ridges);
  const south = Math.max(0, 0.32 - v) * 2.4 * Math.max(0, 1 - 0.7 * u) * (0.4 + 0.6 * ridges);
  return 0.07 + north + south;
}

/** Smooth anomaly in about [-1, 1]. */
function anomaly(u: number, v: number, day: number, seed: number): number {
  const a = Math.sin(2.1 * u + 1.4 * v + 0.45 * day + seed);
  const b = Math.sin(4.3 * u - 3.1 * v - 0.31 * day + 1.7 * seed);
  const c = Math.sin(9.5 * u + 7.7 * v + 0.22 * day + 2.9 * seed);
  return 0.55 * a + 0.3 * b + 0.15 * c;
}

function concentration(
  domain: SyntheticDomain,
  pollutant: PollutantId,
  latitude: number,
  longitude: number,
  day: number,
) {
  const level = LEVEL[pollutant];
  const u = (longitude - domain.west) / (domain.east - domain.west);
  const v = (latitude - domain.south) / (domain.north - domain.south);
  const seed = pollutant === 'o3' ? 3.3 : 0.4;
  const value =
    level.mean +
    level.swing * anomaly(u, v, day, seed) +
    level.perKm * (elevationKm(domain, latitude, longitude) - 0.3);
  return Math.max(0.5, value);
}

function centres(start: number, end: number, step: number): Float64Array {
  const count = Math.round(Math.abs(end - start) / step);
  const direction = Math.sign(end - start);
  return Float64Array.from({ length: count }, (_, k) => Number((start + direction * step * (k + 0.5)).toFixed(6)));
}

function daysOf(domain: SyntheticDomain): { timesMs: Float64Array; origins: FieldOrigin[] } {
  const count = domain.analysisDays + domain.forecastDays;
  return {
    timesMs: Float64Array.from({ length: count }, (_, day) => FIRST_DAY_MS + day * DAY_MS),
    origins: Array.from({ length: count }, (_, day) => (day < domain.analysisDays ? 'analysis' : 'forecast')),
  };
}

function dailyField(domain: SyntheticDomain, step: number): GriddedField {
  const { timesMs, origins } = daysOf(domain);
  const latitudesDegrees = centres(domain.north, domain.south, step);
  const longitudesDegrees = centres(domain.west, domain.east, step);
  return {
    cadence: 'daily',
    latitudesDegrees,
    longitudesDegrees,
    timesMs,
    origins,
    variables: domain.pollutants.map((species) => ({
      species,
      units: 'ug m-3',
      statistic: DAILY_STATISTIC[species],
      values: fillCells(timesMs.length, latitudesDegrees, longitudesDegrees, (latitude, longitude, day) =>
        concentration(domain, species, latitude, longitude, day),
      ),
    })),
  };
}

function fillCells(
  numDays: number,
  latitudes: Float64Array,
  longitudes: Float64Array,
  at: (latitude: number, longitude: number, day: number) => number,
): Float64Array {
  const values = new Float64Array(numDays * latitudes.length * longitudes.length);
  let index = 0;
  for (let day = 0; day < numDays; day += 1) {
    for (const latitude of latitudes) {
      for (const longitude of longitudes) {
        values[index] = at(latitude, longitude, day);
        index += 1;
      }
    }
  }
  return values;
}

function addSmoothError(field: GriddedField, index: number): Float64Array {
  const numColumns = field.longitudesDegrees.length;
  const numCells = numColumns * field.latitudesDegrees.length;
  const values = field.variables[index]?.values ?? new Float64Array();
  return values.map((value, k) => {
    const day = Math.floor(k / numCells);
    const u = ((k % numCells) % numColumns) / numColumns;
    const v = Math.floor((k % numCells) / numColumns) / field.latitudesDegrees.length;
    return value + 0.8 * Math.sin(17 * u + day) * Math.cos(13 * v - day);
  });
}

/** Posterior around the invented truth: small smooth error, sd larger in the mountains and with lead time. */
export function syntheticPosterior(domain: SyntheticDomain): FineGridPosterior {
  const step = domain.resolutionDegrees ?? 0.02;
  const field = dailyField(domain, step);
  const { latitudesDegrees, longitudesDegrees, timesMs, origins } = field;
  const elevation = fillCells(
    1,
    latitudesDegrees,
    longitudesDegrees,
    (latitude, longitude) => 1000 * elevationKm(domain, latitude, longitude),
  );
  return {
    resolutionDegrees: step,
    latitudesDegrees,
    longitudesDegrees,
    timesMs,
    origins,
    elevationM: elevation,
    variables: domain.pollutants.map((pollutant, p) => ({
      pollutant,
      units: 'ug m-3',
      statistic: DAILY_STATISTIC[pollutant],
      mean: addSmoothError(field, p),
      sd: fillCells(timesMs.length, latitudesDegrees, longitudesDegrees, (latitude, longitude, day) => {
        const lead = Math.max(0, day - domain.analysisDays + 1);
        const u = (longitude - domain.west) / (domain.east - domain.west);
        const v = (latitude - domain.south) / (domain.north - domain.south);
        const base =
          0.9 + 0.5 * elevationKm(domain, latitude, longitude) + 0.3 * Math.cos(9 * u) ** 2 * Math.cos(7 * v) ** 2;
        return base * (1 + 0.55 * lead) * (LEVEL[pollutant].swing / 9);
      }),
    })),
  };
}

/** Thresholds of the domain's pollutants. */
export function syntheticThresholds(domain: SyntheticDomain): ExceedanceThreshold[] {
  return domain.pollutants.map((pollutant) => ({
    pollutant,
    value_ug_m3: LEVEL[pollutant].who,
    label: 'WHO 2021 daily guideline',
  }));
}

/** Coarse field (0.1 degree) and truth (fine grid) of the invented domain. */
export function syntheticFields(domain: SyntheticDomain): { coarse: GriddedField; truth: GriddedField } {
  return { coarse: dailyField(domain, 0.1), truth: dailyField(domain, domain.resolutionDegrees ?? 0.02) };
}

function syntheticMesh(domain: SyntheticDomain): MeshDrawing {
  const columns = 26;
  const rows = 20;
  const margin = 0.6;
  const x = (i: number, j: number): number =>
    domain.west - margin + ((domain.east - domain.west + 2 * margin) * (i + (j % 2) / 2)) / columns;
  const y = (j: number): number => domain.south - margin + ((domain.north - domain.south + 2 * margin) * j) / rows;
  const segments: number[] = [];
  for (let j = 0; j < rows; j += 1) {
    for (let i = 0; i < columns; i += 1) {
      const shift = j % 2;
      segments.push(x(i, j), y(j), x(i + 1, j), y(j));
      segments.push(x(i, j), y(j), x(i + shift, j + 1), y(j + 1));
      segments.push(x(i + 1, j), y(j), x(i + shift, j + 1), y(j + 1));
    }
  }
  const { west, east, south, north } = domain;
  return {
    segmentsDegrees: Float64Array.from(segments),
    outline: Float64Array.of(west, south, east, south, east, north, west, north),
    numVertices: (columns + 1) * (rows + 1),
    numInteriorVertices: 240,
  };
}

function syntheticFit(domain: SyntheticDomain): { fit: FitResult; parameters: ParameterSummary[] } {
  const names = domain.pollutants.flatMap((name) => [`log_range_s_${name}`, `log_range_t_${name}`, `log_tau_${name}`]);
  const trace = Array.from({ length: 31 }, (_, iteration) => ({
    iteration,
    objective: 4210.4 + 3900 * Math.exp(-iteration / 3.5) + (iteration === 7 ? 60 : 0),
    gradientNorm: 950 * Math.exp(-iteration / 2.4) * (1 + 0.5 * Math.sin(3 * iteration)),
    theta: names.map(() => 0.1),
    seconds: iteration * 1.7,
  }));
  const parameters = domain.pollutants.flatMap((name): ParameterSummary[] => {
    const label = POLLUTANT_LABEL[name];
    const kind = 'hyperparameter';
    return [
      {
        name: `range_km_${name}`,
        label: `Spatial range, ${label}`,
        units: 'km',
        kind,
        estimate: 94.2,
        lower95: 81.3,
        upper95: 109.1,
      },
      {
        name: `range_days_${name}`,
        label: `Temporal range, ${label}`,
        units: 'days',
        kind,
        estimate: 3.61,
        lower95: 2.9,
        upper95: 4.5,
      },
      {
        name: `noise_sd_ug_m3_${name}`,
        label: `Noise, ${label}`,
        units: 'ug m-3',
        kind,
        estimate: 1.12,
        lower95: 1.02,
        upper95: 1.23,
      },
      {
        name: `intercept_ug_m3_${name}`,
        label: `Intercept, ${label}`,
        units: 'ug m-3',
        kind: 'fixed-effect',
        estimate: 24.3,
        lower95: 19.8,
        upper95: 28.8,
      },
      {
        name: `elevation_ug_m3_per_km_${name}`,
        label: `Elevation effect, ${label}`,
        units: 'ug m-3 km-1',
        kind: 'fixed-effect',
        estimate: LEVEL[name].perKm,
        lower95: LEVEL[name].perKm - 1.1,
        upper95: LEVEL[name].perKm + 1.1,
      },
    ];
  });
  return {
    parameters,
    fit: {
      thetaNames: names,
      theta: names.map((_, k) => 0.3 * k),
      thetaCovariance: names.map((_, k) => names.map((__, l) => (k === l ? 0.01 : 0))),
      objective: 4210.4,
      gradientNorm: 3.1e-4,
      evaluations: 58,
      iterations: 30,
      resumedFromIteration: 0,
      seconds: 52.4,
      stopReason: 'the gradient is below its tolerance',
      converged: true,
      activeBounds: [],
      recursion: 'spectral; steady state after 9 of 18 steps',
      fixedEffects: { mean: [24.3], sd: [2.3] },
      trace,
    },
  };
}

/** Normal posteriors beside wide normal priors, and a slight hump of the PITs. */
export function syntheticInference(domain: SyntheticDomain, parameters: readonly ParameterSummary[]): InferenceSummary {
  const normal = (z: number, sd: number): number => Math.exp(-0.5 * z * z) / (sd * Math.sqrt(2 * Math.PI));
  const counts = Array.from({ length: 20 }, (_, bin) => Math.round(200 + 30 * Math.sin((Math.PI * (bin + 0.5)) / 20)));
  const total = counts.reduce((sum, count) => sum + count, 0);
  const half = 1.96 * Math.sqrt(total * 0.05 * 0.95);
  return {
    integration: {
      requested: 'automatic',
      strategy: 'central-composite',
      reason: '25 evaluations of 0.8 s for 4 hyperparameters take about 20 s, within the budget of 45 s',
      points: 25,
      failedPoints: 0,
      evaluations: 33,
      seconds: 21.4,
    },
    search: {
      stopReason: 'the gradient is below its tolerance',
      gradientNorm: 3.1e-4,
      gradientTolerance: 1e-3,
      converged: true,
      activeBounds: [],
      evaluations: 58,
      iterations: 30,
    },
    criteria: {
      logMarginalLikelihood: -9421.7,
      dic: 17340.2,
      dicEffectiveParameters: 812.4,
      waic: 17361.9,
      waicEffectiveParameters: 790.1,
      logScore: 2.1234,
      numObservations: total * domain.pollutants.length,
      cpoFailures: 0,
    },
    pit: domain.pollutants.map((pollutant) => ({
      pollutant,
      counts,
      uniformBand: [total / 20 - half, total / 20 + half],
      days: 'analysis',
      cpoFailures: 0,
    })),
    hyperparameters: parameters
      .filter(({ kind }) => kind === 'hyperparameter')
      .map(({ name, label, units, estimate, lower95, upper95 }): HyperparameterPosterior => {
        const sd = (upper95 - lower95) / 3.92;
        const grid = Array.from({ length: 81 }, (_, i) => estimate + ((i - 40) / 10) * sd);
        return {
          ...{ name, label, units, lower95, upper95, sd, grid },
          mean: estimate,
          median: estimate,
          priorStatement: 'P(value < 30) = 0.05',
          posteriorDensity: grid.map((value) => normal((value - estimate) / sd, sd)),
          priorDensity: grid.map((value) => normal((value - estimate + sd) / (4 * sd), 4 * sd)),
        };
      }),
  };
}

/** Complete inputs of the products. */
export function syntheticInputs(domain: SyntheticDomain): ProductInputs {
  const { coarse, truth } = syntheticFields(domain);
  const { fit, parameters } = syntheticFit(domain);
  return {
    run: {
      domain: domain.name,
      title: domain.title,
      cycle: '2025-01-24',
      simulated: domain.simulated,
      institution: 'Test bench',
    },
    posterior: syntheticPosterior(domain),
    coarse,
    ...(domain.simulated ? { truth } : {}),
    thresholds: syntheticThresholds(domain),
    fit,
    inference: syntheticInference(domain, parameters),
    parameters,
    mesh: syntheticMesh(domain),
    stages: [
      { name: 'resolve-cycle', reused: false, seconds: 0.02, reason: 'always runs' },
      { name: 'ingest', reused: true, seconds: 0.1, reason: 'inputs and version unchanged' },
      { name: 'quality-gate', reused: false, seconds: 0.1, reason: 'no earlier result with this key' },
      { name: 'mesh', reused: true, seconds: 0.05, reason: 'inputs and version unchanged' },
      { name: 'fit', reused: false, seconds: 52.4, reason: 'no earlier result with this key' },
      { name: 'integrate', reused: false, seconds: 21.4, reason: 'fit is new' },
      { name: 'downscale', reused: false, seconds: 1.7, reason: 'moments is new' },
    ],
    quality: {
      decision: 'degrade',
      reasons: ['pm10: 0.4 % of the values are missing on 2025-01-13'],
      issues: [
        { code: 'Quality.MissingHours', severity: 'warning', message: 'pm10: 2025-01-13 has 22 of 24 hours' },
        { code: 'Quality.Rounded', severity: 'info', message: 'o3: values are rounded to 0.01 ug m-3' },
      ],
      figures: domain.pollutants.map((pollutant) => ({
        pollutant,
        min: 2.1,
        mean: LEVEL[pollutant].mean,
        max: LEVEL[pollutant].mean * 2.2,
        missingShare: pollutant === 'pm10' ? 0.004 : 0,
      })),
    },
    provenance: {
      inputs: [
        { name: 'ENS_ANALYSIS.nc', sha256: 'a3f1'.repeat(16), bytes: 1_234_567, role: 'regional ensemble analysis' },
        { name: 'ENS_FORECAST.nc', sha256: '09be'.repeat(16), bytes: 345_678, role: 'regional ensemble forecast' },
      ],
      versions: { tramontana: '0.1.0', engine: '0.1.0', node: process.version },
      configurationSha256: 'c0de'.repeat(16),
      configuration: { name: domain.name, pollutants: domain.pollutants },
      run: { workflowId: `forecast-${domain.name}-2025-01-24`, runId: '6d1f2a0e' },
    },
  };
}
