// SPDX-License-Identifier: Apache-2.0
/**
 * A rank that only says that it is there: `node hello-rank.js --ranks N`. Rank 0 prints a line of JSON, {size, library, hosts}.
 *
 * @module
 */
import { hostname } from 'node:os';
import { parseArgs } from 'node:util';

import { messageOf } from '../../../common/errors.js';
import { loadNativeEngine } from '../addon/native.js';
import { EXIT_UNEXPECTED } from './engine-failure.js';
import { LifeLine } from './life-line.js';
import { EXIT_CODE } from './protocol.js';
import { joinRankGroup, requireAll } from './rank-group.js';

async function main(): Promise<number> {
  const lifeLine = new LifeLine(new AbortController());
  lifeLine.watchParentId();
  try {
    const { values } = parseArgs({ options: { ranks: { type: 'string' } }, strict: true });
    const group = await joinRankGroup(loadNativeEngine({ ranks: true }));
    requireAll(group.place, Number(values.ranks));
    const hosts = await group.onAll(() => Promise.resolve(hostname()));
    const { size, library } = group.place;
    if (group.isRoot) process.stdout.write(`${JSON.stringify({ size, library, hosts: [...new Set(hosts)] })}\n`);
    await group.leave();
    return EXIT_CODE.done;
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    return EXIT_UNEXPECTED;
  }
}

const exitCode = await main();
process.stdout.write('', () => process.exit(exitCode));
