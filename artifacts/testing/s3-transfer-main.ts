// SPDX-License-Identifier: Apache-2.0
/** A worker of its own process, for tests that kill or measure it: `STATE_FOLDER STORE FILE put|round`; tells its peak memory in MiB. */
import { stat } from 'node:fs/promises';

import { openStorage } from '../index.js';

const [stateFolder = '', store = '', file = '', what = ''] = process.argv.slice(2);
const { artifacts } = openStorage({ stateFolder, store });
process.stdout.write('begun\n');
const ref = await artifacts.putFile(file, { mediaType: 'application/octet-stream', schema: 'x/1' });
const bytes = what === 'round' ? await artifacts.withLocalFile(ref, async (path) => (await stat(path)).size) : 0;
process.stdout.write(`${JSON.stringify({ bytes, peakMebibytes: process.resourceUsage().maxRSS / 1024 })}\n`);
