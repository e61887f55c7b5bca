// SPDX-License-Identifier: Apache-2.0
/** The measuring programs of bench/native: built in the engine's own build folder, run as processes of their own. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { TramontanaError } from '../../common/errors.js';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const BUILD_FOLDER = join(ROOT, 'build', 'native');

interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

function execute(program: string, args: readonly string[], onProgress?: (line: string) => void): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    const output: string[] = [];
    const errors: string[] = [];
    child.stdout.setEncoding('utf8').on('data', (text: string) => output.push(text));
    createInterface({ input: child.stderr }).on('line', (line) => {
      errors.push(`${line}\n`);
      onProgress?.(line);
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output: output.join(''), errors: errors.join('') }));
  });
}

async function executeOrThrow(
  what: string,
  program: string,
  args: readonly string[],
  onProgress?: (line: string) => void,
): Promise<string> {
  const { code, output, errors } = await execute(program, args, onProgress);
  if (code !== 0) {
    const tail = `${output}\n${errors}`.trim().split('\n').slice(-20).join('\n');
    throw new TramontanaError('Bench.ProgramFailed', `${what}: "${program}" ended with ${String(code)}\n${tail}`, {
      facts: { program, code: code ?? -1 },
    });
  }
  return output;
}

/** Configures and builds one program of bench/native, of which only what changed is compiled. */
export async function buildNativeProgram(name: string): Promise<string> {
  const generator = existsSync(join(BUILD_FOLDER, 'CMakeCache.txt')) ? [] : ['-DCMAKE_BUILD_TYPE=Release'];
  await executeOrThrow('configure the benchmarks', 'cmake', [
    ...['-S', join(ROOT, 'inference-core'), '-B', BUILD_FOLDER],
    ...generator,
    '-DTRAMONTANA_BENCH=ON',
  ]);
  await executeOrThrow('build the benchmarks', 'cmake', [
    ...['--build', BUILD_FOLDER, '--target', name],
    ...['--parallel', String(availableParallelism())],
  ]);
  return join(BUILD_FOLDER, 'bench', name);
}

/**
 * Runs a built program with `--name value` options; it answers with one JSON document on its standard output.
 *
 * @param onProgress - gets the lines of its standard error
 */
export async function runNativeProgram(
  program: string,
  options: Readonly<Record<string, number | string>>,
  onProgress?: (line: string) => void,
): Promise<unknown> {
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  return JSON.parse(await executeOrThrow('measure', program, args, onProgress)) as unknown;
}
