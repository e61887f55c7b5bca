// SPDX-License-Identifier: Apache-2.0
import { ARROW_MEDIA_TYPE } from '../artifacts/index.js';
import {
  encodeMesh,
  encodeSpectralBasis,
  MESH_SCHEMA,
  SPECTRAL_BASIS_SCHEMA,
} from '../artifacts/schemas/mesh-arrow.js';
import type { DomainConfig } from '../config/index.js';
import { buildMesh, type MeshOptions } from '../mesh/index.js';
import type { ActivityDependencies } from './dependencies.js';
import type { StageArgs } from './stage-contracts.js';
import type { StageWork } from './stage-frame.js';

/** The mesh options of a configuration; those that it leaves out are chosen by the mesh room. */
export function meshOptionsOf(config: Pick<DomainConfig, 'mesh'>): MeshOptions {
  const { interiorEdgeKm, extensionKm, maximumExtensionEdgeKm } = config.mesh;
  return {
    ...(interiorEdgeKm === undefined ? {} : { interiorEdgeKm }),
    ...(extensionKm === undefined ? {} : { extensionKm }),
    ...(maximumExtensionEdgeKm === undefined ? {} : { maximumExtensionEdgeKm }),
  };
}

/** Triangulates the domain and decomposes its Laplacian; depends on the domain's place only, so it is computed once. */
export async function meshWork(deps: ActivityDependencies, args: StageArgs): Promise<StageWork> {
  const config = await deps.store.getJson<DomainConfig>(args.run.config);
  const options = meshOptionsOf(config);
  return {
    name: 'mesh',
    version: 2,
    parameters: { boundingBox: config.boundingBox, options: { ...options } },
    inputs: {},
    compute: async ({ signal, report }) => {
      report({ fraction: 0.1, phase: 'triangulating' });
      const built = buildMesh(config.boundingBox, options);
      signal.throwIfAborted();
      report({ fraction: 0.4, phase: 'spectral basis' });
      const basis = await deps.spectralBasis(built.c0, built.g1);
      const numNodes = built.c0.length;
      const numInterior = built.interior.reduce((sum, flag) => sum + flag, 0);
      return {
        outputs: {
          mesh: await deps.store.put(encodeMesh(built), { mediaType: ARROW_MEDIA_TYPE, schema: MESH_SCHEMA }),
          spectralBasis: await deps.store.put(encodeSpectralBasis(basis), {
            mediaType: ARROW_MEDIA_TYPE,
            schema: SPECTRAL_BASIS_SCHEMA,
          }),
        },
        facts: { summary: `${numNodes} nodes, ${numInterior} inside the domain`, numNodes, numInterior },
      };
    },
  };
}
