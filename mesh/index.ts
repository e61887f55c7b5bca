// SPDX-License-Identifier: Apache-2.0
export { buildMesh, resolveMeshOptions, type MeshOptions, type ResolvedMeshOptions } from './build-mesh.js';
export { estimateInteriorNodes, estimateMeshNodes } from './estimate-nodes.js';
export { assembleFiniteElements, type FiniteElements } from './finite-elements.js';
export { meshDrawing, type MeshDrawing } from './mesh-drawing.js';
export {
  createLocalProjection,
  projectionFromDefinition,
  type GeographicBox,
  type LocalProjection,
} from './projection.js';
export {
  arealProjector,
  planarPointProjector,
  pointProjector,
  type ArealOptions,
  type GeographicGrid,
  type GeographicPoints,
} from './projectors.js';
export { multiplyCsr, takeCsrRows } from './sparse.js';
export { triangulationQuality, type TriangulationQuality } from './triangulation.js';
