// SPDX-License-Identifier: Apache-2.0
/**
 * The reader process: reads one file of strangers after the other, under the watchdog's limits.
 *
 * @module
 */
import { readAreas } from '../areas/read-areas.js';
import { readCamsFile } from '../cams/read-cams-file.js';
import { readCamsTimes } from '../cams/read-cams-times.js';
import { readElevation } from '../dem/read-elevation.js';
import { inspectFile } from '../inspect-file.js';
import {
  packFailure,
  readerRequest,
  type ReaderName,
  type ReaderOptions,
  type ReaderReply,
  type ReaderRequest,
} from './protocol.js';
import { Watchdog } from './watchdog.js';

const READ: Readonly<Record<ReaderName, (path: string, options: ReaderOptions) => Promise<unknown>>> = {
  readCamsFile,
  readCamsTimes,
  readElevation,
  readAreas,
  inspectFile: (path) => inspectFile(path),
};

const watchdog = new Watchdog();

async function answer(request: ReaderRequest): Promise<ReaderReply> {
  watchdog.begin(request);
  try {
    return { id: request.id, value: await READ[request.reader](request.path, request.options) };
  } catch (error) {
    return { id: request.id, failure: packFailure(error, request.path) };
  }
}

process.on('message', (message) => {
  void answer(readerRequest.parse(message)).then((reply) =>
    // the limits hold until the reply is written: its serialisation takes memory too
    process.send?.(reply, undefined, undefined, () => watchdog.end()),
  );
});
process.on('disconnect', () => process.exit(0));
process.send?.({ id: 0, value: 'ready' } satisfies ReaderReply);
