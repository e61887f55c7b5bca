// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { lstat, mkdir, readdir, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { isTramontanaError } from '../common/errors.js';
import { PUBLICATION_STEPS, recoverRuns } from './run-versions.js';
import { CYCLE, DOMAIN, oldRun, VersionScratch } from './testing/version-scratch.js';

const scratch = new VersionScratch();
const { linkOf, publishAndDie, publishText, versions, wholeContent } = scratch;

const isNotOurs = (error: unknown): boolean => isTramontanaError(error, 'Products.NotOurs');

describe('readers', () => {
  it('see a whole run at every moment of fifty publications', async () => {
    await publishText('0');
    // a process of its own, so that it looks between any two steps; it opens the run once and reads all of it
    const reader = spawn(process.execPath, [
      '-e',
      `const fs = require('node:fs'), path = require('node:path'), crypto = require('node:crypto');
       const link = process.argv[1]; let looks = 0; const seen = new Set(); const faults = [];
       process.stdin.on('data', () => { console.log(JSON.stringify({ looks, seen: seen.size, faults })); process.exit(0); });
       const look = () => { for (let k = 0; k < 20; k += 1) { try {
         const run = fs.realpathSync(link);
         const { files } = JSON.parse(fs.readFileSync(path.join(run, 'COMPLETE'), 'utf8'));
         for (const { path: name, sha256 } of files) {
           const found = crypto.createHash('sha256').update(fs.readFileSync(path.join(run, name))).digest('hex');
           if (found !== sha256) throw new Error(name + ' is of another run');
         }
         fs.readFileSync(path.join(link, 'summary.json'));
         looks += 1; seen.add(run);
       } catch (error) { faults.push(String(error)); } } setImmediate(look); };
       look(); console.log('looking');`,
      linkOf(),
    ]);
    await once(reader.stdout, 'data');

    for (let k = 1; k <= 50; k += 1) await publishText(String(k));
    reader.stdin.write('end\n');
    const [text] = (await once(reader.stdout, 'data')) as [Buffer];
    const { looks, seen, faults } = JSON.parse(text.toString('utf8')) as {
      looks: number;
      seen: number;
      faults: string[];
    };

    assert.deepEqual(faults, []);
    assert.ok(looks > 50 && seen > 5, `${looks} looks, ${seen} versions`);
    assert.equal(await wholeContent(), '50');
  });

  it('keep a replaced version for its grace, and not longer', async () => {
    await publishText('first');
    await publishText('second');
    await publishText('third');
    assert.equal((await versions()).length, 3);

    await publishText('fourth', { graceMs: 0 });

    assert.equal((await versions()).length, 2, 'the one in place before, and the new one');
  });
});

describe('a publication that is killed', () => {
  for (const step of ['between files', ...PUBLICATION_STEPS]) {
    it(`(${step}) leaves the old run or the new one, and the next one tidies up`, async () => {
      await publishText('old');

      publishAndDie('new', step);

      assert.equal(await wholeContent(), step === 'switched' ? 'new' : 'old');
      await publishText('next', { graceMs: 0 });
      await publishText('last', { graceMs: 0 });
      assert.equal(await wholeContent(), 'last');
      assert.equal((await versions()).length, 2);
    });
  }

  it('is tidied up at the start of a worker; foreign folders and publications under way stay', async () => {
    await publishText('old');
    await mkdir(join(scratch.runsFolder, 'foreign', 'data'), { recursive: true });
    publishAndDie('new', 'verified');
    assert.equal((await versions()).length, 2);

    await publishText('under way', {
      graceMs: Number.POSITIVE_INFINITY,
      onStep: async (step) => {
        if (step === 'written') await recoverRuns(scratch.runsFolder, 0);
      },
    });
    assert.equal(await wholeContent(), 'under way');
    await recoverRuns(scratch.runsFolder, 0);

    assert.equal(await wholeContent(), 'under way');
    assert.equal((await versions()).length, 1);
    assert.deepEqual(await readdir(join(scratch.runsFolder, 'foreign')), ['data']);
    await recoverRuns(join(scratch.root, 'absent'));
  });

  it('does not take what a publication under way has made', async () => {
    let other: Promise<void> | undefined;

    await publishText('slow', {
      onStep: async (step) => {
        if (step !== 'started') return;
        other = publishText('waiting', { graceMs: 0 });
        await new Promise((resolve) => setTimeout(resolve, 300));
      },
    });
    await other;

    assert.equal(await wholeContent(), 'waiting');
  });
});

describe('what was written must be read back', () => {
  const damages: readonly (readonly [string, (folder: string) => Promise<void>])[] = [
    ['a bit is flipped', (folder) => writeFile(join(folder, 'maps/map.png'), 'oew')],
    ['a file is cut short', (folder) => writeFile(join(folder, 'summary.json'), 'ne')],
    ['a file is lost', (folder) => rm(join(folder, 'maps/map.png'))],
  ];
  for (const [what, damage] of damages) {
    it(`${what} between the writing and the switch: the old run stays`, async () => {
      await publishText('old');

      const attempt = publishText('new', {
        onStep: async (step, folder) => {
          if (step === 'written') await damage(folder);
        },
      });

      await assert.rejects(attempt, (error) => isTramontanaError(error, 'Products.NotWhole') && error.retryable);
      assert.equal(await wholeContent(), 'old');
      assert.equal((await versions()).length, 1);
    });
  }
});

describe('what Tramontana did not write', () => {
  const strangers: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['a folder with notes', () => mkdir(linkOf(), { recursive: true }).then(() => writeFile(join(linkOf(), 'n'), 'x'))],
    [
      'a folder that another program marked COMPLETE',
      () => mkdir(linkOf(), { recursive: true }).then(() => writeFile(join(linkOf(), 'COMPLETE'), '')),
    ],
    ['a file', () => mkdir(join(linkOf(), '..'), { recursive: true }).then(() => writeFile(linkOf(), 'x'))],
    [
      'a link to somewhere else',
      async () => {
        await mkdir(join(scratch.runsFolder, 'elsewhere'), { recursive: true });
        await mkdir(join(linkOf(), '..'));
        await symlink(join(scratch.runsFolder, 'elsewhere'), linkOf());
      },
    ],
    [
      'a run of another domain',
      async () => {
        await oldRun(linkOf());
        const summary = { schemaVersion: 1, run: { domain: 'other', cycle: CYCLE }, stages: [] };
        await writeFile(join(linkOf(), 'summary.json'), JSON.stringify(summary));
      },
    ],
  ];
  for (const [what, make] of strangers) {
    it(`${what} is refused and stays`, async () => {
      await make();
      const was = await lstat(linkOf());

      await assert.rejects(publishText('new'), isNotOurs);

      assert.equal((await lstat(linkOf())).ino, was.ino);
    });
  }

  it('folders beside the versions, under names that are not ours, are not removed', async () => {
    await publishText('first');
    const own = join(scratch.runsFolder, DOMAIN, '.versions', 'my-notes');
    await mkdir(own);
    await mkdir(join(scratch.runsFolder, DOMAIN, '.staging-area'));
    const longAgo = new Date(0);
    await utimes(own, longAgo, longAgo);

    await publishText('second', { graceMs: 0 });

    assert.ok((await stat(own)).isDirectory());
    assert.ok((await stat(join(scratch.runsFolder, DOMAIN, '.staging-area'))).isDirectory());
  });
});
