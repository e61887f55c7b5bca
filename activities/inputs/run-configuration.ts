// SPDX-License-Identifier: Apache-2.0
import { isAbsolute, resolve } from 'node:path';

import { pathOfFileUri } from '../../artifacts/index.js';
import { TramontanaError } from '../../common/errors.js';
import {
  loadDomainConfig,
  overlayConfig,
  parseDomainConfig,
  requireShallow,
  resolveConfigPaths,
  type DomainConfig,
} from '../../config/index.js';
import type { ActivityDependencies } from '../dependencies.js';
import { judgeOf } from './allowed-roots.js';
import type { ParsedForecastInput } from './forecast-input.js';

/** The path behind a `file:` address or a plain path. */
function pathOfUri(uri: string): string {
  if (!uri.startsWith('file:')) {
    if (/^[a-z][a-z0-9+.-]*:/iu.test(uri)) {
      throw new TramontanaError('Input.Invalid', `input.configUri: expected a path or a file: address, got "${uri}"`, {
        facts: { configUri: uri },
      });
    }
    return resolve(uri);
  }
  return pathOfFileUri(uri, 'input.configUri');
}

/**
 * The configuration that an input names, with its overrides.
 *
 * @throws {TramontanaError} `Input.Invalid`, `Input.OutsideRoots`, `Config.*`
 */
export async function configOf(
  deps: Pick<ActivityDependencies, 'roots'>,
  input: Pick<ParsedForecastInput, 'domain' | 'configUri' | 'overrides'>,
): Promise<DomainConfig> {
  if (input.configUri !== undefined) {
    const path = pathOfUri(input.configUri);
    await deps.roots.require('configuration', path, 'input.configUri');
    return loadDomainConfig(path, input.overrides, judgeOf(deps.roots, 'configuration', path, 'input.configUri'));
  }
  requireShallow({ domain: input.domain, overrides: input.overrides }, 'input');
  const config = parseDomainConfig(overlayConfig(input.domain, input.overrides), 'input.domain');
  if (!isAbsolute(config.source.path)) {
    throw new TramontanaError(
      'Config.Invalid',
      `input.domain: source.path must be absolute, for there is no file that it could be relative to, got "${config.source.path}"`,
      { facts: { path: config.source.path } },
    );
  }
  return resolveConfigPaths(config, '/');
}
