// SPDX-License-Identifier: Apache-2.0
export { parseConcentration } from './concentration.js';
export {
  domainConfigJsonSchema,
  loadDomainConfig,
  overlayConfig,
  parseDomainConfig,
  requireShallow,
  resolveConfigPaths,
} from './load.js';
export { domainConfigSchema, type DomainConfig, type DomainConfigInput } from './schema.js';
export { durationMs, type ScheduleConfig } from './schedule.js';
export { thresholdsOf, WHO_2021_DAILY_UG_M3 } from './thresholds.js';
export { LEAST_CELLS_AN_OVERLAP } from './tiles.js';
