// SPDX-License-Identifier: Apache-2.0
import { placeOf, readVerified, type ArtifactRef } from '../../artifacts/index.js';
import type { ErrorTag } from '../../common/error-tags.js';
import { isTramontanaError, type TramontanaError } from '../../common/errors.js';
import type { DomainConfig } from '../../config/index.js';
import type { ReadCamsOptions } from '../../ingest/index.js';
import type { UnreadFile } from './source-files.js';

/** What was read of the input files that concern the domain, and the files that do not. */
export interface SourceFields<T> {
  readonly fields: readonly T[];
  readonly unread: readonly UnreadFile[];
}

export interface ReadSourcesOptions {
  readonly signal: AbortSignal;
  readonly onFile?: (index: number) => void;
}

/** What a file of a folder may be without harm to the others: about something else, or somewhere else. */
const STRANGERS: readonly ErrorTag[] = ['Ingest.NoPollutants', 'Ingest.EmptyBoundingBox'];

/** True for the error of a file whose only readable trouble is a species that the domain does not want. */
function isOfOtherSpecies(error: unknown, pollutants: readonly string[]): boolean {
  if (!isTramontanaError(error, 'Ingest.MixingRatio') && !isTramontanaError(error, 'Ingest.UnknownUnits')) return false;
  const { species } = error.facts;
  return typeof species === 'string' && !pollutants.includes(species);
}

/**
 * Reads the part of each input file that lies in the domain. Files without pollutants and of other domains are set aside with
 * the reason; when no other is left, the reason is the error.
 *
 * @param read - readCamsFile, or readCamsTimes where the values do not matter
 * @throws {TramontanaError} as readCamsFile
 */
export async function readSources<T>(
  sources: readonly ArtifactRef[],
  config: Pick<DomainConfig, 'boundingBox' | 'pollutants' | 'source'>,
  read: (path: string, options: ReadCamsOptions) => Promise<T>,
  options: ReadSourcesOptions,
): Promise<SourceFields<T>> {
  const fields: T[] = [];
  const unread: UnreadFile[] = [];
  let firstError: unknown;
  const { origin } = config.source;
  for (const [index, ref] of sources.entries()) {
    const path = placeOf(ref);
    options.onFile?.(index);
    try {
      fields.push(
        await readVerified(ref, (file) =>
          read(file, {
            boundingBox: config.boundingBox,
            signal: options.signal,
            ...(origin === undefined ? {} : { assumedOrigin: origin }),
          }),
        ),
      );
    } catch (error) {
      const isStranger = STRANGERS.some((tag) => isTramontanaError(error, tag));
      if (!isStranger && !isOfOtherSpecies(error, config.pollutants)) throw error;
      firstError ??= error;
      const { message } = error as TramontanaError;
      const isSuspicious = isTramontanaError(error, 'Ingest.EmptyBoundingBox');
      unread.push({ path, reason: message.replace(`${path}: `, ''), isSuspicious });
    }
  }
  if (fields.length === 0) throw firstError;
  return { fields, unread };
}
