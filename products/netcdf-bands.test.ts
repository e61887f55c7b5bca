// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import h5wasm, { Dataset } from 'h5wasm/node';

import { isTramontanaError } from '../common/errors.js';
import type { FineGridPosterior } from '../artifacts/schemas/fine-grid-posterior.js';
import type { PosteriorBand, PosteriorBands } from '../artifacts/schemas/posterior-bands.js';
import { ExposureSums } from './headline.js';
import { writeNetcdfFile } from './netcdf-file.js';
import { proveWritten } from './netcdf-proof.js';
import { writeForecastNetcdf } from './netcdf-writer.js';
import { SkillSums } from './scores.js';
import { syntheticRuns } from './testing/synthetic-areas.js';
import { PO_VALLEY } from './testing/synthetic-fields.js';
import { syntheticInputs } from './testing/synthetic-run.js';
import { bandsOf } from './whole-posterior.js';

const inputs = syntheticInputs({ ...PO_VALLEY, resolutionDegrees: 0.05, analysisDays: 2, forecastDays: 1 });
const exceedanceRuns = syntheticRuns(inputs.posterior);
const COMMON = { ...inputs, version: '0', createdAt: new Date(0) };

/** Rows [first, first + count) of every day. */
function rowsOf(values: Float64Array, numDays: number, numColumns: number, first: number, count: number): Float64Array {
  const cells = values.length / numDays;
  const rows = new Float64Array(numDays * count * numColumns);
  for (let day = 0; day < numDays; day += 1) {
    const from = day * cells + first * numColumns;
    rows.set(values.subarray(from, from + count * numColumns), day * count * numColumns);
  }
  return rows;
}

function band(posterior: FineGridPosterior, first: number, count: number): PosteriorBand {
  const [numDays, numColumns] = [posterior.timesMs.length, posterior.longitudesDegrees.length];
  const cut = (values: Float64Array, days = numDays) => rowsOf(values, days, numColumns, first, count);
  const { elevationM } = posterior;
  return {
    firstRow: first,
    posterior: {
      ...posterior,
      latitudesDegrees: posterior.latitudesDegrees.slice(first, first + count),
      ...(elevationM === undefined ? {} : { elevationM: cut(elevationM, 1) }),
      variables: posterior.variables.map((variable) => ({
        ...variable,
        mean: cut(variable.mean),
        sd: cut(variable.sd),
      })),
    },
    exceedanceRuns: exceedanceRuns.map((run) => ({ ...run, probability: cut(run.probability) })),
  };
}

/** The same posterior in bands of some rows. */
function inBands(posterior: FineGridPosterior, rows: number): PosteriorBands {
  const { resolutionDegrees, latitudesDegrees, longitudesDegrees } = posterior;
  const numRows = latitudesDegrees.length;
  // eslint-disable-next-line @typescript-eslint/require-await -- the interface is for those that wait
  async function* read(): AsyncGenerator<PosteriorBand> {
    for (let first = 0; first < numRows; first += rows) yield band(posterior, first, Math.min(rows, numRows - first));
  }
  return { resolutionDegrees, latitudesDegrees, longitudesDegrees, read };
}

/** Values and attributes of every variable. */
async function contents(path: string): Promise<Map<string, unknown>> {
  await h5wasm.ready;
  const file = new h5wasm.File(path, 'r');
  try {
    return new Map(
      file.keys().map((name) => {
        const found = file.get(name);
        assert.ok(found instanceof Dataset);
        const attributes = Object.entries(found.attrs).filter(
          ([key]) => !/^(REFERENCE_LIST|DIMENSION_LIST|_Netcdf)/u.test(key),
        );
        return [name, { value: found.value, attributes: attributes.map(([key, { value }]) => [key, value]) }];
      }),
    );
  } finally {
    file.close();
  }
}

describe('forecast.nc in bands', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tramontana-bands-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('holds what it holds when it is written as a whole', async () => {
    const [whole, banded] = [join(folder, 'whole.nc'), join(folder, 'banded.nc')];
    await writeForecastNetcdf(whole, { ...COMMON, bands: bandsOf({ ...inputs, exceedanceRuns }) });
    await writeForecastNetcdf(banded, { ...COMMON, bands: inBands(inputs.posterior, 9) });
    const [expected, found] = [await contents(whole), await contents(banded)];
    assert.deepEqual([...found.keys()].sort(), [...expected.keys()].sort());
    for (const [name, value] of expected) assert.deepEqual(found.get(name), value, name);
    assert.ok(expected.has(`${exceedanceRuns[0]?.pollutant ?? ''}_p_exceed_12p5_2_days`));
  });

  it('refuses rows that are left out or repeated, and leaves nothing', async () => {
    const path = join(folder, 'gap.nc');
    const { posterior } = inputs;
    for (const firsts of [[0, 10], [0, 5], [3]]) {
      const gapped: PosteriorBands = {
        ...inBands(posterior, 9),
        // eslint-disable-next-line @typescript-eslint/require-await -- as above
        read: async function* () {
          for (const first of firsts) yield band(posterior, first, 9);
        },
      };
      await assert.rejects(writeForecastNetcdf(path, { ...COMMON, bands: gapped }), (error) =>
        isTramontanaError(error, 'Products.ShapeMismatch'),
      );
      await assert.rejects(readFile(path));
    }
  });

  it('is proved band by band: a changed value is found', async () => {
    const path = join(folder, 'proof.nc');
    const given = { units: 'ug m-3' };
    let meant: Parameters<typeof proveWritten>[1] = new Map();
    await writeNetcdfFile(path, (builder) => {
      for (const name of ['time', 'latitude', 'longitude'] as const) {
        builder.addCoordinate(
          name,
          Float64Array.from({ length: name === 'latitude' ? 6 : 3 }, (_, i) => i),
          {},
        );
      }
      for (const first of [0, 3]) {
        const data = Float32Array.from({ length: 27 }, (_, i) => i + first);
        builder.writeRows('pm10', ['time', 'latitude', 'longitude'], { first, data }, given);
      }
      meant = builder.meant;
    });
    await proveWritten(path, meant);
    const rows = meant.get('pm10')?.rows ?? [];
    assert.equal(rows.length, 2);
    const [first, second] = rows;
    assert.ok(first !== undefined && second !== undefined);
    const altered = new Map(meant).set('pm10', {
      attributes: given,
      rows: [first, { ...second, sha256: first.sha256 }],
    });
    await assert.rejects(proveWritten(path, altered), /"pm10" in rows 3 to 5/u);
    await writeFile(path, (await readFile(path)).subarray(0, 200));
    await assert.rejects(proveWritten(path, meant));
  });

  it('gives the figures of the whole, summed over bands', async () => {
    const { posterior, thresholds, truth, coarse } = inputs;
    assert.ok(truth !== undefined);
    const figures = async (bands: PosteriorBands) => {
      const exposure = new ExposureSums(bands, thresholds);
      const skill = new SkillSums({ truth, coarse });
      for await (const one of bands.read()) {
        exposure.add(one);
        skill.add(one.posterior);
      }
      return { records: exposure.records(), scores: skill.evaluation() };
    };
    const expected = await figures(bandsOf(inputs));
    const found = await figures(inBands(posterior, 5));
    const rounded = (value: unknown): unknown =>
      JSON.parse(
        JSON.stringify(value, (_, inner: unknown) =>
          typeof inner === 'number' ? Number(inner.toPrecision(12)) : inner,
        ),
      );
    // sums in another order
    assert.deepEqual(rounded(found), rounded(expected));
    assert.ok(expected.records.length > 0 && Object.keys(expected.scores).length > 0);
  });
});
