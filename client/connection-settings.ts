// SPDX-License-Identifier: Apache-2.0
/**
 * How to reach a Temporal server: as Temporal's own clients are told, by options, the environment (`TEMPORAL_ADDRESS`,
 * `TEMPORAL_NAMESPACE`, `TEMPORAL_API_KEY`, `TEMPORAL_TLS_*`) and the profile file.
 *
 * @module
 */
import type { ConnectionOptions } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';

import { messageOf, TramontanaError } from '../common/errors.js';

/** What a program may say about its server; the rest comes from the environment and the profile. */
export interface ConnectOptions {
  /** host:port of the Temporal front end. */
  readonly address?: string;
  readonly namespace?: string;
  /** Default `tramontana`. */
  readonly taskQueue?: string;
  /** Of Temporal Cloud, or of a server that asks for one; implies TLS. */
  readonly apiKey?: string;
  /** True for TLS with the system's authorities, or certificates in PEM. */
  readonly tls?: ConnectionOptions['tls'];
  /** Of the profile file; default `$TEMPORAL_PROFILE`, else `default`. */
  readonly profile?: string;
}

/** Everything that a connection needs. */
export interface ConnectionSettings {
  readonly address: string;
  readonly namespace: string;
  /** Credentials and metadata, as both kinds of connection take them. */
  readonly security: Pick<ConnectionOptions, 'tls' | 'metadata'> & { readonly apiKey?: string };
}

/**
 * Puts the options over what the environment and the profile say. Credentials of a profile are for the profile's own server: an
 * address that is given beside them and differs does not get them.
 *
 * @returns undefined when nobody names a server
 * @throws {TramontanaError} `Temporal.InvalidProfile` when the profile or its certificates cannot be read
 */
export function connectionSettings(options: ConnectOptions = {}): ConnectionSettings | undefined {
  const { connectionOptions, namespace } = profileOf(options.profile);
  const { address: ofProfile, apiKey, tls, metadata } = connectionOptions;
  const address = options.address ?? ofProfile;
  if (address === undefined || address === '') return undefined;
  const isOfProfile = ofProfile === undefined || address === ofProfile;
  const kept = isOfProfile ? { apiKey, tls, metadata } : {};
  const security = { ...kept, ...given({ apiKey: options.apiKey, tls: options.tls }) };
  return {
    address,
    namespace: options.namespace ?? (isOfProfile ? namespace : undefined) ?? 'default',
    security: given(security),
  };
}

/**
 * As {@link connectionSettings}, for those who cannot do without.
 *
 * @throws {TramontanaError} `Temporal.NoServer`, `Temporal.InvalidProfile`
 */
export function requireConnectionSettings(options: ConnectOptions = {}): ConnectionSettings {
  const settings = connectionSettings(options);
  if (settings !== undefined) return settings;
  throw new TramontanaError(
    'Temporal.NoServer',
    'Temporal server: expected an address (option address, $TEMPORAL_ADDRESS or a profile), got none',
  );
}

/** The error of a connection that could not be made; tells nothing of the credentials. */
export function unreachable({ address }: Pick<ConnectionSettings, 'address'>, cause: unknown): TramontanaError {
  return new TramontanaError('Temporal.Unreachable', `${address}: expected a Temporal server, got no answer`, {
    facts: { address },
    retryable: true,
    cause,
  });
}

function profileOf(profile: string | undefined): ReturnType<typeof loadClientConnectConfig> {
  try {
    return loadClientConnectConfig(profile === undefined ? {} : { profile });
  } catch (error) {
    throw new TramontanaError(
      'Temporal.InvalidProfile',
      `Temporal profile ${profile ?? process.env['TEMPORAL_PROFILE'] ?? 'default'}: expected connection settings, got: ${messageOf(error)}`,
      { facts: { profile: profile ?? null }, cause: error },
    );
  }
}

/** Without the keys that have no value. */
function given<Value extends object>(value: Value): { [Key in keyof Value]?: NonNullable<Value[Key]> } {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as {
    [Key in keyof Value]?: NonNullable<Value[Key]>;
  };
}
