#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
import { CHILD_UMASK } from '../common/atomic-file.js';
import { EXIT_CODES } from './exit-codes.js';
import { runProgram } from './program.js';
import { guardOutput } from './terminal/output.js';

// the engine and the server write files of their own: readable by owner and group only, as ours
process.umask(CHILD_UMASK);
const isOutputLost = guardOutput();
const exitCode = await runProgram(process.argv.slice(2));
process.exitCode = exitCode === EXIT_CODES.done && isOutputLost() ? EXIT_CODES.failed : exitCode;
