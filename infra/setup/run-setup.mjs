// SPDX-License-Identifier: Apache-2.0
/** The steps in their order, and what is done with them: look, and do what is missing. */
import { constants } from 'node:os';
import { relative } from 'node:path';
import { stopRunning } from './core/command.mjs';
import { SetupError } from './core/errors.mjs';
import { acquireLock } from './core/lock.mjs';
import { IS_CHECKOUT, ROOT } from './core/paths.mjs';
import { removeStamp } from './core/stamps.mjs';
import { bold, dim, elapsed, green, red, say, startProgress, yellow } from './core/terminal.mjs';
import { nativeBuild } from './steps/native-build.mjs';
import { nodePackages } from './steps/node-packages.mjs';
import { systemPackages } from './steps/system-packages.mjs';
import { temporalCli } from './steps/temporal-cli.mjs';
import { typescriptBuild } from './steps/typescript-build.mjs';

/** An installed package needs fewer: npm has placed its packages, and its JavaScript came built. */
export const STEPS = IS_CHECKOUT
  ? [systemPackages, nodePackages, nativeBuild, typescriptBuild, temporalCli]
  : [systemPackages, nativeBuild, temporalCli];
const MINIMUM_NODE = [20, 10];

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > MINIMUM_NODE[0] || (major === MINIMUM_NODE[0] && minor >= MINIMUM_NODE[1])) return;
  throw new SetupError(`Node ${MINIMUM_NODE.join('.')} or later is needed, this is ${process.versions.node}`);
}

const tell = (line) => say(yellow(`      ${line}`));

function endWithSignals() {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.once(signal, () => {
      stopRunning(signal);
      say(red(`\nset-up stopped by ${signal}; what was finished is kept, the interrupted step will be done again`));
      process.exit(128 + constants.signals[signal]);
    });
  }
}

async function doStep(step, label) {
  const progress = startProgress(label);
  try {
    const detail = await step.run(progress);
    progress.stop();
    say(`  ${green('✓')} ${label}  ${bold(elapsed(progress.startMs))}  ${dim(detail)}`);
  } catch (error) {
    progress.stop();
    say(`  ${red('✗')} ${label}  ${elapsed(progress.startMs)}`);
    throw error;
  }
}

/**
 * Brings the checkout to the state in which it runs: looks at every step, and does those whose inputs changed.
 *
 * @param {{force?: boolean, checkOnly?: boolean, quiet?: boolean}} [options] `force` forgets the stamps first; `checkOnly` changes nothing;
 *   `quiet` says one line when nothing is missing
 * @returns {Promise<boolean>} whether everything is there now
 * @throws {SetupError} a step failed
 */
export async function runSetup(options = {}) {
  requireNode();
  const startMs = performance.now();
  if (options.force === true) for (const step of STEPS) removeStamp(step.id);
  const states = STEPS.map((step) => ({ step, ...step.check(tell) }));
  const allReady = states.every((state) => state.ready);
  const width = Math.max(...STEPS.map((step) => step.title.length));
  const labelOf = (step) => `${STEPS.indexOf(step) + 1}/${STEPS.length} ${step.title.padEnd(width)}`;
  if (options.checkOnly === true || (allReady && options.quiet !== true)) {
    for (const { step, ready, detail } of states)
      say(`  ${ready ? green('✓') : red('✗')} ${labelOf(step)}  ${dim(detail)}`);
  }
  if (!allReady && options.checkOnly !== true) {
    say(bold('Tramontana set-up') + dim(`  (logs in ${relative(process.cwd(), ROOT) || '.'}/.tramontana/logs)`));
    endWithSignals();
    const release = await acquireLock((pid) =>
      say(yellow(`  waiting for another set-up in this folder (process ${pid})`)),
    );
    try {
      for (const step of STEPS) {
        const checkMs = performance.now();
        const { ready, detail } = step.check(tell);
        if (ready) {
          say(`  ${green('✓')} ${labelOf(step)}  ${bold(elapsed(checkMs))}  ${dim(`nothing to do: ${detail}`)}`);
          continue;
        }
        say(dim(`  · ${labelOf(step)}  ${detail}`));
        await doStep(step, labelOf(step));
      }
    } finally {
      release();
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeAllListeners(signal);
    }
  }
  const ready = allReady || options.checkOnly !== true;
  say(
    dim(
      ready
        ? `set-up complete (${elapsed(startMs)})`
        : `set-up incomplete (${elapsed(startMs)}); ${IS_CHECKOUT ? 'npm run setup' : 'npx tramontana setup'} does the rest`,
    ),
  );
  return ready;
}

/** Prints a failure of set-up as a person wants it: what and where, the last lines of the log, no stack. */
export function reportFailure(error) {
  if (!(error instanceof SetupError)) throw error;
  if (error.logTail !== undefined && error.logTail !== '') say(dim(error.logTail.replace(/^/gm, '    ')));
  say(red(`set-up failed: ${error.message}`));
  if (error.logFile !== undefined) say(`the whole output lies in ${relative(process.cwd(), error.logFile)}`);
}
