// SPDX-License-Identifier: Apache-2.0
/**
 * Which bucket, and as whom. What is secret comes from the environment or a file of its owner alone, and is never part of a message.
 *
 * @module
 */
import { readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

import { messageOf, TramontanaError } from '../../common/errors.js';

export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface S3Settings {
  readonly bucket: string;
  /** Of every key; empty, or ending with a slash. */
  readonly prefix: string;
  readonly endpoint: URL;
  readonly region: string;
  /** The bucket as the first part of the path, not of the host's name. */
  readonly pathStyle: boolean;
  /** Asked for every request: a file with keys that expire is written anew by whoever renews them. */
  readonly credentials: () => Promise<S3Credentials>;
}

type Environment = Readonly<Record<string, string | undefined>>;

const DEFAULT_REGION = 'us-east-1';
// 3 to 63 of these [Amazon S3, bucket naming rules]
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/u;
const PREFIX_PART = /^[A-Za-z0-9._-]+$/u;

function invalid(message: string, facts: Readonly<Record<string, unknown>>, cause?: unknown): TramontanaError {
  return new TramontanaError('Config.InvalidStore', message, { facts, ...(cause === undefined ? {} : { cause }) });
}

/**
 * The settings behind `s3://bucket/prefix`.
 *
 * @param environment - `AWS_ENDPOINT_URL_S3` or `AWS_ENDPOINT_URL`, `AWS_REGION` or `AWS_DEFAULT_REGION`,
 *   `TRAMONTANA_S3_PATH_STYLE`, and those of {@link credentialsOf}
 * @throws {TramontanaError} `Config.InvalidStore`
 */
export function s3SettingsOf(address: string, environment: Environment): S3Settings {
  const [, bucket = '', rest = ''] = /^s3:\/\/([^/]*)\/?(.*)$/su.exec(address) ?? [];
  const parts = rest.split('/').filter((part) => part !== '');
  if (!BUCKET.test(bucket) || !parts.every((part) => PREFIX_PART.test(part) && !/^\.+$/u.test(part))) {
    throw invalid(`store: expected s3://BUCKET/PREFIX of letters, digits, ".", "_" and "-", got "${address}"`, {
      store: address,
    });
  }
  const named = (...names: string[]): string | undefined =>
    names.map((name) => environment[name]).find((value) => value !== undefined && value !== '');
  const region = named('AWS_REGION', 'AWS_DEFAULT_REGION') ?? DEFAULT_REGION;
  const given = named('AWS_ENDPOINT_URL_S3', 'AWS_ENDPOINT_URL');
  return {
    bucket,
    prefix: parts.map((part) => `${part}/`).join(''),
    endpoint: endpointOf(given ?? `https://s3.${region}.amazonaws.com`),
    region,
    pathStyle: pathStyleOf(named('TRAMONTANA_S3_PATH_STYLE'), given !== undefined),
    credentials: () => credentialsOf(environment),
  };
}

function endpointOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && ['http:', 'https:'].includes(url.protocol) && url.username === '' && url.search === '') {
    return url;
  }
  // it may hold a password, so it is not shown
  throw invalid(
    'AWS_ENDPOINT_URL_S3: expected an address such as https://s3.example.org:9000, without user and query',
    {},
  );
}

function pathStyleOf(text: string | undefined, isOwnEndpoint: boolean): boolean {
  // servers of one's own have seldom a name for each bucket
  if (text === undefined) return isOwnEndpoint;
  if (text === 'true' || text === 'false') return text === 'true';
  throw invalid(`TRAMONTANA_S3_PATH_STYLE: expected true or false, got "${text}"`, { value: text });
}

/**
 * `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`; else those of the profile `AWS_PROFILE` in the file
 * `AWS_SHARED_CREDENTIALS_FILE`, by default `~/.aws/credentials`, which nobody but its owner may read.
 *
 * @throws {TramontanaError} `Config.InvalidStore`
 */
export async function credentialsOf(environment: Environment): Promise<S3Credentials> {
  const own = credentialsIn((name) => environment[name.toUpperCase()]);
  if (own !== undefined) return own;
  const path = environment['AWS_SHARED_CREDENTIALS_FILE'] ?? join(homedir(), '.aws', 'credentials');
  const profile = environment['AWS_PROFILE'] ?? 'default';
  let text: string;
  try {
    const { mode } = await stat(path);
    if ((mode & 0o077) !== 0) {
      throw invalid(
        `${path}: expected a file that only its owner may read (0600), got mode 0${(mode & 0o777).toString(8)}`,
        { path },
      );
    }
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof TramontanaError) throw error;
    throw invalid(
      `store: expected AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment or a credentials file, got neither: ${messageOf(error)}`,
      { path },
      error,
    );
  }
  const values = profileOf(text, profile);
  const found = credentialsIn((name) => values.get(name));
  if (found !== undefined) return found;
  throw invalid(`${path}: expected aws_access_key_id and aws_secret_access_key in the profile "${profile}", got none`, {
    path,
    profile,
  });
}

function credentialsIn(value: (name: string) => string | undefined): S3Credentials | undefined {
  const [accessKeyId = '', secretAccessKey = '', sessionToken = ''] = [
    ...['aws_access_key_id', 'aws_secret_access_key', 'aws_session_token'],
  ].map(value);
  if (accessKeyId === '' || secretAccessKey === '') return undefined;
  return { accessKeyId, secretAccessKey, ...(sessionToken === '' ? {} : { sessionToken }) };
}

/** The keys of one section of a file in the form of the AWS tools: `[name]`, then `key = value`. */
function profileOf(text: string, profile: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  let section = '';
  for (const line of text.split(/\r?\n/u)) {
    const header = /^\s*\[([^\]]*)\]/u.exec(line)?.[1];
    if (header !== undefined) section = header.trim();
    const [, key, value] = /^\s*([a-z_]+)\s*=\s*(\S*)\s*$/u.exec(line) ?? [];
    if (section === profile && key !== undefined && value !== undefined) values.set(key, value);
  }
  return values;
}
