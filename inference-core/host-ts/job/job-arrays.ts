// SPDX-License-Identifier: Apache-2.0
/**
 * The array files of a job folder, each named with its SHA-256 in job.json.
 *
 * @module
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import { writeFileAtomic } from '../../../common/atomic-file.js';
import { messageOf, TramontanaError } from '../../../common/errors.js';
import { sha256Hex } from '../../../common/hash.js';
import type { EngineModel, PredictionDesign } from '../contract/engine-model.js';
import { decodeGridDraws, encodeGridDraws } from '../codec/grid-samples-codec.js';
import { decodeGrid, decodeGridDesigns, encodeGrid, encodeGridDesigns } from '../codec/grid-codec.js';
import { isGridModel, type GridModel } from '../contract/grid-model.js';
import type { GridDraws, GridMaps } from '../contract/integration-task.js';
import { decodeDesigns, decodeModel, encodeDesigns, encodeModel } from '../codec/model-codec.js';

const fileSchema = z.strictObject({ name: z.string(), sha256: z.string(), bytes: z.int().nonnegative() });
type ArraysFile = z.infer<typeof fileSchema>;

/** Files of a job's model; `solver` says whether it is on a mesh or a complete grid. */
export const modelFileSchema = fileSchema.extend({ solver: z.enum(['mesh', 'grid']) });
/** Files of an integration; the model of maps is absent where it is the job's own. */
export const predictorFilesSchema = {
  designs: fileSchema.optional(),
  maps: z.strictObject({ model: fileSchema.optional(), designs: fileSchema }).optional(),
  draws: fileSchema.optional(),
};

/** The model of a fit on coarser meshes, with the edges inside the domain. */
export const coarseFilesSchema = z.strictObject({
  edgeKm: z.number().positive(),
  meshes: z.array(z.strictObject({ edgeKm: z.number().positive(), model: fileSchema })).length(2),
});

type ModelFile = z.infer<typeof modelFileSchema>;
type PredictorFiles = z.infer<z.ZodObject<typeof predictorFilesSchema>>;

export function invalidJob(message: string, facts: Record<string, unknown>, cause?: unknown): TramontanaError {
  return new TramontanaError('Engine.InvalidInput', message, { facts, cause });
}

async function writeArrays(folder: string, name: string, bytes: Uint8Array): Promise<ArraysFile> {
  await writeFileAtomic(join(folder, name), bytes);
  return { name, sha256: sha256Hex(bytes), bytes: bytes.byteLength };
}

/** @throws TramontanaError `Engine.InvalidInput` for a file that is not there, is not the one that was written, or cannot be decoded */
async function readArrays<Content>(
  folder: string,
  file: ArraysFile,
  decode: (bytes: Uint8Array, source: string) => Content,
): Promise<Content> {
  const path = join(folder, file.name);
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw invalidJob(
      `${path}: expected a file of ${file.bytes} bytes, cannot read it: ${messageOf(error)}`,
      { path },
      error,
    );
  }
  const sha256 = sha256Hex(bytes);
  if (sha256 !== file.sha256) {
    throw invalidJob(`${path}: expected SHA-256 ${file.sha256}, got ${sha256}`, {
      path,
      expected: file.sha256,
      sha256,
    });
  }
  return decode(bytes, path);
}

export async function writeModel(folder: string, model: EngineModel | GridModel): Promise<ModelFile> {
  const bytes = isGridModel(model) ? encodeGrid(model) : encodeModel(model);
  return { ...(await writeArrays(folder, 'model.arrow', bytes)), solver: isGridModel(model) ? 'grid' : 'mesh' };
}

export async function readModel(folder: string, file: ModelFile): Promise<EngineModel | GridModel> {
  return file.solver === 'grid' ? readArrays(folder, file, decodeGrid) : readArrays(folder, file, decodeModel);
}

/** The same data on two coarser meshes: where a search on the fine one may begin is told by searches on them. */
export interface CoarseMeshes {
  /** Of the mesh of the fit. */
  readonly edgeKm: number;
  /** The coarser one first. */
  readonly meshes: readonly { readonly edgeKm: number; readonly model: EngineModel }[];
}

export async function writeCoarse(
  folder: string,
  { edgeKm, meshes }: CoarseMeshes,
): Promise<z.infer<typeof coarseFilesSchema>> {
  const write = async (mesh: CoarseMeshes['meshes'][number], index: number) => ({
    edgeKm: mesh.edgeKm,
    model: await writeArrays(folder, `coarse-model-${index}.arrow`, encodeModel(mesh.model)),
  });
  return { edgeKm, meshes: await Promise.all(meshes.map(write)) };
}

export async function readCoarse(
  folder: string,
  { edgeKm, meshes }: z.infer<typeof coarseFilesSchema>,
): Promise<CoarseMeshes> {
  const read = async (mesh: (typeof meshes)[number]) => ({
    edgeKm: mesh.edgeKm,
    model: await readArrays(folder, mesh.model, decodeModel),
  });
  return { edgeKm, meshes: await Promise.all(meshes.map(read)) };
}

/** What an integration is to predict. */
interface Predictors {
  readonly model: EngineModel | GridModel;
  readonly designs: readonly PredictionDesign[];
  readonly maps?: GridMaps;
  readonly draws?: GridDraws;
}

/** @param file - of the model, written before */
export async function writePredictors(
  folder: string,
  { model, designs, maps, draws }: Predictors,
  file: ModelFile,
): Promise<PredictorFiles> {
  if (maps === undefined) {
    if (designs.length === 0) return {};
    return { designs: await writeArrays(folder, 'designs.arrow', encodeDesigns(designs)) };
  }
  const mapsDesigns = await writeArrays(folder, 'maps-designs.arrow', encodeGridDesigns(maps.designs));
  const grid = encodeGrid(maps.model);
  const asked = draws === undefined ? {} : { draws: await writeArrays(folder, 'draws.arrow', encodeGridDraws(draws)) };
  if (!isGridModel(model)) {
    return { maps: { model: await writeArrays(folder, 'maps-model.arrow', grid), designs: mapsDesigns }, ...asked };
  }
  if (sha256Hex(grid) !== file.sha256) {
    throw invalidJob("maps.model: expected the job's own model, for that is a complete grid, got another grid", {
      field: 'maps.model',
    });
  }
  return { maps: { designs: mapsDesigns }, ...asked };
}

export async function readPredictors(
  folder: string,
  files: PredictorFiles,
  model: EngineModel | GridModel,
): Promise<Omit<Predictors, 'model'>> {
  const designs = files.designs === undefined ? [] : await readArrays(folder, files.designs, decodeDesigns);
  if (files.maps === undefined) return { designs };
  const own = isGridModel(model) ? model : undefined;
  const other = files.maps.model === undefined ? undefined : await readArrays(folder, files.maps.model, decodeGrid);
  const grid = other ?? own;
  if (grid === undefined || (other !== undefined && own !== undefined)) {
    throw invalidJob(
      `${folder}: expected maps to have a model beside a mesh and none beside a grid, got ${other === undefined ? 'none' : 'one'}`,
      { folder, field: 'maps.model' },
    );
  }
  const maps = { model: grid, designs: await readArrays(folder, files.maps.designs, decodeGridDesigns) };
  if (files.draws === undefined) return { designs, maps };
  return { designs, maps, draws: await readArrays(folder, files.draws, decodeGridDraws) };
}
