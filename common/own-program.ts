// SPDX-License-Identifier: Apache-2.0
import { dirname, join, relative } from 'node:path';

import { packageFolder } from './version.js';

/**
 * Set to 1 where the programs in `dist/` are known to be those of the sources, as in `npm test`, whose set-up builds them: code that runs
 * from source then starts them, each a second sooner than from source.
 */
export const BUILT_PROGRAMS_VARIABLE = 'TRAMONTANA_BUILT_PROGRAMS';

/** A program of this package, for the Node that runs now. */
export interface OwnProgram {
  /** Options of Node. */
  readonly execArgv: readonly string[];
  readonly entry: string;
}

/**
 * `NAME.js` from dist; `NAME.ts` under tsx when the module that asks runs from source itself.
 *
 * @param module - path of the module that asks
 * @param name - path of the program from the module's folder, without extension
 */
export function ownProgram(module: string, name: string): OwnProgram {
  const program = join(dirname(module), name);
  if (!module.endsWith('.ts')) return { execArgv: [], entry: `${program}.js` };
  if (process.env[BUILT_PROGRAMS_VARIABLE] === '1') {
    return { execArgv: [], entry: `${join(packageFolder(), 'dist', relative(packageFolder(), program))}.js` };
  }
  // an absolute address: `--import tsx` alone would be looked up from the working directory
  return { execArgv: ['--import', import.meta.resolve('tsx')], entry: `${program}.ts` };
}
