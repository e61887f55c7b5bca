// SPDX-License-Identifier: Apache-2.0
/** The examples, as whoever copies one has them: installed from the tarball in a clean folder, compiled, and run on a server. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import process from 'node:process';
import test from 'node:test';
import { startTemporalEnvironment } from '../support/temporal-environment.ts';
import { writeAnalyses, writeForecast, writeTinyConfig } from '../support/tiny-domain.ts';

const CYCLE = '2026-03-16';
const LIMIT_MS = 5 * 60_000;

/** Waits until a process says something; what it says before its end without that is in the error. */
async function says(child, pattern) {
  let told = '';
  await new Promise((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text) => {
      told += text;
      if (pattern.test(told)) resolve();
    });
    child.once('exit', (code) => reject(new Error(`expected ${pattern}, got exit code ${code} after ${told}`)));
  });
}

/** What a program prints until it ends well. */
async function printed(child) {
  const [out, err] = await Promise.all([child.stdout, child.stderr].map((one) => one.setEncoding('utf8').toArray()));
  assert.equal(child.exitCode ?? (await once(child, 'exit'))[0], 0, err.join(''));
  return out.join('');
}

/** Ends a process as a supervisor does; resolves to its exit code. */
async function ended(child) {
  if (child.exitCode !== null) return child.exitCode;
  const end = once(child, 'exit');
  child.kill('SIGTERM');
  const [code] = await end;
  return code;
}

/** @param installed - the package with its engine, and the examples beside it */
export function testExamples({ npm, start, tramontana, inFolder, skip }) {
  const done = (finished) => {
    assert.equal(finished.code, 0, `${finished.stdout}\n${finished.stderr}`);
    return finished.stdout;
  };

  test('the examples compile and run against a server, from the tarball', { skip, timeout: LIMIT_MS }, async (t) => {
    const temporal = await startTemporalEnvironment();
    t.after(() => temporal.stop());
    const { address } = temporal.environment;
    const prepare = async (name) => {
      const folder = inFolder(name);
      await writeTinyConfig(folder);
      await Promise.all([writeAnalyses(folder, CYCLE), writeForecast(folder, CYCLE)]);
      done(npm(['run', 'build'], folder));
      return folder;
    };

    await t.test('own workflows and activities beside ours: a forecast, and a bulletin about it', async () => {
      const folder = await prepare('own-worker');
      const posted = [];
      const board = createServer((request, answer) => {
        request.setEncoding('utf8').on('data', (text) => posted.push(text));
        request.on('end', () => answer.end());
      }).listen(0, '127.0.0.1');
      await once(board, 'listening');
      const environment = { TEMPORAL_ADDRESS: address, BULLETIN_URL: `http://127.0.0.1:${board.address().port}/` };
      const worker = start(process.execPath, ['lib/worker.js'], folder, environment);
      try {
        await says(worker, /Worker state changed.*RUNNING/);
        const started = start(process.execPath, ['lib/start.js'], folder, environment);
        const told = await printed(started);
        assert.match(told, /^tiny, 2026-03-16: maps of pm2_5 \(quality: pass\) in \//);
        assert.deepEqual(posted, [told.trim()]);
        assert.equal(await ended(worker), 0);
      } finally {
        await ended(worker);
        board.close();
      }
      const products = JSON.parse(done(tramontana('products', 'tiny', CYCLE, '--out', join(folder, 'runs'), '--json')));
      assert.equal(products.quality, 'pass');
      assert.ok(products.files.some(({ path }) => path === 'forecast.nc'));
    });

    await t.test('a client starts a forecast, follows it, lists its products and fits a model', async () => {
      const folder = await prepare('client');
      const environment = { TEMPORAL_ADDRESS: address, TRAMONTANA_STATE: join(folder, 'state') };
      const bin = inFolder('node_modules', '.bin', 'tramontana');
      const worker = start(process.execPath, [bin, 'worker'], folder, environment);
      try {
        await says(worker, /"serving"|RUNNING/);
        const run = (name) => printed(start(process.execPath, [`lib/${name}.js`], folder, environment));
        const forecast = await run('forecast');
        assert.match(forecast, /fit (?:running|done)/);
        assert.match(forecast, /\/runs\/tiny\/2026-03-16:\n[^]*report\.html/);
        assert.match(await run('fit'), /^range_s: \d+.* ± [^]*noise_precision: /);
        assert.equal(await ended(worker), 0);
      } finally {
        await ended(worker);
      }
    });
  });
}
