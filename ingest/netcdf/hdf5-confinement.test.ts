// SPDX-License-Identifier: Apache-2.0
/** A file of strangers gives its own bytes and nobody else's: what it draws from other files was never hashed, nor allowed. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { inflateSync } from 'node:zlib';
import h5wasm from 'h5wasm/node';
import { isTramontanaError } from '../../common/errors.js';
import { readCamsFile } from '../cams/read-cams-file.js';
import { readCamsTimes } from '../cams/read-cams-times.js';
import { readElevation } from '../dem/read-elevation.js';
import { inspectFile } from '../inspect-file.js';
import { netcdf4File, temporaryFile } from '../testing/sample-files.js';

/** Two hours on two by two cells; `pm2p5_conc` is a virtual dataset over that of `other.nc` beside it. By h5py, deflated. */
const VIRTUAL =
  'eNrtlr9v00AUx9/ZTeKahIQ2paRC1ClIBaqAm7ZibKLEoRVpIiUIxipKTBrROCV2pA5VYQGJuROMsCIYyojUGfEHMGRAYoCVBTYU7uy71LipaK' +
  'WqYrivZD3d83t+z5/7YT9fyuZC8oQsShIw9ajUC85Ypf74o+uvi0vZkgCbwog7kEkWAAH4w4DNkNVo6rs00z9KXNJ6xWpYnZq+h6g7StzD6y2j' +
  'bvs/CdQ/RvzyRjO5sbBabRnVzyJ90Pev21t2CwgQwtkCQogmAbNiFNA5ZRGcF0rB/BmY7+EH+HB3oizhzkVEb0KE5oyNwNDB9wnO4ljw42B8s2' +
  'M0LBNGcevnabG1VqdtKmbDqOpKUk0uJNRbCXU2OONKyuTT5TKM0kokKbu8ohXKy8XCajmTzmsQnCThPie8kF7R7GgfjSYQIYJzQz6n0c3+LMG0' +
  'tCWfBIvI0VhcHcgiRIvV9Hpb181Vo9W21o6L4PIgBMM0mi0aG8NTL4Yhx3xRL/VOgoVyNBbTA1kEPSz0imkdF8WVQShkhoJtFJvF70NYvA10uz' +
  'aL+LVE8KH7mkBoHj9JPMjmX9ZhN0lLKDAuwfhjsk5lzG7G8T7Zk87iJkSVMkSH81MG8mOLvlO/2ZwLrpOYMCYVdWPKL5fvQowSHMcXKUZmm50Q' +
  'zJLqrBOfZ+z3jAP4Svx697OYWbrD6qqkbknLaSWtkNGcuvcEp26tYlVM3dpvoIa3qWE2WgZIkf5EKHZfyNUPUf8oo5raVeXTrMvGH7uxD6dZl6' +
  '2kVzsj28D1f+rH4hzRTi71gOgZtd/iqZcvsGJTqduZYh65Tkg2zffBM+8ta01v3zCqsP8Vt/cmcpUT6H5Fgkhzke372755f7EN9Kxj323o/1l4' +
  '/OzXIuDxs18LplSYzzYXFxcXFxcXFxcXFxcX12H6A1QoHfA=';

/** The same axes; `pm2p5_conc` lies in /etc/passwd, a byte a value. By h5py, deflated. */
const EXTERNAL =
  'eNrtlbFvElEcx3+PA7xeaYpAVTRRWk1sNA1XWtKxELhKIwUDjYMLIXBSEjiQO2IH06VJExcXJh3r4uJgupo4OJmODg5uNdGhi/9Bfe/uPTiuaN' +
  'ukqcv7LO/e736/+/3e9733u5eZ9MqEdF0SRBEYRxT5mjWXqX362b23+Uy64IJNV8DuyJBcgAC8k4AHt1Fvqns00hskJrFRNupGt6p+QtQcIuax' +
  'RkurmfZ9F7VPEbvUbsba8VKlpVW+CfRDvw62XpglIEAIR7sQQjQI2CiEAF2OLIO1oAQsjsPiEf6AB1cnSCKuXED0JfhpzFQA3MfX45vHvuDFzv' +
  'hlV6sbOgRx6Vdoso1Wt6NH9LpWUSMxORafk5fm5HnffVtQKpssFiFIM5Gg9Oqakiuu5nOlYiqZVcB3i7h7LPdcck0xvT3Um4gIfhzb81iFbvZ3' +
  'Cb6+jy+dhxb+02kxO1KLCZqsqtY6qqqXtFbH2DirBLdHSTBGvdmhMWUY9zpkcNOjeXjw+Ty0iJxOi7sjtfA5tFDLunFWKe6MkkJiUrCLYmqx/R' +
  'ctPuzuPOlrsYgjheNanDQKPkCkRuuiilSjS7P4i6YVwQ+abdA2hueWnkwx8d96RkbqyS5BtxZtLpAV33BegptwAq+k/YWMknxEnmk3o2vCGT3D' +
  'vlHVqETbZV1/XjXn+VTmoa9BKpvE+xWyb1Z2tbgOYbqPV+mqyZljfUqw5ZLFgc0+dzvmpJzoxPahPa9M8haUFaWg5FKKlfexy8pbLRtlXTUGBV' +
  'Rxs9D0eksD0d8/DhGzLuRYe7+hUmb2ZOki87L5l+/hjxeZl53v3V5gCzhOfi8vEHoriaeEHTr+nE68eY0JzyQepPJZZOuQguPa7w33or6d/fI9' +
  'Djv75TPeTfJd4HA4HA6Hw+FwOBwO53/zB8KbIQo=';

const unfolded = (text: string): Buffer => inflateSync(Buffer.from(text, 'base64'));

/** A whole file with 47 everywhere, and in its folder a file of these bytes. */
async function besideAnother(context: TestContext, bytes: Uint8Array): Promise<string> {
  const other = await regional(context);
  const path = join(dirname(other), 'virtual.nc');
  await rename(other, join(dirname(other), 'other.nc'));
  await writeFile(path, bytes);
  return path;
}

function regional(context: TestContext): Promise<string> {
  return netcdf4File(context, { time: 2, latitude: 2, longitude: 2 }, [
    {
      name: 'time',
      dimensions: ['time'],
      values: Float64Array.of(0, 1),
      attributes: { units: 'hours since 2025-07-01' },
    },
    {
      name: 'latitude',
      dimensions: ['latitude'],
      values: Float64Array.of(45.15, 45.05),
      attributes: { units: 'degrees_north' },
    },
    {
      name: 'longitude',
      dimensions: ['longitude'],
      values: Float64Array.of(8.95, 9.05),
      attributes: { units: 'degrees_east' },
    },
    {
      name: 'pm2p5_conc',
      dimensions: ['time', 'latitude', 'longitude'],
      values: new Float32Array(8).fill(47),
      attributes: { units: 'ug/m3' },
    },
  ]);
}

async function refusal(reading: Promise<unknown>): Promise<string> {
  const error: unknown = await reading.then(
    () => 'read',
    (reason: unknown) => reason,
  );
  assert.ok(isTramontanaError(error, 'Ingest.ValuesElsewhere'), String(error));
  return error.message;
}

describe('values that lie in another file', () => {
  it('are not read through a virtual dataset, though the other file is there and whole', async (context) => {
    const path = await besideAnother(context, unfolded(VIRTUAL));
    assert.equal((await readCamsFile(join(dirname(path), 'other.nc'))).variables[0]?.values[0], 47);
    assert.match(await refusal(readCamsFile(path)), /virtual\.nc: expected a file that holds its own values/u);
    await refusal(inspectFile(path));
  });

  it('are not awaited: a virtual dataset over a pipe is refused at once', { timeout: 20_000 }, async (context) => {
    const path = await temporaryFile(context, 'virtual.nc', unfolded(VIRTUAL));
    execFileSync('mkfifo', [join(dirname(path), 'other.nc')]);
    await refusal(readCamsFile(path));
  });

  it('are no pollutants when they are the accounts of this machine', async (context) => {
    const path = await temporaryFile(context, 'external.nc', unfolded(EXTERNAL));
    const message = await refusal(readCamsFile(path));
    assert.ok(!message.includes('passwd') && !message.includes('root:'), message);
  });

  it('are not reached by links, one upon the other', async (context) => {
    const path = await regional(context);
    const file = new h5wasm.File(path, 'a');
    file.create_external_link('/etc/passwd', '/', 'outside');
    file.create_soft_link('/outside/pm10_conc', 'pm10_conc');
    file.close();
    for (const read of [readCamsFile, readCamsTimes, readElevation, inspectFile]) await refusal(read(path));
  });
});
