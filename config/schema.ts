// SPDX-License-Identifier: Apache-2.0
/**
 * The configuration of a forecast domain: one YAML or JSON file, validated here and nowhere else.
 * Every key has a default except the four that name the domain, its place, its pollutants and its data.
 *
 * @module
 */
import { z } from 'zod';

import { POLLUTANTS } from '../common/pollutants.js';
import { hasControlCharacters } from '../common/text.js';
import { concentrationText, MAXIMUM_CONCENTRATION_UG_M3 } from './concentration.js';
import { scheduleSetting } from './schedule.js';
import { checkTiles, tileSetting } from './tiles.js';

const degreesLatitude = z.number().min(-90).max(90);
const degreesLongitude = z.number().min(-180).max(180);

/** The four keys of a box. */
const boxEdges = z
  .strictObject({ north: degreesLatitude, west: degreesLongitude, south: degreesLatitude, east: degreesLongitude })
  .superRefine((box, context) => {
    if (!(box.north > box.south)) {
      context.addIssue({
        code: 'custom',
        message: `is empty: north must be greater than south, got north ${box.north} and south ${box.south}`,
      });
    }
    if (!(box.east > box.west)) {
      context.addIssue({
        code: 'custom',
        message: `is empty: east must be greater than west, got east ${box.east} and west ${box.west}`,
      });
    }
  })
  .describe('Edges of the domain in degrees north and degrees east.');

/** The ADS and CDS write an area as a list, [north, west, south, east]. */
const boundingBox = z.preprocess((value) => {
  if (!Array.isArray(value) || value.length !== 4) return value;
  const [north, west, south, east] = value as unknown[];
  return { north, west, south, east };
}, boxEdges);
/** Of thresholds of a pollutant (each is a map a day) and of errors by lead day. */
const MAXIMUM_LIST_ENTRIES = 30;

/** Text that stands on every product: one bounded line, without what would command a terminal or a viewer. */
function line(maximum: number) {
  return z
    .string()
    .trim()
    .min(1)
    .max(maximum)
    .refine((text) => !hasControlCharacters(text), 'must be one line without control characters');
}

const pollutant = z.enum(POLLUTANTS);

/** A length, duration or size of which a prior speaks: squares and inverses of it are numbers too. */
const scale = z.number().min(1e-9).max(1e9);

const penalisedComplexity = z
  .strictObject({ threshold: scale, probability: z.number().gt(0).lt(1) })
  .describe('Penalised-complexity prior: P(quantity beyond threshold) = probability.');

/** A list, or one entry for people who need only one. */
function oneOrMore<T extends z.ZodType>(entry: T) {
  return z.preprocess(
    (value) => (Array.isArray(value) || value === undefined ? value : [value]),
    z.array(entry).min(1).max(MAXIMUM_LIST_ENTRIES),
  );
}

const gaussianPrior = z.strictObject({ mean: z.number().min(-1e9).max(1e9), sd: scale });

const priors = z
  .strictObject({
    spatialRangeKm: penalisedComplexity.optional().describe('P(spatial range < threshold km) = probability.'),
    temporalRangeDays: penalisedComplexity.optional().describe('P(temporal range < threshold days) = probability.'),
    sigma: penalisedComplexity.optional().describe('P(field sd > threshold standardised units) = probability.'),
    noiseSd: penalisedComplexity.optional().describe('P(noise sd > threshold standardised units) = probability.'),
    coregionalisation: gaussianPrior.optional().describe('Gaussian prior of each coregionalisation weight.'),
  })
  .prefault({});

const domainShape = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be lower-case letters, digits and hyphens, at most 63 characters')
    .describe('Names the domain in folders and workflow ids.'),
  title: line(200).optional().describe('For people; defaults to the name.'),
  boundingBox,
  pollutants: z
    .array(pollutant)
    .min(1)
    .refine((list) => new Set(list).size === list.length, 'must not repeat a pollutant')
    .describe('Modelled jointly, in this order of coregionalisation.'),
  source: z
    .strictObject({
      path: z.string().min(1).describe('A CAMS NetCDF file, or a folder of them.'),
      origin: z
        .enum(['analysis', 'forecast', 'reanalysis'])
        .optional()
        .describe('Origin of files that do not state their own; without it they degrade the products.'),
    })
    .describe('Relative paths start at the configuration file.'),
  covariates: z
    .strictObject({
      elevation: z
        .strictObject({
          path: z.string().min(1),
          outside: z
            .enum(['sea', 'zero', 'exclude', 'refuse'])
            .default('sea')
            .describe(
              'Cells without an elevation: sea takes no data for 0 m and refuses cells beyond the grid, zero takes both for 0 m, exclude leaves both out.',
            ),
        })
        .optional()
        .describe('Elevation grid in m: NetCDF or GeoTIFF.'),
    })
    .prefault({}),
  window: z
    .strictObject({
      maximumHistoryDays: z.number().int().min(1).max(366).default(60),
      maximumHorizonDays: z.number().int().min(1).max(10).default(4),
      minimumDailyCoverage: z
        .number()
        .gt(0)
        .max(1)
        .default(0.75)
        .describe('Share of the expected times of a day below which its statistic is missing.'),
    })
    .prefault({}),
  quality: z
    .strictObject({
      maximumMissingShareDegrade: z.number().min(0).max(1).default(0.05),
      maximumMissingShareFail: z.number().min(0).max(1).default(0.5),
    })
    .prefault({}),
  mesh: z
    .strictObject({
      interiorEdgeKm: z
        .number()
        .positive()
        .optional()
        .describe('Default: from the size of the domain, at most the longer side of a cell.'),
      extensionKm: z.number().positive().optional(),
      maximumExtensionEdgeKm: z.number().positive().optional(),
    })
    .prefault({}),
  model: z
    .strictObject({
      route: z
        .enum(['automatic', 'grid', 'mesh'])
        .default('automatic')
        .describe('What estimates the hyperparameters: the grid of the cells, or a mesh.'),
      allowCoarseMesh: z
        .boolean()
        .default(false)
        .describe('Whether a mesh may be coarser than the cells; the products then say that they are degraded.'),
      tiles: tileSetting,
      priors,
      forecastErrorSds: z
        .array(scale)
        .min(1)
        .max(MAXIMUM_LIST_ENTRIES)
        .default([0.2, 0.3, 0.4, 0.5])
        .describe(
          'Errors of forecast fields by lead day, in standard deviations of the daily values; the last one goes on.',
        ),
    })
    .prefault({}),
  inference: z
    .strictObject({
      integration: z
        .enum(['automatic', 'lattice', 'central-composite', 'empirical-bayes'])
        .default('automatic')
        .describe('Whether the hyperparameters are integrated out or taken at their mode.'),
      integrationBudgetSeconds: z
        .number()
        .nonnegative()
        .max(86_400)
        .default(45)
        .describe('What automatic may spend on the integration, reckoned from the evaluations of the fit.'),
    })
    .prefault({}),
  engine: z
    .strictObject({
      threads: z.number().int().min(1).max(256).optional().describe('Default: the processors at hand.'),
      gradientTolerance: z.number().min(1e-12).max(1e3).default(1e-3),
      maximumIterations: z.number().int().min(1).max(10_000).default(200),
      start: z
        .enum(['automatic', 'defaults'])
        .default('automatic')
        .describe(
          'Where the search begins: at the mode of the latest fit of the same model or of coarser meshes, or always at the defaults.',
        ),
    })
    .prefault({}),
  products: z
    .strictObject({
      resolutionDegrees: z.number().min(0.001).max(1).default(0.02),
      thresholds: z
        .partialRecord(pollutant, oneOrMore(concentrationText))
        .optional()
        .describe('Exceedance thresholds with unit, e.g. "15 ug/m3". Default: WHO 2021 daily guidelines.'),
      institution: line(200).default('unspecified'),
      consecutiveDays: z
        .array(
          z.strictObject({
            pollutant,
            thresholdUgM3: z.number().positive().max(MAXIMUM_CONCENTRATION_UG_M3),
            days: z.number().int().min(1).max(366),
          }),
        )
        .max(MAXIMUM_LIST_ENTRIES)
        .default([])
        .describe('Probabilities that a threshold in ug m-3 is exceeded on so many days in a row.'),
      areas: z
        .strictObject({
          path: z.string().min(1),
          nameProperty: line(200).default('name').describe('Property of the features that names them.'),
        })
        .optional()
        .describe('Polygons in longitude and latitude, GeoJSON: their means are published.'),
      samples: z
        .number()
        .int()
        .min(10)
        .max(2000)
        .default(200)
        .describe('Joint draws behind consecutive days and areas.'),
    })
    .prefault({}),
  evaluation: z
    .strictObject({ truth: z.strictObject({ path: z.string().min(1) }) })
    .optional()
    .describe('A known truth on the fine grid, for simulated domains.'),
  schedule: scheduleSetting.optional(),
  notice: line(1000).optional().describe('Printed on every product, e.g. that the data are simulated.'),
});

/** The whole schema, with the rules that cross keys. */
export const domainConfigSchema = domainShape.superRefine((config, context) => {
  checkTiles(config.model, context);
  for (const key of Object.keys(config.products.thresholds ?? {})) {
    if (!(config.pollutants as string[]).includes(key)) {
      context.addIssue({
        code: 'custom',
        path: ['products', 'thresholds', key],
        message: `must name one of the configured pollutants (${config.pollutants.join(', ')}), got "${key}"`,
      });
    }
  }
  const seen = new Set<string>();
  for (const [index, run] of config.products.consecutiveDays.entries()) {
    const path = ['products', 'consecutiveDays', index];
    if (!config.pollutants.includes(run.pollutant)) {
      context.addIssue({
        code: 'custom',
        path: [...path, 'pollutant'],
        message: `must name one of the configured pollutants (${config.pollutants.join(', ')}), got "${run.pollutant}"`,
      });
    }
    const key = `${run.pollutant}, ${run.thresholdUgM3} ug m-3, ${run.days} days`;
    if (seen.has(key))
      context.addIssue({ code: 'custom', path, message: `must not repeat an entry, got ${key} again` });
    seen.add(key);
  }
});

/** A validated configuration with every default filled in. */
export type DomainConfig = z.output<typeof domainConfigSchema>;

/** What a person may write. */
export type DomainConfigInput = z.input<typeof domainConfigSchema>;
