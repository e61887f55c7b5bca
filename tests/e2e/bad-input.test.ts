// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { packageFolder } from '../../common/version.js';
import { NOT_BUILT, runCommand, scratchFolder, type FinishedCommand } from '../support/command-line.js';

const SAMPLE = join(packageFolder(), 'samples', 'po-valley', 'cams');
const CONFIG = {
  name: 'bad',
  boundingBox: { north: 45.6, west: 9, south: 44.9, east: 10 },
  pollutants: ['pm2_5'],
  source: { path: SAMPLE },
};

describe('input that cannot be used', { skip: NOT_BUILT, timeout: 10 * 60_000 }, () => {
  let scratch: Awaited<ReturnType<typeof scratchFolder>>;
  before(async () => {
    scratch = await scratchFolder();
  });
  after(() => scratch.remove());

  /** Runs a configuration that must be refused: exit code 2, one message without a stack, nothing in the output folder. */
  async function refused(
    config: unknown,
    expected: readonly RegExp[],
    args: readonly string[] = [],
  ): Promise<FinishedCommand> {
    const text = typeof config === 'string' ? config : JSON.stringify(config);
    await writeFile(join(scratch.path, 'config.yaml'), text);
    const finished = await runCommand(['run', 'config.yaml', '--json', ...args], { cwd: scratch.path });
    assert.equal(finished.code, 2, finished.stderr);
    const { error } = JSON.parse(finished.stdout) as { error: { tag: string; message: string } };
    for (const pattern of expected) assert.match(error.message, pattern);
    assert.ok(finished.stderr.includes(error.message), 'people read the same message');
    assert.doesNotMatch(finished.stderr, /\n\s+at /u, 'no stack trace');
    assert.ok(!existsSync(join(scratch.path, 'runs')), 'nothing in the output folder');
    return finished;
  }

  it('a configuration with an unknown key', async () => {
    await refused({ ...CONFIG, resolution: 1 }, [/config\.yaml/, /unknown key "resolution"/]);
    assert.ok(!existsSync(join(scratch.path, '.tramontana')), 'nothing was started for it');
  });

  it('an empty bounding box', async () => {
    const boundingBox = { ...CONFIG.boundingBox, north: 44.9 };
    await refused({ ...CONFIG, boundingBox }, [/boundingBox is empty/, /north 44\.9 and south 44\.9/]);
  });

  it('a threshold without unit', async () => {
    await refused({ ...CONFIG, products: { thresholds: { pm2_5: 15 } } }, [/thresholds\.pm2_5\[0\]/, /unit/, /got 15/]);
  });

  it('a configuration that is not YAML, and one that is not there', async () => {
    await refused('name: [unclosed', [/config\.yaml: expected YAML or JSON/]);
    const { code, stderr } = await runCommand(['run', 'absent.yaml'], { cwd: scratch.path });
    assert.equal(code, 2);
    assert.match(stderr, /absent\.yaml: expected a readable configuration file/);
  });

  it('an input that is not there, and a folder without NetCDF files', async () => {
    await refused(CONFIG, [/nowhere: expected a CAMS NetCDF file or a folder of them/], ['--input', 'nowhere']);
    await mkdir(join(scratch.path, 'empty'), { recursive: true });
    await refused(CONFIG, [/empty: expected at least one NetCDF file/, /an empty folder/], ['--input', 'empty']);
  });

  it('a file that is no NetCDF', async () => {
    await writeFile(join(scratch.path, 'page.nc'), '<!DOCTYPE html><title>login</title>');
    await refused(CONFIG, [/page\.nc/, /NetCDF/, /HTML/], ['--input', 'page.nc']);
  });

  it('a truncated file', async () => {
    const bytes = await readFile(join(SAMPLE, 'ENS_ANALYSIS.nc'));
    await writeFile(join(scratch.path, 'short.nc'), bytes.subarray(0, bytes.length / 2));
    await refused(CONFIG, [/short\.nc/, /bytes/], ['--input', 'short.nc']);
  });

  it('a pollutant that no file holds', async () => {
    await refused({ ...CONFIG, pollutants: ['no2'] }, [/no2/, /available: .*pm2_5/]);
  });

  it('a box outside the data', async () => {
    const boundingBox = { north: 10, west: 100, south: 5, east: 110 };
    await refused({ ...CONFIG, boundingBox }, [/ENS_ANALYSIS\.nc/, /box/i]);
  });

  it('a cycle for which there are no data', async () => {
    await refused(CONFIG, [/cycle: expected a day from 2026-03-02/, /got 2020-01-01/], ['--cycle', '2020-01-01']);
    // the day after the last forecast: its days would be over
    await refused(
      CONFIG,
      [/cycle 2026-03-20: expected whole days of a forecast/, /forecasts of 2026-03-16 to 2026-03-19/],
      [...['--cycle', '2026-03-20']],
    );
  });

  it('an unknown option or command is told with a suggestion', async () => {
    const option = await runCommand(['run', 'config.yaml', '--inputt', 'x'], { cwd: scratch.path });
    assert.equal(option.code, 2);
    assert.match(option.stderr, /unknown option '--inputt' \(Did you mean --input\?\)/);
    const command = await runCommand(['inspct', 'x'], { cwd: scratch.path });
    assert.equal(command.code, 2);
    assert.match(command.stderr, /unknown command 'inspct' \(Did you mean inspect\?\)/);
  });

  it('inspect says what a file is instead', async () => {
    await copyFile(join(packageFolder(), 'package.json'), join(scratch.path, 'text.nc'));
    const { code, stdout } = await runCommand(['inspect', 'text.nc', '--json'], { cwd: scratch.path });
    assert.equal(code, 2);
    assert.match((JSON.parse(stdout) as { error: { message: string } }).error.message, /text\.nc.*NetCDF.*JSON/s);
  });

  it('inspect says which file of a folder it could be', async () => {
    const { code, stderr } = await runCommand(['inspect', SAMPLE], { cwd: scratch.path });
    assert.equal(code, 2);
    assert.match(stderr, /cams: expected one file, got a folder with 2 NetCDF files; .*tramontana inspect .*\.nc/su);
  });
});
