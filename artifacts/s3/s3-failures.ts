// SPDX-License-Identifier: Apache-2.0
import { messageOf, TramontanaError } from '../../common/errors.js';
import { plainLine } from '../../common/text.js';
import type { S3Settings } from './s3-settings.js';

/** What a server said instead of doing what it was asked. */
export interface S3Refusal {
  readonly status: number;
  /** Such as `NoSuchBucket`; empty where the server gave none. */
  readonly code: string;
  readonly message: string;
}

/** A request, as a message names it. */
export interface S3Subject {
  readonly method: string;
  /** Whole, with the prefix; empty for the bucket itself. */
  readonly key: string;
}

const PASSING_STATUS: readonly number[] = [408, 429, 500, 502, 503, 504];
const PASSING_CODES: readonly string[] = [
  'ConditionalRequestConflict',
  'OperationAborted',
  'RequestTimeout',
  'SlowDown',
];

const REMEDIES: Readonly<Record<string, string>> = {
  AccessDenied: 'allow these keys s3:GetObject, s3:PutObject, s3:DeleteObject and s3:ListBucket there',
  AuthorizationHeaderMalformed: 'set AWS_REGION to the region of the bucket',
  ExpiredToken: 'renew AWS_SESSION_TOKEN or the credentials file',
  InvalidAccessKeyId: 'set AWS_ACCESS_KEY_ID to a key that the server knows',
  NoSuchBucket: 'make the bucket, or correct TRAMONTANA_STORE',
  PermanentRedirect: 'set AWS_REGION to the region of the bucket',
  RequestTimeTooSkewed: 'set the clock of this machine',
  SignatureDoesNotMatch: 'set AWS_SECRET_ACCESS_KEY to the secret of the key',
  XAdminUserNotFound: 'set AWS_ACCESS_KEY_ID to a key that the server knows',
};

/** Whether the same request may succeed a moment later. */
export function isPassing({ status, code }: S3Refusal): boolean {
  return PASSING_STATUS.includes(status) || PASSING_CODES.includes(code);
}

/** Reads the XML of an error answer; servers in between may send anything. */
export function refusalOf(status: number, body: string): S3Refusal {
  const of = (tag: string): string => new RegExp(`<${tag}>([^<]*)</${tag}>`, 'u').exec(body)?.[1] ?? '';
  return { status, code: plainLine(of('Code'), 100), message: plainLine(of('Message'), 300) };
}

function placeOf({ bucket, prefix }: S3Settings, { key }: S3Subject): string {
  return `s3://${bucket}/${key === '' ? prefix : key}`;
}

/** The server answers and will not: keys, permissions, the bucket. */
export function storeRefused(settings: S3Settings, subject: S3Subject, refusal: S3Refusal): TramontanaError {
  const { status, code, message } = refusal;
  // the answer to HEAD has no words
  const remedy = REMEDIES[code] ?? (status === 403 ? REMEDIES['AccessDenied'] : undefined);
  const told = [code, message].filter((text) => text !== '').join(': ');
  return new TramontanaError(
    'Artifact.StoreRefused',
    `${placeOf(settings, subject)}: expected ${settings.endpoint.host} to do ${subject.method}, got status ${status}${told === '' ? '' : ` (${told})`}${remedy === undefined ? '' : `; ${remedy}`}`,
    { facts: { ...subject, bucket: settings.bucket, endpoint: settings.endpoint.host, status, code } },
  );
}

/** The server does not answer, or is not well, at the last attempt too. */
export function storeUnreachable(
  settings: S3Settings,
  subject: S3Subject,
  attempts: number,
  last: unknown,
): TramontanaError {
  const cause = last instanceof Error && last.cause !== undefined ? last.cause : last;
  return new TramontanaError(
    'Artifact.StoreUnreachable',
    `${placeOf(settings, subject)}: expected an answer of ${settings.endpoint.host} to ${subject.method}, got none that helps at ${attempts} attempts, last: ${messageOf(cause)}; look whether the server is up and AWS_ENDPOINT_URL_S3 is its address`,
    {
      facts: { ...subject, bucket: settings.bucket, endpoint: settings.endpoint.host, attempts },
      retryable: true,
      cause: last,
    },
  );
}
