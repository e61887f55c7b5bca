// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { copyFile, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { Connection } from '@temporalio/client';

import { packageFolder } from '../../common/version.js';
import { NOT_BUILT, runCommand, scratchFolder } from '../support/command-line.js';
import { startTemporalEnvironment, type TemporalEnvironment } from '../support/temporal-environment.js';

const SAMPLE = join(packageFolder(), 'samples', 'model', 'wave.json');

interface Document {
  readonly reused: boolean;
  readonly workflowId: string;
  readonly fit: { readonly converged: boolean };
  readonly hyperparameters: readonly { naturalName: string; natural: { mean: number; quantiles: number[] } }[];
  readonly fixedEffects: readonly { mean: number }[];
  readonly latent?: { readonly mean: readonly number[] };
}

describe('tramontana fit', { skip: NOT_BUILT, timeout: 5 * 60_000 }, () => {
  let scratch: Awaited<ReturnType<typeof scratchFolder>>;
  let temporal: TemporalEnvironment;
  before(async () => {
    scratch = await scratchFolder();
    temporal = await startTemporalEnvironment();
  });
  after(async () => {
    await temporal.stop();
    await scratch.remove();
  });

  it('fits the sample on a given server, prints one document, and reuses it', async () => {
    const { address } = temporal.environment;
    const args = ['fit', SAMPLE, '--json', '--address', address, '--out', 'posterior.json'];
    const first = await runCommand(args, { cwd: scratch.path });
    assert.equal(first.code, 0, first.stderr);
    const document = JSON.parse(first.stdout) as Document;
    assert.deepEqual([document.reused, document.fit.converged], [false, true]);
    assert.deepEqual(
      document.hyperparameters.map(({ naturalName }) => naturalName),
      ['range_s', 'range_t', 'sigma', 'noise_precision'],
    );
    // the sample's values are a wave around 3
    assert.ok(Math.abs((document.fixedEffects[0]?.mean ?? NaN) - 3) < 1);
    assert.equal(document.latent, undefined);
    const written = JSON.parse(await readFile(join(scratch.path, 'posterior.json'), 'utf8')) as Document;
    assert.equal(written.latent?.mean.length, 49);
    // it ran there, not on a server of its own
    const connection = await Connection.connect({ address });
    const { workflowId } = document;
    await connection.workflowService.describeWorkflowExecution({ namespace: 'default', execution: { workflowId } });
    await connection.close();

    const second = await runCommand(['fit', SAMPLE, '--address', address], { cwd: scratch.path });
    assert.equal(second.code, 0, second.stderr);
    assert.match(second.stdout, /^range_s +\d/mu);
    assert.match(second.stdout, /reused, unchanged since/u);
  });

  it('refuses files that hold no model with exit code 2, before anything is started', async () => {
    const text = await readFile(SAMPLE, 'utf8');
    const file = (changed: string) => writeFile(join(scratch.path, 'bad.json'), changed);
    const parsed = JSON.parse(text) as { model: object; options: object };
    const cases: readonly [() => Promise<void>, RegExp][] = [
      [() => file('{"schemaVersion": 1,'), /bad\.json: expected JSON, got/u],
      [() => file('[]'), /expected an object with schemaVersion, model and options/u],
      [() => file(JSON.stringify({ ...parsed, modell: 1 })), /unknown key "modell"\. Did you mean model\?/u],
      [() => file(JSON.stringify({ ...parsed, schemaVersion: 2 })), /schemaVersion: expected 1, got 2/u],
      [() => file(JSON.stringify({ ...parsed, model: { ...parsed.model, kind: 'x' } })), /model\.kind: .*got "x"/u],
      [() => file(JSON.stringify({ ...parsed, options: {} })), /options\.initialTheta: .*got nothing/u],
      [
        async () => {
          await copyFile(SAMPLE, join(scratch.path, 'bad.json'));
          // sparse: takes no room
          await truncate(join(scratch.path, 'bad.json'), 2 ** 28 + 1);
        },
        /expected at most 268435456 bytes, got 268435457/u,
      ],
    ];
    for (const [make, message] of cases) {
      await make();
      const { code, stdout } = await runCommand(['fit', 'bad.json', '--json', '--state', 'none'], {
        cwd: scratch.path,
      });
      const { error } = JSON.parse(stdout) as { error: { tag: string; message: string } };
      assert.deepEqual([code, error.tag], [2, 'Input.Invalid'], error.message);
      assert.match(error.message, message);
    }
    const absent = await runCommand(['fit', 'absent.json'], { cwd: scratch.path });
    assert.equal(absent.code, 2);
    assert.match(absent.stderr, /Input\.Missing/u);
  });
});
