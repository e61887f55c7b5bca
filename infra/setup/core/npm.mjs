// SPDX-License-Identifier: Apache-2.0

/** How npm is called: the very npm that runs this script when there is one, else the one on the PATH. */
export function npmCommand() {
  const script = process.env.npm_execpath;
  return script !== undefined && /npm-cli\.c?js$/.test(script) ? [process.execPath, script] : ['npm'];
}
