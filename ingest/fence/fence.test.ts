// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { after, describe, it, type TestContext } from 'node:test';
import { loadFactor } from '../../tests/support/load.js';
import { fileURLToPath } from 'node:url';
import h5wasm, { ready } from 'h5wasm/node';
import { delay } from '../../common/processes.js';
import { isTramontanaError, type TramontanaError } from '../../common/errors.js';
import { readCamsFile as readUnfenced } from '../cams/read-cams-file.js';
import { inspectFile, readCamsFile, readCamsTimes, readElevation } from '../index.js';
import { regionalFile, temporaryFile, temporaryFolder } from '../testing/sample-files.js';
import { ReaderPool, limitsOf } from './reader-pool.js';

const repository = fileURLToPath(new URL('../..', import.meta.url));

/** A case of the shared cases, or undefined after skipping the test. */
function sharedCase(context: TestContext, name: string): string | undefined {
  const path = resolve(repository, '../shared/cases', name);
  if (existsSync(path)) return path;
  context.skip(`the shared case ${name} is absent (looked for ../shared/cases beside the repository)`);
  return undefined;
}

/** The typed error of a read, whose message is short. */
async function errorOf(reading: Promise<unknown>): Promise<TramontanaError> {
  const error = await reading.then(
    () => assert.fail('expected an error'),
    (reason: unknown) => reason,
  );
  assert.ok(isTramontanaError(error), String(error));
  assert.ok(error.message.length < 1100 && error.message.split('\n').length <= 4, error.message);
  return error;
}

describe('the fence around foreign files', () => {
  const pool = new ReaderPool(1);
  after(() => pool.close());

  it('gives what the reader within it gives', async (context) => {
    const path = await regionalFile(context);
    assert.deepEqual(await readCamsFile(path), await readUnfenced(path));
  });

  it('keeps tag, facts and decision of an error', async (context) => {
    const path = await temporaryFile(context, 'x.nc', 'not a NetCDF file');
    const fenced = await errorOf(readCamsFile(path));
    const unfenced = await errorOf(readUnfenced(path));
    const { tag, message, facts, retryable } = unfenced;
    assert.deepEqual([fenced.tag, fenced.message, fenced.facts, fenced.retryable], [tag, message, facts, retryable]);
  });

  it('ends a reader that loops for ever, and the next file is read', async (context) => {
    const path = sharedCase(context, 'fuzz/h5-hang-minimal.nc');
    if (path === undefined) return;
    await pool.prepare();
    const startMs = performance.now();
    const limits = limitsOf(11_458);
    const error = await errorOf(pool.read('inspectFile', path, {}, limits, undefined));
    assert.equal(error.tag, 'Ingest.ReaderTimedOut');
    assert.equal(error.retryable, false);
    // 2 s of processor time, which others may be using
    assert.ok(performance.now() - startMs < 5000 * loadFactor());
    await pool.read('readCamsFile', await regionalFile(context), {}, limits, undefined);
  });

  for (const name of ['tif-height-4e8.tif', 'tif-width-4e8.tif', 'tif-longmsg-3-s1.bin']) {
    it(`refuses ${name} without taking memory by its declared size`, async (context) => {
      const path = sharedCase(context, `fuzz/${name}`);
      if (path === undefined) return;
      const { tag } = await errorOf(readElevation(path));
      assert.match(tag, /^Ingest\.(CorruptFile|DeclaredTooLarge|TruncatedFile|BadCoordinate|UnsupportedProjection)$/);
    });
  }

  it('refuses what is no regular file, at once', async (context) => {
    const folder = await temporaryFolder(context);
    const pipe = join(folder, 'pipe.nc');
    execFileSync('mkfifo', [pipe]);
    const endless = join(folder, 'endless.nc');
    await symlink('/dev/zero', endless);
    const subfolder = join(folder, 'folder.nc');
    await mkdir(subfolder);
    for (const path of [pipe, endless, subfolder, join(folder, 'absent.nc')]) {
      for (const read of [readCamsFile, readCamsTimes, readElevation, inspectFile]) {
        assert.equal((await errorOf(read(path))).tag, 'Ingest.FileNotReadable');
      }
    }
  });

  it('refuses a small file that unfolds to gigabytes, before it unfolds', async (context) => {
    const elevation = await bomb(context, 'elevation', { latitude: 8000, longitude: 10_000 });
    const pollutant = await bomb(context, 'pm2p5_conc', { time: 800, latitude: 100, longitude: 1000 });
    assert.equal((await errorOf(readElevation(elevation))).tag, 'Ingest.DeclaredTooLarge');
    assert.equal((await errorOf(readCamsFile(pollutant))).tag, 'Ingest.DeclaredTooLarge');
    assert.equal((await errorOf(inspectFile(pollutant))).tag, 'Ingest.DeclaredTooLarge');
    // a window of it is no flood
    const boundingBox = { north: 0.05, west: 0, south: 0, east: 0.05 };
    assert.equal((await readElevation(elevation, { boundingBox })).elevationM.length, 49);
  });

  it('ends a reader above its memory, naming file and limit; and tells of one that was ended from outside', async (context) => {
    const path = sharedCase(context, 'fuzz/h5-hang-minimal.nc');
    if (path === undefined) return;
    const limits = limitsOf(1000);
    const flood = await errorOf(pool.read('inspectFile', path, {}, { ...limits, memoryMiB: 1 }, undefined));
    assert.equal(flood.tag, 'Ingest.ReaderOutOfMemory');
    assert.match(flood.message, /h5-hang-minimal\.nc: expected the reading to take at most 1 MiB/);
    const reading = errorOf(pool.read('inspectFile', path, {}, limits, undefined));
    await delay(50);
    for (const pid of pool.pids) process.kill(pid, 'SIGKILL');
    assert.equal((await reading).tag, 'Ingest.ReaderCrashed');
  });

  it('hears the abort, also of a reader that loops', async (context) => {
    const path = sharedCase(context, 'fuzz/h5-hang-minimal.nc');
    if (path === undefined) return;
    const stop = new AbortController();
    const reading = inspectFile(path, { signal: stop.signal });
    setTimeout(() => stop.abort(new Error('stopped')), 200);
    await assert.rejects(reading, /stopped/);
    await assert.rejects(readCamsFile(path, { signal: stop.signal }), /stopped/);
  });

  it('reads the times of a file as its values have them', async (context) => {
    for (const path of [
      await regionalFile(context),
      await regionalFile(context, {
        timeLongName: 'FORECAST time from 20250703',
        attributes: { FORECAST: 'Europe, 20250703+[0H_72H]' },
      }),
    ]) {
      const { timesMs, origins, runTimesMs, sources } = await readCamsFile(path);
      const times = await readCamsTimes(path);
      assert.deepEqual(
        [times.timesMs, times.origins, times.runTimesMs, times.sources],
        [timesMs, origins, runTimesMs, sources],
      );
    }
  });

  it('is the only way to the readers from outside of ingest', async () => {
    const rooms = ['activities', 'cli', 'client', 'workflows', 'modelling', 'products', 'mesh'];
    const unfenced = /from '(?:\.\.\/)+ingest\/(?!index\.js')[^']*(?:read-|inspect-file|netcdf|elevation\.js)/;
    for (const room of rooms) {
      for (const name of await readdir(join(repository, room), { recursive: true })) {
        if (!name.endsWith('.ts')) continue;
        assert.doesNotMatch(await readFile(join(repository, room, name), 'utf8'), unfenced, `${room}/${name}`);
      }
    }
  });
});

/** A file of some hundred kilobytes that holds 80 million ones, deflated. */
async function bomb(context: TestContext, name: string, lengths: Readonly<Record<string, number>>): Promise<string> {
  await ready;
  const path = join(await temporaryFolder(context), 'bomb.nc');
  const units: Readonly<Record<string, string>> = {
    time: 'hours since 2025-07-01 00:00:00',
    latitude: 'degrees_north',
    longitude: 'degrees_east',
    elevation: 'm',
    pm2p5_conc: 'ug/m3',
  };
  const file = new h5wasm.File(path, 'w');
  for (const [axis, length] of Object.entries(lengths)) {
    const data = Float64Array.from({ length }, (_, index) => (axis === 'time' ? index : index / 100));
    const dataset = file.create_dataset({ name: axis, data, shape: [length] });
    dataset.create_attribute('units', units[axis] ?? '');
    dataset.make_scale(axis);
  }
  const shape = Object.values(lengths);
  const count = shape.reduce((product, length) => product * length, 1);
  const dataset = file.create_dataset({
    name,
    data: new Int8Array(count).fill(1),
    shape,
    chunks: [100, ...shape.slice(1)],
    compression: 'gzip',
    compression_opts: [1],
  });
  dataset.create_attribute('units', units[name] ?? '');
  Object.keys(lengths).forEach((axis, index) => dataset.attach_scale(index, axis));
  file.close();
  return path;
}
