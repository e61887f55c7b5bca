// SPDX-License-Identifier: Apache-2.0
import type { DomainConfig } from '../../config/index.js';
import type { MeshOptions } from '../../mesh/index.js';

/** The mesh options of a configuration; those that it leaves out are chosen by the mesh room. */
export function meshOptionsOf(config: Pick<DomainConfig, 'mesh'>): MeshOptions {
  const { interiorEdgeKm, extensionKm, maximumExtensionEdgeKm } = config.mesh;
  return {
    ...(interiorEdgeKm === undefined ? {} : { interiorEdgeKm }),
    ...(extensionKm === undefined ? {} : { extensionKm }),
    ...(maximumExtensionEdgeKm === undefined ? {} : { maximumExtensionEdgeKm }),
  };
}
