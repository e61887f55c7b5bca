// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import type { ErrorTag } from '../../common/error-tags.js';
import { isTramontanaError, TramontanaError } from '../../common/errors.js';
import { EXIT_CODES, exitCodeOf } from '../exit-codes.js';
import { freePort, freePortNear } from './free-port.js';
import { findTemporalCli } from './temporal-cli.js';
import { parseWorkerArguments, workerArguments } from './worker-options.js';

describe('ports', () => {
  it('a taken port is passed over', async () => {
    const taken = await freePort();
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(taken, '127.0.0.1', resolve));
    try {
      const found = await freePortNear(taken);
      assert.notEqual(found, taken);
      assert.ok(found > 0);
    } finally {
      server.close();
    }
  });
});

describe('worker process', () => {
  it('reads back what its parent tells it, and refuses less', () => {
    const options = {
      address: '127.0.0.1:7233',
      namespace: 'default',
      taskQueue: 'tramontana',
      stateFolder: '/with space/state',
      runsFolder: '/runs',
    };
    assert.deepEqual(parseWorkerArguments(workerArguments(options)), options);
    assert.throws(() => parseWorkerArguments(['--address', 'x']), /expected --namespace VALUE, got none/);
  });
});

describe('Temporal CLI', () => {
  let folder: string;
  const { PATH, TRAMONTANA_TEMPORAL_CLI: given } = process.env;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tramontana-cli-'));
    await writeFile(join(folder, 'temporal'), '#!/bin/sh\necho "temporal version 1.7.2 (Server 1.31.0)"\n');
    await chmod(join(folder, 'temporal'), 0o755);
  });
  after(async () => {
    process.env['PATH'] = PATH;
    if (given === undefined) delete process.env['TRAMONTANA_TEMPORAL_CLI'];
    else process.env['TRAMONTANA_TEMPORAL_CLI'] = given;
    await rm(folder, { recursive: true });
  });

  it('is the one that the variable names, else the first on the PATH', async () => {
    process.env['PATH'] = `${folder}:${PATH ?? ''}`;
    process.env['TRAMONTANA_TEMPORAL_CLI'] = join(folder, 'temporal');
    assert.equal(await findTemporalCli(), join(folder, 'temporal'));
    delete process.env['TRAMONTANA_TEMPORAL_CLI'];
    assert.equal(await findTemporalCli(), join(folder, 'temporal'));
  });

  it('a variable that names nothing executable is an error, not a reason to look elsewhere', async () => {
    process.env['TRAMONTANA_TEMPORAL_CLI'] = join(folder, 'absent');
    await assert.rejects(findTemporalCli(), (error) => isTramontanaError(error, 'Runtime.NoTemporalCli'));
  });
});

describe('exit codes', () => {
  it('tell bad input from failures and from Ctrl-C', () => {
    const codeOf = (tag: ErrorTag): number => exitCodeOf(new TramontanaError(tag, 'm'));
    assert.equal(codeOf('Config.Invalid'), EXIT_CODES.badInput);
    assert.equal(codeOf('Ingest.NotNetcdf'), EXIT_CODES.badInput);
    assert.equal(codeOf('Quality.GateFailed'), EXIT_CODES.badInput);
    assert.equal(codeOf('Engine.NumericalFailure'), EXIT_CODES.numerical);
    assert.equal(codeOf('Engine.CrashedRepeatedly'), EXIT_CODES.failed);
    assert.equal(codeOf('Run.Cancelled'), EXIT_CODES.cancelled);
    assert.equal(exitCodeOf(new Error('m')), EXIT_CODES.failed);
  });
});
