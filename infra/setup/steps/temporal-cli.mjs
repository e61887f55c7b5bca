// SPDX-License-Identifier: Apache-2.0
/** Step 5: the Temporal CLI, which holds the dev server and the Web UI. */
import { SetupError, messageOf } from '../core/errors.mjs';
import { CACHE_BIN_FOLDER } from '../core/paths.mjs';
import { ACQUISITIONS } from '../temporal/acquire-cli.mjs';
import {
  CACHED_CLI,
  CLI_VARIABLE,
  COMFORTABLE_VERSION,
  compareVersions,
  findUsableCli,
  inspectCli,
} from '../temporal/local-cli.mjs';

const describe = ({ version, source, path }) => {
  const old =
    compareVersions(version, COMFORTABLE_VERSION) < 0
      ? `; pause and reset of activities need ${COMFORTABLE_VERSION}`
      : '';
  return `version ${version} from ${source}: ${path}${old}`;
};

export const temporalCli = {
  id: 'temporal-cli',
  title: 'Temporal CLI',

  check(tell) {
    const found = findUsableCli(process.env[CLI_VARIABLE] === undefined ? undefined : tell);
    return found === null
      ? { ready: false, detail: 'not on this machine yet' }
      : { ready: true, detail: describe(found) };
  },

  async run(progress) {
    findUsableCli((reason) => progress.note(reason));
    const reasons = [];
    for (const { source, acquire } of ACQUISITIONS) {
      progress.note(`trying ${source}`);
      try {
        await acquire(progress);
        const found = inspectCli(CACHED_CLI, source);
        if ('path' in found) return describe(found);
        reasons.push(found.reason);
      } catch (error) {
        const lastLine = error.logTail
          ?.split('\n')
          .filter((line) => line.trim() !== '')
          .at(-1);
        reasons.push(`${source}: ${messageOf(error)}${lastLine === undefined ? '' : ` (${lastLine.trim()})`}`);
      }
      progress.note(`fell through, ${reasons.at(-1)}`);
    }
    throw new SetupError(
      `no way to get the Temporal CLI worked:\n  ${reasons.join('\n  ')}\nPut a temporal CLI into ${CACHE_BIN_FOLDER}, or name one in ${CLI_VARIABLE}.`,
    );
  },
};
