// SPDX-License-Identifier: Apache-2.0
/**
 * `npx tsx tests/fuzz/fuzz-readers.ts --reader classic|hdf5|geotiff|zip --count 50000 --seed 1`: damaged files on the fenced
 * readers. Prints a row when done, every violation before it; the exit code is 1 when there is one.
 *
 * @module
 */
import { parseArgs } from 'node:util';
import { reportRow, runCampaign } from './campaign.js';
import { FUZZED_FORMATS, isFuzzedFormat } from './seed-files.js';

const { values } = parseArgs({
  options: {
    reader: { type: 'string', default: 'hdf5' },
    count: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
  },
});
const { reader } = values;
if (!isFuzzedFormat(reader))
  throw new TypeError(`--reader: expected one of ${FUZZED_FORMATS.join(', ')}, got "${reader}"`);
let told = 0;
const report = await runCampaign({
  format: reader,
  count: Number(values.count),
  seed: Number(values.seed),
  onProgress: (state) => {
    for (const violation of state.violations.slice(told)) console.log(violation);
    told = state.violations.length;
    if (state.files % 5000 === 0) console.log(reportRow(state));
  },
});
for (const violation of report.violations.slice(told)) console.log(violation);
console.log(reportRow(report));
process.exitCode = report.violations.length === 0 ? 0 : 1;
