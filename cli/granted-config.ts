// SPDX-License-Identifier: Apache-2.0
import { dirname, resolve } from 'node:path';

import { grantPaths } from '../activities/inputs/allowed-roots.js';
import type { ForecastInput } from '../activities/inputs/forecast-input.js';
import { namedFiles } from '../activities/inputs/input-catalogue.js';
import { fileUriOf } from '../artifacts/index.js';
import { loadDomainConfig, type DomainConfig } from '../config/index.js';
import type { StateFolder } from './runtime/state-folder.js';

/** A configuration that workers of this machine may read. */
export interface GrantedConfig {
  readonly config: DomainConfig;
  /** What a workflow is given to find it. */
  readonly input: Pick<ForecastInput, 'schemaVersion' | 'configUri' | 'outputFolder'>;
}

/** What is allowed with a configuration: the folder that it is named in, and the file itself, which may be a link to another one. */
export function configurationGrants(configPath: string): readonly string[] {
  const path = resolve(configPath);
  return [dirname(path), path];
}

/**
 * Reads a configuration, and allows it and what it names to the workers of the state folder: the person here names them, for every
 * day to come. Files that are not there yet may come later.
 *
 * @throws {TramontanaError} `Config.*`
 */
export async function grantedConfig(
  configPath: string,
  runsFolder: string | undefined,
  state: StateFolder,
): Promise<GrantedConfig> {
  const path = resolve(configPath);
  const config = await loadDomainConfig(path);
  const output = runsFolder === undefined ? {} : { outputFolder: resolve(runsFolder) };
  await grantPaths(state.root, {
    configuration: configurationGrants(path),
    source: [config.source.path, ...namedFiles(config).map((file) => file.path)],
    ...(runsFolder === undefined ? {} : { output: [resolve(runsFolder)] }),
  });
  return { config, input: { schemaVersion: 1, configUri: fileUriOf(path), ...output } };
}
