// SPDX-License-Identifier: Apache-2.0
/** `npm test`: set-up, then every check, whatever the earlier ones gave. The last line counts the tests of all of them. */
import { constants } from 'node:os';
import { parseArgs } from 'node:util';
import { addCounts, closingLine, noCounts } from '../checks/counts.mjs';
import { signalCurrent } from '../checks/run-shown.mjs';
import { SECTIONS } from '../checks/sections.mjs';
import { messageOf } from './core/errors.mjs';
import { bold, dim, elapsed, green, red, say } from './core/terminal.mjs';
import { reportFailure, runSetup } from './run-setup.mjs';
import { CLI_VARIABLE, findUsableCli } from './temporal/local-cli.mjs';

const USAGE = `npm test -- [--only SECTION,...] [--files TEXT] [--no-setup]
  --only      run these sections: ${SECTIONS.map((section) => section.id).join(', ')}
  --files     of the TypeScript and end-to-end tests, run the files whose path contains TEXT
  --no-setup  leave the set-up out`;

class UsageError extends Error {}

function readOptions() {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true },
      files: { type: 'string' },
      'no-setup': { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const only = values.only?.flatMap((text) => text.split(','));
  const known = SECTIONS.map((section) => section.id);
  const unknown = only?.find((id) => !known.includes(id));
  if (unknown !== undefined) throw new UsageError(`--only: expected one of ${known.join(', ')}, got "${unknown}"`);
  return { ...values, sections: SECTIONS.filter((section) => only === undefined || only.includes(section.id)) };
}

async function runSection(section, options) {
  say(bold(`\n── ${section.title}`));
  const startMs = performance.now();
  let counts;
  try {
    counts = await section.run({ pattern: options.files });
  } catch (error) {
    say(red(messageOf(error)));
    counts = { ...noCounts(), failed: 1 };
  }
  const mark = counts.failed > 0 ? red('✗') : green('✓');
  say(`${mark} ${section.title}: ${closingLine(counts)} ${dim(`(${elapsed(startMs)})`)}`);
  return { section, counts, took: elapsed(startMs) };
}

function summarise(results, startMs) {
  say(bold('\n── All checks'));
  const width = Math.max(...results.map(({ section }) => section.title.length));
  for (const { section, counts, took } of results) {
    const mark = counts.failed > 0 ? red('✗') : green('✓');
    say(`${mark} ${section.title.padEnd(width)}  ${took.padStart(9)}  ${closingLine(counts)}`);
  }
  say(dim(`all in ${elapsed(startMs)}`));
  return results.reduce((sum, { counts }) => addCounts(sum, counts), noCounts());
}

/** Neighbours of one group together; what is in none is alone. */
function groupsOf(sections) {
  const groups = [];
  for (const section of sections) {
    const last = groups.at(-1);
    if (last !== undefined && section.group !== undefined && section.group === last[0].group) last.push(section);
    else groups.push([section]);
  }
  return groups;
}

async function main() {
  const options = readOptions();
  if (options.help === true) {
    say(USAGE);
    return 0;
  }
  const startMs = performance.now();
  if (options['no-setup'] !== true) {
    await runSetup({ quiet: true });
    // what was built just now is what the sources say (common/own-program.ts)
    process.env.TRAMONTANA_BUILT_PROGRAMS = '1';
  }
  const cli = findUsableCli();
  if (cli !== null) process.env[CLI_VARIABLE] = cli.path;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.once(signal, () => {
      signalCurrent(signal);
      process.exit(128 + constants.signals[signal]);
    });
  }
  const results = [];
  for (const group of groupsOf(options.sections)) {
    results.push(...(await Promise.all(group.map((section) => runSection(section, options)))));
  }
  const total = summarise(results, startMs);
  say(closingLine(total));
  return total.failed === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (error instanceof UsageError || error.code?.startsWith('ERR_PARSE_ARGS') === true) {
    say(`${error.message}\n${USAGE}`);
    process.exitCode = 2;
  } else {
    reportFailure(error);
    say(closingLine({ ...noCounts(), failed: 1 }));
    process.exitCode = 1;
  }
}
