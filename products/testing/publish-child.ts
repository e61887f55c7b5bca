// SPDX-License-Identifier: Apache-2.0
/**
 * A publication in a process of its own, for tests that kill it or take its disk away:
 * `publish-child.ts MODE RUNS_FOLDER CONTENT [STEP]`.
 *
 * `version`: a version of two files that hold CONTENT, killed at STEP (`named:3`: when it comes for the third time); `netcdf`: a NetCDF file at RUNS_FOLDER/forecast.nc,
 * whose compressed values need about a megabyte. Prints the tag of the error, or "done".
 */
import { join } from 'node:path';

import { isTramontanaError } from '../../common/errors.js';
import { writeNetcdfFile } from '../netcdf-file.js';
import { ProductFolder } from '../product-folder.js';
import { publishVersion } from '../run-versions.js';

const [mode, runsFolder = '', content = '', step] = process.argv.slice(2);

async function publishTwoFiles(): Promise<void> {
  const [wanted, times = '1'] = (step ?? '').split(':');
  let left = Number(times);
  await publishVersion(
    { runsFolder, domain: 'somewhere', cycle: '2026-01-02' },
    async (folder) => {
      const products = new ProductFolder(folder);
      await products.write('summary.json', content);
      if (step === 'between files') process.kill(process.pid, 'SIGKILL');
      await products.write('maps/map.png', content);
      return { entries: products.entries, result: undefined };
    },
    {
      onStep: (now) => {
        if (now === wanted) left -= 1;
        if (now === wanted && left === 0) process.kill(process.pid, 'SIGKILL');
      },
    },
  );
}

async function writeNoise(): Promise<void> {
  let state = 1;
  const noise = Float32Array.from({ length: 1 << 18 }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state;
  });
  await writeNetcdfFile(join(runsFolder, 'forecast.nc'), (builder) => {
    builder.addCoordinate('time', Float64Array.of(0, 1), { units: 'days' });
    builder.addCoordinate('latitude', new Float64Array(256), { units: 'degrees_north' });
    builder.addCoordinate('longitude', new Float64Array(512), { units: 'degrees_east' });
    builder.addVariable('noise', ['time', 'latitude', 'longitude'], noise, { units: '1' });
  });
}

// the system's signal for a file that grows beyond its limit; the refusal itself is what is under test
process.on('SIGXFSZ', () => undefined);
try {
  await (mode === 'netcdf' ? writeNoise() : publishTwoFiles());
  process.stdout.write('done');
} catch (error) {
  process.stdout.write(isTramontanaError(error) ? error.tag : String(error));
}
