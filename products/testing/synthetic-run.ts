// SPDX-License-Identifier: Apache-2.0
/** The inputs of the products for an invented run: its fit, its inference, its mesh and its fields. */
import type { FitResult, ParameterSummary } from '../../artifacts/schemas/fit-result.js';
import type { HyperparameterPosterior, InferenceSummary } from '../../artifacts/schemas/inference-summary.js';
import { POLLUTANT_LABEL } from '../../common/pollutants.js';
import type { MeshDrawing, ProductInputs } from '../product-types.js';
import {
  type SyntheticDomain,
  LEVEL,
  syntheticPosterior,
  syntheticThresholds,
  syntheticFields,
} from './synthetic-fields.js';

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
        {
          code: 'Quality.MissingHours',
          severity: 'warning',
          message: 'pm10: 2025-01-13 has 22 of 24 hours',
          facts: {},
        },
        { code: 'Quality.Rounded', severity: 'info', message: 'o3: values are rounded to 0.01 ug m-3', facts: {} },
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
