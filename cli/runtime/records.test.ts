// SPDX-License-Identifier: Apache-2.0
/** What the command line finds in its state folder and on the server may be damaged, or another's. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';

import { identifyProcess } from '../../common/processes.js';
import { readServerRecord } from './dev-server.js';
import { ownerIn, ownerMemo } from './left-behind.js';
import { locateStateFolder } from './state-folder.js';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tramontana-records-'));
});
after(() => rm(folder, { recursive: true, force: true }));

it('a record of the server that is none counts as absent', async () => {
  const state = locateStateFolder(folder);
  const whole = {
    ...(await identifyProcess(process.pid)),
    address: '127.0.0.1:7233',
    uiUrl: 'http://x',
    logFile: '/x',
  };
  await writeFile(state.serverFile, JSON.stringify(whole));
  assert.deepEqual(await readServerRecord(state), whole);

  for (const damaged of [
    '',
    'null',
    '[]',
    '{"pid":1',
    { ...whole, pid: -1 },
    { ...whole, address: 7 },
    { pid: whole.pid },
  ]) {
    await writeFile(state.serverFile, typeof damaged === 'string' ? damaged : JSON.stringify(damaged));
    assert.equal(await readServerRecord(state), undefined, JSON.stringify(damaged));
  }
});

it('a memo that does not name a process names nobody', async () => {
  const memo = await ownerMemo();
  assert.equal(ownerIn(memo)?.pid, process.pid);

  for (const owner of [
    undefined,
    null,
    'x',
    { pid: 7 },
    { host: 'x', pid: '7' },
    { host: 'x', pid: -1 },
    { host: {}, pid: 7 },
  ]) {
    assert.equal(ownerIn({ tramontanaOwner: owner }), undefined, JSON.stringify(owner));
  }
});
