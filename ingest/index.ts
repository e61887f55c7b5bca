// SPDX-License-Identifier: Apache-2.0
/**
 * The door of ingest: bytes to labelled arrays with units.
 *
 * @example
 * const fields = await Promise.all(paths.map((path) => readCamsFile(path, { boundingBox, signal })));
 * const daily = toDaily(selectSpecies(mergeFields(fields), ['pm2_5', 'o3']));
 * const verdict = qualityGate(assessQuality(daily));
 *
 * @module
 */
export { inspectFile, readAreas, readCamsFile, readCamsTimes, readElevation } from './fence/fenced-readers.js';
export type { AreasFile } from './areas/areas-file.js';
export type { ReadAreasOptions } from './areas/read-areas.js';
export type { ReadCamsOptions } from './cams/read-cams-file.js';
export type { CamsTimes } from './cams/read-cams-times.js';
export { keepTimes } from './keep-times.js';
export { selectBoundingBox } from './bounding-box.js';
export { combineDaily } from './daily/combine-daily.js';
export { mergeFields } from './daily/merge-fields.js';
export { selectSpecies } from './daily/select-species.js';
export { toDaily, type DailyOptions } from './daily/to-daily.js';
export { sourceNames, type BoundingBox, type FieldSource, type LabelledField } from './labelled-field.js';
export type { IssueSeverity, QualityIssue } from './quality/issue.js';
export type { FileInspection, InspectedPollutant } from './inspect-file.js';
export { assessExtent } from './quality/assess-extent.js';
export { assessQuality, type PollutantQuality, type QualityReport } from './quality/assess-quality.js';
export {
  DEFAULT_QUALITY_THRESHOLDS,
  qualityGate,
  type QualityGateResult,
  type QualityThresholds,
  type QualityVerdict,
} from './quality/quality-gate.js';
export { sniffFile, type FileSniff } from './netcdf/sniff.js';
export { completeDays } from './daily/complete-days.js';
export { settledElevation, type ElevationOutside, type SettledElevation } from './dem/settle-elevation.js';
export type { ElevationGrid } from './dem/elevation-grid.js';
export type { ReadElevationOptions } from './dem/read-elevation.js';
