// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { isTramontanaError, TramontanaError } from '../../common/errors.js';
import { EngineJobFiles } from './engine-stage.js';

let jobsFolder: string;
before(async () => {
  jobsFolder = await mkdtemp(join(tmpdir(), 'tramontana-crashes-'));
});
after(() => rm(jobsFolder, { recursive: true, force: true }));

const CRASH = new TramontanaError('Engine.Crashed', 'engine: exit code 139', { retryable: true });

async function tagsOf(files: EngineJobFiles, iterations: readonly number[]): Promise<string[]> {
  const tags: string[] = [];
  for (const iteration of iterations) {
    const error = await files.judge(CRASH, iteration);
    assert.ok(isTramontanaError(error));
    tags.push(error.tag);
  }
  return tags;
}

describe('crashes of the engine', () => {
  it('in one place are given up at the fourth; those further on are not counted with them', async () => {
    const crashed = 'Engine.Crashed';
    const files = new EngineJobFiles({ jobsFolder }, 'fit', 'a');
    assert.deepEqual(await tagsOf(files, [3, 3, 3, 5, 5, 5]), Array<string>(6).fill(crashed));
    assert.deepEqual(await tagsOf(files, [5]), ['Engine.CrashedRepeatedly']);
  });

  it('are counted anew when their record is damaged', async () => {
    for (const damaged of [
      '',
      'null',
      '{"checkpointIteration":3,"crashes":"3"}',
      '{"checkpointIteration":3,"crashes":1e99}',
      '{}',
    ]) {
      await writeFile(join(jobsFolder, 'fit-b.crashes.json'), damaged);
      const files = new EngineJobFiles({ jobsFolder }, 'fit', 'b');
      assert.deepEqual(await tagsOf(files, [3]), ['Engine.Crashed'], damaged);
    }
  });
});
