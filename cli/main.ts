#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
import { CHILD_UMASK } from '../common/atomic-file.js';
import { runProgram } from './program.js';

// the engine and the server write files of their own: readable by owner and group only, as ours
process.umask(CHILD_UMASK);
// whoever stops reading (`tramontana status | head`) does not stop the command
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
process.exitCode = await runProgram(process.argv.slice(2));
