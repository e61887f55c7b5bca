// SPDX-License-Identifier: Apache-2.0
/** What holds for every command: its page, its answer to a slip, one document for programs, and its exit code. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import type { CommandSpec } from './command.js';
import { loadCommands } from './commands/index.js';
import { runProgram } from './program.js';

const ALL: readonly (readonly [readonly string[], CommandSpec])[] = (await loadCommands()).flatMap((entry) =>
  'commands' in entry
    ? entry.commands.map(({ spec }): [string[], CommandSpec] => [[entry.spec.name, spec.name], spec])
    : [[[entry.spec.name], entry.spec] as [string[], CommandSpec]],
);

/** How each fails where there is neither server nor file: tag and exit code. Commands that need neither are not listed. */
const FAILURES: Readonly<Record<string, readonly [string, number]>> = {
  run: ['Config.Unreadable', 2],
  fit: ['Input.Missing', 2],
  plan: ['Config.Unreadable', 2],
  'schedule apply': ['Temporal.NoServer', 1],
  'schedule list': ['Temporal.NoServer', 1],
  'schedule show': ['Temporal.NoServer', 1],
  'schedule pause': ['Temporal.NoServer', 1],
  'schedule resume': ['Temporal.NoServer', 1],
  'schedule trigger': ['Temporal.NoServer', 1],
  'schedule backfill': ['Temporal.NoServer', 1],
  'schedule delete': ['Temporal.NoServer', 1],
  backfill: ['Config.Unreadable', 2],
  status: ['Temporal.NoServer', 1],
  rerun: ['Temporal.NoServer', 1],
  watch: ['Temporal.NoServer', 1],
  pause: ['Temporal.NoServer', 1],
  resume: ['Temporal.NoServer', 1],
  products: ['Products.NotPublished', 2],
  inspect: ['Ingest.FileNotReadable', 2],
  worker: ['Temporal.NoServer', 1],
  completion: ['Cli.Usage', 2],
};

/** What the program printed and its exit code. */
async function run(...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const printed = { stdout: '', stderr: '' };
  const restore = (['stdout', 'stderr'] as const).map((name) => {
    const stream = process[name];
    const write = stream.write.bind(stream);
    stream.write = (text: string | Uint8Array): boolean => {
      // the test runner writes bytes to the same stream
      if (typeof text !== 'string') return write(text);
      printed[name] += text;
      return true;
    };
    return () => (stream.write = write);
  });
  try {
    const code = await runProgram(args);
    return { code, ...printed };
  } finally {
    for (const back of restore) back();
  }
}

describe('every command', () => {
  const kept = new Map(['TEMPORAL_ADDRESS', 'TRAMONTANA_STATE'].map((name) => [name, process.env[name]]));
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tramontana-program-'));
    Reflect.deleteProperty(process.env, 'TEMPORAL_ADDRESS');
    process.env['TRAMONTANA_STATE'] = folder;
  });
  after(async () => {
    for (const [name, value] of kept) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
    await rm(folder, { recursive: true });
  });

  for (const [path, { summary, options, positionals = [] }] of ALL) {
    const name = path.join(' ');
    const given = positionals.map(({ name: shown }) => join(tmpdir(), 'tramontana-absent', shown));

    it(`${name}: its page tells every option, a slip is answered, and there is a document for programs`, async () => {
      const page = await run(...path, '--help');
      assert.equal(page.code, 0);
      assert.ok(page.stdout.replaceAll(/\s+/gu, ' ').includes(summary));
      for (const option of [...options.map((one) => one.name), 'help']) assert.ok(page.stdout.includes(`--${option}`));
      assert.ok(options.some((option) => option.name === 'json'));

      const slip = await run(...path, ...given, '--jsn', '--json');
      const { error } = JSON.parse(slip.stdout) as { error: { tag: string; message: string } };
      assert.deepEqual([slip.code, error.tag], [2, 'Cli.Usage']);
      assert.match(error.message, /unknown option '--jsn' \(Did you mean --json\?\)/);
      assert.match(slip.stderr, /unknown option/);
    });

    const expected = FAILURES[name];
    if (expected === undefined) continue;
    it(`${name}: a failure is one document with its tag, and its exit code`, async () => {
      const failed = await run(...path, ...given, '--json');
      const { error, schemaVersion } = JSON.parse(failed.stdout) as { error: { tag: string }; schemaVersion: number };
      assert.deepEqual([error.tag, failed.code, schemaVersion], [...expected, 1]);
    });
  }
});
