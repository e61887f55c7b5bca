// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';

import { parseModelFitOptions, requireFile, type ModelFitOptions } from '../activities/index.js';
import { messageOf, TramontanaError } from '../common/errors.js';
import { openRegular } from '../common/regular-file.js';
import { suggestion } from '../common/suggestion.js';
import { plainLine } from '../common/text.js';
import { modelFromJson, type EngineModel } from '../inference-core/host-ts/index.js';

/** Of a model file: about ten million numbers. What is larger belongs into a program, which hands its arrays over as they are. */
export const LARGEST_MODEL_FILE_BYTES = 256 * 2 ** 20;

const KEYS = ['schemaVersion', 'model', 'options'] as const;

const fileSchema = z.record(z.string(), z.unknown());

function invalid(path: string, message: string, facts: object = {}, cause?: unknown): TramontanaError {
  return new TramontanaError('Input.Invalid', `${path}: ${message}`, { facts: { path, ...facts }, cause });
}

/**
 * Reads `{"schemaVersion": 1, "model": {...}, "options": {...}}` (docs/programs.md).
 *
 * @throws {TramontanaError} `Input.Missing`, `Input.NotRegularFile`, `Input.Invalid` naming path, expectation and value
 */
export async function readModelFile(path: string): Promise<{ model: EngineModel; options: ModelFitOptions }> {
  await requireFile(path, 'MODEL.json');
  const value = fileSchema.safeParse(await readJson(path));
  if (!value.success) throw invalid(path, 'expected an object with schemaVersion, model and options');
  const { schemaVersion, model, options } = value.data;
  const unknown = Object.keys(value.data).find((key) => !(KEYS as readonly string[]).includes(key));
  if (unknown !== undefined) {
    const shown = plainLine(unknown, 60);
    throw invalid(path, `unknown key "${shown}".${suggestion(shown, KEYS)} Known: ${KEYS.join(', ')}`);
  }
  if (schemaVersion !== 1) {
    throw invalid(
      path,
      `schemaVersion: expected 1, got ${plainLine(schemaVersion === undefined ? 'nothing' : JSON.stringify(schemaVersion), 60)}`,
    );
  }
  return {
    model: modelFromJson(model, `${path}: model`),
    options: parseModelFitOptions(options, `${path}: options`),
  };
}

async function readJson(path: string): Promise<unknown> {
  const { file, bytes } = await openRegular(path);
  let text: string;
  try {
    if (bytes > LARGEST_MODEL_FILE_BYTES) {
      throw invalid(path, `expected at most ${LARGEST_MODEL_FILE_BYTES} bytes, got ${bytes}`, { bytes });
    }
    text = await file.readFile('utf8');
  } finally {
    await file.close();
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw invalid(path, `expected JSON, got: ${messageOf(error)}`, {}, error);
  }
}
