// SPDX-License-Identifier: Apache-2.0
import type { FieldOrigin, GriddedField } from '../artifacts/schemas/gridded-field.js';
import type { QualityIssue } from './quality/issue.js';

/** A file that a field was read from. */
export interface FieldSource {
  readonly file: string;
  /** e.g. "NetCDF-3 classic". */
  readonly format: string;
  /** For people, e.g. "CAMS regional forecast". */
  readonly layout: string;
  readonly origin: FieldOrigin;
  /** The model that computed the values, in capitals, e.g. "ENSEMBLE"; absent when the file does not say. */
  readonly model?: string;
}

/** A gridded field with its provenance and what was noticed on the way. It is a GriddedField wherever one is asked for. */
export interface LabelledField extends GriddedField {
  readonly sources: readonly FieldSource[];
  readonly issues: readonly QualityIssue[];
}

/** Edges in degrees north and east; longitudes in [-180, 180) or [0, 360), west may exceed east over the 180th meridian. */
export interface BoundingBox {
  readonly north: number;
  readonly west: number;
  readonly south: number;
  readonly east: number;
}

/** The files of a field, for messages. */
export function sourceNames(field: GriddedField): string {
  const sources = 'sources' in field ? (field as LabelledField).sources : [];
  return sources.length === 0 ? 'the field' : sources.map((source) => source.file).join(', ');
}
