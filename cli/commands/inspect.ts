// SPDX-License-Identifier: Apache-2.0
import { stat } from 'node:fs/promises';

import { listSourceFiles } from '../../activities/index.js';
import { TramontanaError } from '../../common/errors.js';
import { inspectFile } from '../../ingest/index.js';
import { JSON_OPTION, type Command } from '../command.js';
import { EXIT_CODES } from '../exit-codes.js';
import { printJson, printText } from '../terminal/output.js';

type Inspection = Awaited<ReturnType<typeof inspectFile>>;

function shown(value: number | null): string {
  return value === null ? '-' : value.toPrecision(5);
}

function describe({ file, format, product, pollutants, issues }: Inspection): string {
  const lines = pollutants.flatMap((found) => {
    const { latitudes, longitudes, times, shape } = found;
    return [
      `  ${found.pollutant} (${found.variable}), ${found.units}: ${shape.join(' x ')} values, ${found.missing} missing`,
      `    min ${shown(found.min)}, mean ${shown(found.mean)}, max ${shown(found.max)}`,
      `    latitude ${latitudes[0]} to ${latitudes.at(-1)}, longitude ${longitudes[0]} to ${longitudes.at(-1)}`,
      `    ${times[0]} to ${times.at(-1)}`,
    ];
  });
  const notes = issues.map(({ severity, message }) => `  ${severity}: ${message}`);
  return [`${file}: ${product}, ${format}`, ...lines, ...(notes.length === 0 ? ['  no issues'] : notes)].join('\n');
}

/** A folder holds many files; the sentence names the first of them. */
async function refuseFolder(path: string): Promise<void> {
  const isFolder = (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
  if (!isFolder) return;
  const { files } = await listSourceFiles(path);
  throw new TramontanaError(
    'Input.NotRegularFile',
    `${path}: expected one file, got a folder with ${files.length === 1 ? 'one NetCDF file' : `${files.length} NetCDF files`}; say which, such as \`tramontana inspect ${files[0]}\``,
    { facts: { file: path, files: files.length } },
  );
}

export const inspectCommand: Command = {
  spec: {
    name: 'inspect',
    summary: 'Tell what a CAMS file holds, after normalisation, and what is odd about it.',
    positionals: [{ name: 'FILE' }],
    options: [JSON_OPTION],
  },
  async run(args) {
    const [path = ''] = args.positionals;
    await refuseFolder(path);
    const inspection = await inspectFile(path);
    if (args.flag('json')) printJson(inspection);
    else printText(describe(inspection));
    return EXIT_CODES.done;
  },
};
