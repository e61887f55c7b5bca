// SPDX-License-Identifier: Apache-2.0
/**
 * What a reader process is asked and what it answers. Both sides check the shape: the process has read a file of strangers.
 *
 * @module
 */
import { z } from 'zod';
import { TramontanaError, isTramontanaError, messageOf } from '../../common/errors.js';
import { shortened, visible } from '../../common/text.js';

/** Longest message and longest text of a fact that leave a reader: a damaged file can make names of megabytes. */
const MAXIMUM_MESSAGE = 1000;
const MAXIMUM_FACTS = 4000;
const MAXIMUM_FACT = 200;

const boundingBox = z.object({ north: z.number(), west: z.number(), south: z.number(), east: z.number() });
const readerOptions = z.object({
  species: z.array(z.string()).optional(),
  boundingBox: boundingBox.optional(),
  airDensityKgPerM3: z.number().optional(),
  assumedOrigin: z.enum(['analysis', 'forecast', 'reanalysis']).optional(),
  nameProperty: z.string().optional(),
});

/** The readers behind the fence. */
export const READERS = ['readCamsFile', 'readCamsTimes', 'readElevation', 'readAreas', 'inspectFile'] as const;
export type ReaderName = (typeof READERS)[number];

export const readerRequest = z.object({
  id: z.number(),
  reader: z.enum(READERS),
  path: z.string(),
  options: readerOptions,
  limits: z.object({ stallMs: z.number(), totalMs: z.number(), memoryMiB: z.number() }),
});
export type ReaderRequest = z.infer<typeof readerRequest>;
export type ReaderOptions = z.infer<typeof readerOptions>;

const failure = z.object({
  tag: z.string().optional(),
  /** Of the operating system, e.g. `EIO`. */
  code: z.string().optional(),
  message: z.string(),
  facts: z.record(z.string(), z.unknown()),
  retryable: z.boolean(),
});
type Failure = z.infer<typeof failure>;

export const readerReply = z.union([
  z.object({ id: z.number(), value: z.unknown() }),
  z.object({ id: z.number(), failure }),
]);
export type ReaderReply = z.infer<typeof readerReply>;

const doubles = z.instanceof(Float64Array);
const issues = z.array(z.looseObject({ code: z.string(), severity: z.string(), message: z.string() }));
const times = { timesMs: doubles, origins: z.array(z.string()), runTimesMs: doubles.optional(), issues };

/** The least that a value of each reader must have. */
export const READER_VALUES: Readonly<Record<ReaderName, z.ZodType>> = {
  readCamsFile: z.looseObject({
    ...times,
    latitudesDegrees: doubles,
    longitudesDegrees: doubles,
    variables: z.array(z.looseObject({ species: z.string(), values: doubles })),
    sources: z.array(z.looseObject({ file: z.string() })),
  }),
  readCamsTimes: z.looseObject({ ...times, species: z.array(z.string()) }),
  readElevation: z.looseObject({ latitudesDegrees: doubles, longitudesDegrees: doubles, elevationM: doubles }),
  readAreas: z.looseObject({
    areas: z.array(z.looseObject({ name: z.string(), polygons: z.array(z.array(doubles)) })),
    numBeyond: z.number(),
  }),
  inspectFile: z.looseObject({ file: z.string(), pollutants: z.array(z.looseObject({})), issues }),
};

/** Text of at most this length, what a damaged file wrote into it made visible. */
const bounded = (text: string, length = MAXIMUM_MESSAGE): string => shortened(visible(text, '\n\t'), length);

/** Facts that are small: long texts and lists are cut, and all is left out but the file when that does not help. */
function smallFacts(facts: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const plain = JSON.parse(
    JSON.stringify(facts, (_, value: unknown) =>
      typeof value === 'string'
        ? bounded(value, MAXIMUM_FACT)
        : Array.isArray(value)
          ? value.slice(0, 50)
          : typeof value === 'bigint'
            ? Number(value)
            : value,
    ),
  ) as Record<string, unknown>;
  return JSON.stringify(plain).length <= MAXIMUM_FACTS ? plain : { file: plain['file'] };
}

/** An error on its way out of a reader process. */
export function packFailure(error: unknown, path: string): Failure {
  if (isTramontanaError(error)) {
    return {
      tag: error.tag,
      message: bounded(error.message),
      facts: smallFacts(error.facts),
      retryable: error.retryable,
    };
  }
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (typeof code === 'string' && /^E[A-Z]+$/.test(code)) {
    return { code, message: bounded(messageOf(error)), facts: { file: path }, retryable: true };
  }
  // Within the fence only the file is unknown: what a library or a loop stumbles over is its content.
  return {
    tag: 'Ingest.CorruptFile',
    message: bounded(`${path}: expected a readable file; ${messageOf(error)}`),
    facts: { file: path },
    retryable: false,
  };
}

/** The error again, in the process that asked. */
export function unpackFailure({ tag, code, message, facts, retryable }: Failure): Error {
  if (tag !== undefined) return TramontanaError.fromOutside(tag, message, { facts, retryable });
  return Object.assign(new Error(message), { code });
}
