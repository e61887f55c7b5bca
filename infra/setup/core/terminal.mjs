// SPDX-License-Identifier: Apache-2.0
/**
 * What set-up prints. On a terminal a running step is one live line (spinner, seconds, last line of its output);
 * elsewhere it is a start line, a sign of life every 20 s, and an end line. Colour only on a terminal and without NO_COLOR.
 */
const live = process.stdout.isTTY === true && process.env.TERM !== 'dumb' && process.env.CI === undefined;
const colour =
  process.env.NO_COLOR === undefined &&
  (live || (process.env.FORCE_COLOR !== undefined && process.env.FORCE_COLOR !== '0'));
const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 120;
const SIGN_OF_LIFE_MS = 20_000;
const CLEAR_LINE = '\r\u001b[2K';

const paint = (code) => (text) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
export const green = paint(32);
export const red = paint(31);
export const yellow = paint(33);
export const dim = paint(2);
export const bold = paint(1);

/** Seconds since `startMs` (performance.now()), for people. */
export function elapsed(startMs) {
  const seconds = (performance.now() - startMs) / 1000;
  return seconds < 100 ? `${seconds.toFixed(1)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/** Prints a line. */
export function say(line = '') {
  process.stdout.write(`${line}\n`);
}

/** Removes terminal control sequences and cuts to `width` characters. */
function tidy(line, width) {
  // eslint-disable-next-line no-control-regex -- escape sequences start with a control character
  const plain = line.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '').trim();
  return plain.length > width ? `${plain.slice(0, Math.max(0, width - 1))}…` : plain;
}

/**
 * Shows that something runs.
 *
 * @param {string} label what runs
 * @returns {{output(line: string): void, note(line: string): void, stop(): void, startMs: number}} `output` feeds the live line, `note` prints
 *   a lasting line, `stop` removes the live line
 */
export function startProgress(label) {
  const startMs = performance.now();
  let last = '';
  let frame = 0;
  const draw = () => {
    const head = `${SPINNER[frame++ % SPINNER.length]} ${label} ${elapsed(startMs)}  `;
    process.stdout.write(`${CLEAR_LINE}${head}${dim(tidy(last, (process.stdout.columns ?? 100) - head.length - 1))}`);
  };
  const signOfLife = () => {
    say(dim(`      still at it after ${elapsed(startMs)}${last === '' ? '' : `: ${tidy(last, 100)}`}`));
  };
  const timer = live ? setInterval(draw, FRAME_MS) : setInterval(signOfLife, SIGN_OF_LIFE_MS);
  timer.unref();
  return {
    startMs,
    output(line) {
      if (line.trim() !== '') last = line;
    },
    note(line) {
      if (live) process.stdout.write(CLEAR_LINE);
      say(dim(`      ${line}`));
    },
    stop() {
      clearInterval(timer);
      if (live) process.stdout.write(CLEAR_LINE);
    },
  };
}
