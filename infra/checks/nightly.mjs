// SPDX-License-Identifier: Apache-2.0
/**
 * `npm run nightly`: the checks that take longer than `npm test` may: long fuzz campaigns, thread and address sanitizers, a second compiler.
 * One summary line each; the last line counts them. A check whose tool is absent is skipped and says so.
 */
import { existsSync } from 'node:fs';
import { runSetup } from '../setup/run-setup.mjs';
import { findOnPath } from '../setup/core/command.mjs';
import { inRoot } from '../setup/core/paths.mjs';
import { elapsed, say } from '../setup/core/terminal.mjs';
import { addCounts, closingLine, noCounts } from './counts.mjs';
import { runShown } from './run-shown.mjs';

/** Exit code of a check that cannot run here, for want of a tool. */
export const EXIT_NOT_HERE = 3;

/** `tools` are programs that the check cannot do without; `file` is below infra/checks. */
export const NIGHTLY_CHECKS = [
  { id: 'fuzz', title: 'Fuzz campaign of the readers', file: 'fuzz-readers.ts', tools: [] },
  { id: 'threads', title: 'Engine under ThreadSanitizer', file: 'thread-sanitizer.mjs', tools: ['cmake', 'g++'] },
  { id: 'addon', title: 'Addon under AddressSanitizer', file: 'addon-asan.mjs', tools: ['cmake', 'g++'] },
  { id: 'clang', title: 'Engine by a second compiler (clang++)', file: 'second-compiler.mjs', tools: ['clang++'] },
  { id: 'tidy', title: 'clang-tidy', file: 'clang-tidy.mjs', tools: ['clang-tidy', 'clang++'] },
];

/** How a check ended: one test of one outcome, and the reason in words. */
export function outcomeOf(code) {
  if (code === 0) return { counts: { ...noCounts(), passed: 1 }, word: 'passed' };
  if (code === EXIT_NOT_HERE) return { counts: { ...noCounts(), skipped: 1 }, word: 'skipped: it cannot run here' };
  return { counts: { ...noCounts(), failed: 1 }, word: `failed (exit code ${code})` };
}

async function runCheck({ file, tools }) {
  const missing = tools.find((tool) => findOnPath(tool) === null);
  if (missing !== undefined)
    return { counts: { ...noCounts(), skipped: 1 }, word: `skipped: ${missing} is not on the PATH` };
  const path = inRoot('infra', 'checks', file);
  if (!existsSync(path)) return outcomeOf(`none, infra/checks/${file} is absent`);
  const loader = file.endsWith('.ts') ? ['--import', 'tsx'] : [];
  return outcomeOf((await runShown(process.execPath, [...loader, path])).code);
}

async function main(only) {
  const known = NIGHTLY_CHECKS.map(({ id }) => id);
  const unknown = only.find((id) => !known.includes(id));
  if (unknown !== undefined) {
    say(`npm run nightly -- [CHECK...]: expected some of ${known.join(', ')}, got "${unknown}"`);
    return 2;
  }
  await runSetup({ quiet: true });
  const lines = [];
  let total = noCounts();
  for (const check of NIGHTLY_CHECKS.filter(({ id }) => only.length === 0 || only.includes(id))) {
    const startMs = performance.now();
    const { counts, word } = await runCheck(check);
    lines.push(`${check.id}: ${check.title}: ${word} (${elapsed(startMs)})`);
    total = addCounts(total, counts);
  }
  for (const line of lines) say(line);
  say(closingLine(total));
  return total.failed === 0 ? 0 : 1;
}

if (process.argv[1] === import.meta.filename) process.exitCode = await main(process.argv.slice(2));
