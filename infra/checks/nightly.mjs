// SPDX-License-Identifier: Apache-2.0
/**
 * `npm run nightly`: the checks that take longer than `npm test` may: long fuzz campaigns, thread and address sanitizers, a second compiler, the package from its own sources.
 * One summary line each; the last line counts them. A check whose tool is absent is skipped and says so.
 */
import { runSetup } from '../setup/run-setup.mjs';
import { findOnPath } from '../setup/core/command.mjs';
import { inRoot } from '../setup/core/paths.mjs';
import { elapsed, say } from '../setup/core/terminal.mjs';
import { addCounts, closingLine, noCounts } from './counts.mjs';
import { EXIT_NOT_HERE } from './nightly-check.mjs';
import { runShown } from './run-shown.mjs';

const readerFuzz = (reader) => ({
  id: `fuzz-${reader}`,
  title: `50,000 damaged files for the ${reader} reader`,
  path: ['tests', 'fuzz', 'fuzz-readers.ts'],
  args: ['--reader', reader, '--count', '50000', '--seed', String(daySeed())],
});

/** Another campaign every night, the same one all night: the seed is said with each violation. */
const daySeed = () => Math.floor(Date.now() / 86_400_000);

/** `tools` are programs that the check cannot do without. */
export const NIGHTLY_CHECKS = [
  ...['classic', 'hdf5', 'geotiff', 'zip'].map(readerFuzz),
  {
    id: 'chaos',
    title: '1,000 forecasts on several ranks, each disturbed in the middle of its fit',
    path: ['tests', 'chaos', 'campaign.ts'],
    args: ['--runs', '1000', '--seed', String(daySeed())],
  },
  {
    id: 'threads',
    title: 'Engine under ThreadSanitizer',
    path: ['infra', 'checks', 'thread-sanitizer.mjs'],
    tools: ['cmake', 'g++'],
  },
  {
    id: 'addon',
    title: 'Addon under AddressSanitizer',
    path: ['infra', 'checks', 'addon-asan.mjs'],
    tools: ['cmake', 'g++'],
  },
  {
    id: 'clang',
    title: 'Engine by a second compiler (clang++)',
    path: ['infra', 'checks', 'second-compiler.mjs'],
    tools: ['cmake', 'clang++'],
  },
  {
    id: 'tidy',
    title: 'clang-tidy',
    path: ['infra', 'checks', 'clang-tidy.mjs'],
    tools: ['cmake', 'clang++', 'clang-tidy'],
  },
  {
    id: 'package',
    title: 'The installed package compiles its engine',
    path: ['tests', 'package', 'compiles.mjs'],
    tools: ['cmake', 'g++'],
  },
];

/** How a check ended: one test of one outcome, and the reason in words. */
export function outcomeOf(code) {
  if (code === 0) return { counts: { ...noCounts(), passed: 1 }, word: 'passed' };
  if (code === EXIT_NOT_HERE) return { counts: { ...noCounts(), skipped: 1 }, word: 'skipped: it cannot run here' };
  return { counts: { ...noCounts(), failed: 1 }, word: `failed (exit code ${code})` };
}

async function runCheck({ path, args = [], tools = [] }) {
  const missing = tools.find((tool) => findOnPath(tool) === null);
  if (missing !== undefined)
    return { counts: { ...noCounts(), skipped: 1 }, word: `skipped: ${missing} is not on the PATH` };
  const file = inRoot(...path);
  const loader = file.endsWith('.ts') ? ['--import', 'tsx'] : [];
  return outcomeOf((await runShown(process.execPath, [...loader, file, ...args])).code);
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
