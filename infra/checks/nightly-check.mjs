// SPDX-License-Identifier: Apache-2.0
/** How a program of `npm run nightly` ends: 0 passed, 1 failed, 3 it cannot run here. */
import { messageOf } from '../setup/core/errors.mjs';

/** Exit code of a check that cannot run here, for want of a tool. */
export const EXIT_NOT_HERE = 3;

/** Runs the work of a check, which answers its exit code; what is thrown is a failure, with the last lines of its log. */
export async function endWith(work) {
  try {
    process.exitCode = await work();
  } catch (error) {
    console.error(`${error.logTail ?? ''}\n${messageOf(error)}`);
    process.exitCode = 1;
  }
}
