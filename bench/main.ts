// SPDX-License-Identifier: Apache-2.0
/** `npm run bench -- NAME [options]`: runs one benchmark of the table. */
import { messageOf } from '../common/errors.js';
import { BENCHMARKS } from './benchmarks.js';

function usage(): string {
  const width = Math.max(...Object.keys(BENCHMARKS).map((name) => name.length));
  return [
    'npm run bench -- NAME [--json FILE] [options of the benchmark]',
    ...Object.entries(BENCHMARKS).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`),
    'docs/benchmarks.md says what each measures and promises.',
  ].join('\n');
}

/** Arguments that no benchmark understands end with 2, as does an unknown name. */
async function main([name, ...args]: readonly string[]): Promise<number> {
  if (name === undefined || name === '--help' || name === '-h') {
    console.log(usage());
    return 0;
  }
  const benchmark = BENCHMARKS[name];
  if (benchmark === undefined) {
    console.error(`expected a benchmark, got "${name}"\n${usage()}`);
    return 2;
  }
  try {
    return await benchmark.main(args);
  } catch (error) {
    console.error(messageOf(error));
    return error instanceof TypeError && String(Reflect.get(error, 'code')).startsWith('ERR_PARSE_ARGS') ? 2 : 1;
  }
}

process.exitCode = await main(process.argv.slice(2));
