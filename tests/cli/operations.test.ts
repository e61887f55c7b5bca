// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { dayAfter } from '../../common/time-zone.js';
import { packageFolder } from '../../common/version.js';
import { NOT_BUILT, runCommand, scratchFolder } from '../support/command-line.js';
import { startDevServer, type DevServer } from '../support/dev-server.js';
import { noon } from '../support/noon-zone.js';
import { writeAnalyses, writeForecast, writeTinyConfig } from '../support/tiny-domain.js';

const LIMIT_MS = 3 * 60_000;
const NAME = 'my-region';

/** What the tests of workers, versions and stores run instead: these commands serve until they are ended, or need a server of others. */
const ELSEWHERE = /^(export |umask |temporal |tramontana worker )/u;

/** The command lines of the manual, section by section, without their comments. */
async function commandsOfManual(): Promise<ReadonlyMap<string, readonly string[]>> {
  const manual = await readFile(join(packageFolder(), 'docs', 'operations.md'), 'utf8');
  const sections = manual.split(/^## /mu).slice(1);
  return new Map(
    sections.map((section) => {
      const blocks = [...section.matchAll(/```sh\n(.*?)```/gsu)].flatMap(([, block = '']) => block.split('\n'));
      const lines = blocks.map((line) => line.replace(/\s+#.*$/u, '').trim());
      return [section.split('\n', 1)[0] ?? '', lines.filter((line) => line !== '' && !ELSEWHERE.test(line))] as const;
    }),
  );
}

/** Words of a command line; quotes hold words together. */
const words = (line: string): string[] =>
  [...line.matchAll(/"([^"]*)"|(\S+)/gu)].map(([, quoted, plain]) => quoted ?? plain ?? '');

describe('the commands of the operations manual', { skip: NOT_BUILT, timeout: 3 * LIMIT_MS }, () => {
  let scratch: Awaited<ReturnType<typeof scratchFolder>>;
  let dev: DevServer;
  let manual: ReadonlyMap<string, readonly string[]>;
  const { zone, today } = noon();

  const serve = async (): Promise<void> => {
    dev = await startDevServer(scratch.path);
  };
  const end = async (): Promise<void> => {
    await dev.end();
  };

  before(async () => {
    scratch = await scratchFolder();
    const config = await writeTinyConfig(scratch.path, NAME, `schedule: { at: "06:50", timezone: ${zone} }`);
    await rename(config, join(scratch.path, 'domain.yaml'));
    await Promise.all([writeAnalyses(scratch.path, today, 5), writeForecast(scratch.path, today)]);
    manual = await commandsOfManual();
    await serve();
  });
  after(async () => {
    await end();
    await scratch.remove();
  });

  /** Runs a line as it stands in the manual; only days and ids are those of the test. */
  async function run(line: string, workflow = ''): Promise<string> {
    const [from, to] = [dayAfter(today, -2), dayAfter(today, -1)];
    const given = line.replace('2026-03-01', from).replace('2026-03-31', to).replace('WORKFLOW', workflow);
    const [program = '', ...args] = words(given);
    if (program !== 'tramontana') {
      const { status, stderr } = spawnSync(program, args, { cwd: scratch.path, encoding: 'utf8' });
      assert.equal(status, 0, `${line}: ${stderr}`);
      return '';
    }
    const { code, stdout, stderr } = await runCommand(args, { cwd: scratch.path });
    assert.equal(code, 0, `${line}: ${stderr}${stdout}`);
    return stdout;
  }

  const section = (title: string): readonly string[] => {
    const lines = manual.get(title);
    assert.ok(lines !== undefined && lines.length > 0, `the manual has commands under "${title}"`);
    return lines;
  };

  it('set a domain up, run it every morning, fill in past days and run a day again', async () => {
    for (const line of [...section('First set-up'), ...section('The morning'), ...section('Past days')])
      await run(line);
    const { runs } = JSON.parse(await run(`tramontana status --domain ${NAME} --json`)) as {
      runs: readonly { workflowId: string; type: string }[];
    };
    const forecast = runs.find(({ type }) => type === 'forecast');
    assert.ok(forecast !== undefined);
    for (const line of section('Running a day again')) await run(line, forecast.workflowId);
  });

  it('move it to another machine, where nothing is computed again', async () => {
    const lines = section('Moving to another machine, and back from a backup');
    const arrival = lines.findIndex((line) => line.startsWith('tar -xzf'));
    assert.ok(arrival > 0);
    for (const line of lines.slice(0, arrival)) {
      // the server is to be stopped before its database is copied
      if (line.startsWith('tar ')) await end();
      await run(line);
    }
    for (const name of ['domain.yaml', 'cams', 'runs', '.tramontana'])
      await rename(join(scratch.path, name), join(scratch.path, `old-${name}`));
    await run(lines[arrival] ?? '');
    await serve();
    for (const line of lines.slice(arrival + 1)) {
      const told = await run(line);
      if (line.includes(' plan ')) assert.doesNotMatch(told, /^ {2}run /mu);
    }
    const { schedules } = JSON.parse(await run('tramontana schedule list --json')) as {
      schedules: readonly { name: string; paused: boolean }[];
    };
    assert.deepEqual(
      schedules.map(({ name, paused }) => [name, paused]),
      [[NAME, false]],
    );
  });

  it('are none that no section here runs', () => {
    const run = [
      'First set-up',
      'The morning',
      'Past days',
      'Running a day again',
      'Moving to another machine, and back from a backup',
    ];
    const others = [...manual].filter(([title, lines]) => !run.includes(title) && lines.length > 0);
    assert.deepEqual(
      others.map(([title, lines]) => [title, lines]),
      [['Several workers, one store', ['tramontana doctor']]],
    );
  });
});
