// SPDX-License-Identifier: Apache-2.0
import { dirname, join } from 'node:path';

import { synchroniseFolder } from '../common/atomic-file.js';
import { makeFolder } from '../common/paths.js';
import { ProductFolder } from './product-folder.js';
import type { StageReport } from './product-types.js';
import { COMPLETE_FILE, verifyRun } from './run-manifest.js';
import { plainTexts, withoutFolders } from './product-texts.js';
import { currentVersion } from './run-folder.js';
import { linkPath, versionTarget, type RunPlace } from './run-place.js';
import { publishVersion, type VersionOptions } from './run-versions.js';
import { shareFile } from './share-file.js';
import { formatSummary, readSummary, SUMMARY_FILE, type RunSummary } from './summary.js';

/**
 * Publishes a finished run once more with other stages in its summary, so that a second run that computed nothing can say
 * so. The other products stay the same files, and their hashes are proved again.
 *
 * @throws {TramontanaError} `Products.NotWhole`, `Products.UnreadableSummary`: the products must be made anew
 */
export async function renewSummary(
  place: RunPlace,
  stages: readonly StageReport[],
  options: VersionOptions = {},
): Promise<RunSummary> {
  const { result } = await publishVersion(
    place,
    async (versionFolder) => {
      // the lock is held: the link does not turn meanwhile
      const version = await currentVersion(place);
      const current =
        version === undefined ? linkPath(place) : join(place.runsFolder, place.domain, versionTarget(version));
      const { files } = await verifyRun(current);
      const summary: RunSummary = { ...(await readSummary(current)), stages: plainTexts(withoutFolders(stages)) };
      const kept = files.filter(({ path }) => path !== SUMMARY_FILE && path !== COMPLETE_FILE);
      const folders = new Set(kept.map(({ path }) => dirname(join(versionFolder, path))));
      for (const folder of folders) await makeFolder(folder);
      for (const { path } of kept) await shareFile(join(current, path), join(versionFolder, path));
      for (const folder of folders) await synchroniseFolder(folder);
      const fresh = new ProductFolder(versionFolder);
      await fresh.write(SUMMARY_FILE, formatSummary(summary));
      return { entries: [...kept, ...fresh.entries], result: summary };
    },
    options,
  );
  return result;
}
