// SPDX-License-Identifier: Apache-2.0
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { formatStarts, runStarts } from './starts.js';

const GOLDEN = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', 'shared', 'golden');

/**
 * `starts [--golden FOLDER] [--seeds N] [--json FILE] [--verbose]`
 *
 * @returns the exit code: 0 when every row keeps its limit
 */
export async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      golden: { type: 'string', default: GOLDEN },
      seeds: { type: 'string', default: '20' },
      json: { type: 'string' },
      verbose: { type: 'boolean', default: false },
    },
  });
  const rows = await runStarts({
    goldenFolder: values.golden,
    numSeeds: Number(values.seeds),
    ...(values.verbose
      ? {
          onFit: (fit) =>
            process.stdout.write(
              `${fit.model} sd ${fit.sd} seed ${fit.seed}: ${fit.evaluations ?? 'failed'} ${fit.objective?.toFixed(4) ?? ''} ${fit.reason}\n`,
            ),
        }
      : {}),
  });
  if (rows.length === 0) {
    process.stdout.write(`starts: skipped, there are no golden cases in ${resolve(values.golden)}\n`);
    return 0;
  }
  process.stdout.write(`${formatStarts(rows)}\n`);
  if (values.json !== undefined) {
    await mkdir(dirname(resolve(values.json)), { recursive: true });
    await writeFile(values.json, `${JSON.stringify({ rows }, null, 2)}\n`);
  }
  return rows.every((row) => row.passed) ? 0 : 1;
}

if (process.argv[1] !== undefined && fileURLToPath(import.meta.url) === resolve(process.argv[1])) {
  process.exitCode = await main(process.argv.slice(2));
}
