// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path';

import { listPublished, readPublished, verifyRun, type PublishedCycle } from '../../products/index.js';
import { JSON_OPTION, type Command } from '../command.js';
import { EXIT_CODES } from '../exit-codes.js';
import { printJson, printText } from '../terminal/output.js';
import { DEFAULT_RUNS_FOLDER } from './run.js';

const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

function totalBytes({ files }: PublishedCycle): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}

async function showCycles(runsFolder: string, domain: string, asJson: boolean): Promise<void> {
  const cycles = await listPublished({ runsFolder, domain });
  if (asJson) {
    const facts = cycles.map((one) => ({ ...shown(one), numFiles: one.files.length, bytes: totalBytes(one) }));
    printJson({ domain, cycles: facts });
    return;
  }
  for (const one of cycles) {
    const { cycle, quality, publishedAt, folder, files } = one;
    printText(`${cycle}  ${quality}  ${publishedAt}  ${files.length} files, ${mebibytes(totalBytes(one))}  ${folder}`);
  }
}

function shown({ cycle, quality, publishedAt, folder }: PublishedCycle): object {
  return { cycle, quality, publishedAt, folder };
}

async function showFiles(runsFolder: string, domain: string, cycle: string, asJson: boolean): Promise<void> {
  const published = await readPublished({ runsFolder, domain, cycle });
  // what is listed is there: every file is read back
  const { files } = await verifyRun(published.folder);
  if (asJson) printJson({ domain, ...shown(published), files });
  else {
    printText(`${domain}, cycle ${cycle}: ${published.quality}, published ${published.publishedAt}`);
    printText(published.folder);
    for (const { path, bytes } of files) printText(`  ${path.padEnd(40)} ${mebibytes(bytes)}`);
  }
}

export const productsCommand: Command = {
  spec: {
    name: 'products',
    summary: 'What has been published of a domain: its cycles, or the files of one, which are read back.',
    positionals: [{ name: 'DOMAIN' }, { name: 'CYCLE', isOptional: true }],
    options: [
      { name: 'out', value: 'DIR', description: `Folder of the products. Default: ${DEFAULT_RUNS_FOLDER}.` },
      JSON_OPTION,
    ],
  },
  async run(args) {
    const [domain = '', cycle] = args.positionals;
    const runsFolder = resolve(args.value('out') ?? DEFAULT_RUNS_FOLDER);
    if (cycle === undefined) await showCycles(runsFolder, domain, args.flag('json'));
    else await showFiles(runsFolder, domain, cycle, args.flag('json'));
    return EXIT_CODES.done;
  },
};
