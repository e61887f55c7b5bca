// SPDX-License-Identifier: Apache-2.0
/** What people and programs do with a run while, and after, it is replaced. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, open, readFile, realpath, rename, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { isTramontanaError } from '../common/errors.js';
import { verifyRun } from './run-manifest.js';
import { recoverRuns } from './run-versions.js';
import { DOMAIN, VersionScratch } from './testing/version-scratch.js';

const scratch = new VersionScratch();
const { linkOf, publishText, versions, wholeContent } = scratch;

describe('a program that began to read a run before it was replaced', () => {
  it('and stands in its folder loses no file', { skip: process.platform !== 'linux' }, async () => {
    await publishText('old');
    const folder = await open(linkOf());
    try {
      await publishText('new');

      for (const name of ['COMPLETE', 'summary.json', 'maps/map.png']) {
        const text = await readFile(`/proc/self/fd/${folder.fd}/${name}`, 'utf8');
        if (name !== 'COMPLETE') assert.equal(text, 'old');
      }
    } finally {
      await folder.close();
    }
  });

  it('and resolved its folder once reads one run, not a file of each', async () => {
    await publishText('old');
    const folder = await realpath(linkOf());
    const first = await readFile(join(folder, 'summary.json'), 'utf8');

    await publishText('new');

    assert.deepEqual([first, await readFile(join(folder, 'maps/map.png'), 'utf8')], ['old', 'old']);
    await verifyRun(folder);
  });
});

describe('a run that somebody keeps', () => {
  it('under another name stays whole after its grace, and after the worker starts anew', async () => {
    await publishText('kept');
    const keep = `${linkOf()}-before-the-change`;
    await rename(linkOf(), keep);

    await publishText('new', { graceMs: 0 });
    await publishText('newer', { graceMs: 0 });
    await recoverRuns(scratch.runsFolder, 0);

    await verifyRun(keep);
    assert.equal(await readFile(join(keep, 'summary.json'), 'utf8'), 'kept');
    assert.equal(await wholeContent(), 'newer');
    assert.equal((await versions()).length, 2, 'the kept one and the current one');
  });

  it('by a second link, whole path and all, stays too', async () => {
    await publishText('kept');
    await symlink(await realpath(linkOf()), join(scratch.runsFolder, DOMAIN, 'reference'));

    await publishText('new', { graceMs: 0 });
    await recoverRuns(scratch.runsFolder, 0);

    assert.equal(await readFile(join(scratch.runsFolder, DOMAIN, 'reference', 'summary.json'), 'utf8'), 'kept');
  });
});

describe('a domain folder that is a link to another disk', () => {
  it('is recovered, and what its own links keep stays', async () => {
    const elsewhere = join(scratch.root, 'disk', String(Date.now()));
    await mkdir(elsewhere, { recursive: true });
    await mkdir(scratch.runsFolder, { recursive: true });
    await symlink(elsewhere, join(scratch.runsFolder, DOMAIN));
    await publishText('kept');
    await symlink(await realpath(linkOf()), join(elsewhere, 'reference'));
    await publishText('current', { graceMs: 0 });
    await mkdir(join(elsewhere, '.versions', '2026-01-02-1-0123abcd'));

    await recoverRuns(scratch.runsFolder, 0);

    assert.equal((await versions()).length, 2, 'the unfinished one is gone');
    assert.equal(await readFile(join(elsewhere, 'reference', 'summary.json'), 'utf8'), 'kept');
    assert.equal(await wholeContent(), 'current');
  });
});

describe('a folder that is no run of ours', () => {
  for (const name of ['COMPLETE', 'summary.json']) {
    it(`and holds a pipe named ${name} is refused, not waited for`, { timeout: 20_000 }, async () => {
      await mkdir(linkOf(), { recursive: true });
      execFileSync('mkfifo', [join(linkOf(), name)]);

      await assert.rejects(publishText('new'), (error) => isTramontanaError(error, 'Products.NotOurs'));
    });
  }
});
