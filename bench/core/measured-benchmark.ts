// SPDX-License-Identifier: Apache-2.0
/** The command line and the JSON file of benchmarks that measure seconds. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join, parse, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { TramontanaError } from '../../common/errors.js';
import { type MachineFacts, machineFacts } from './machine.js';

export interface MeasurementOptions {
  /** Only the cases that a first look needs. */
  readonly quick: boolean;
  /** Threads of the linear algebra of every route. */
  readonly threads: number;
  readonly machine: MachineFacts;
  /** Prints a line for whoever watches. */
  readonly say: (line: string) => void;
}

/** A file beside the JSON file: `suffix` follows its name without extension. */
export interface Attachment {
  readonly suffix: string;
  readonly content: string;
}

export interface MeasurementReport {
  /** One object a case; docs/benchmarks.md tells their fields. */
  readonly rows: readonly object[];
  /** What the run says about the machine beyond MachineFacts, such as the measured dgemm rate. */
  readonly machine?: Readonly<Record<string, number | string>>;
  /** Promises that the numbers of this run do not keep, a sentence each. */
  readonly failures: readonly string[];
  readonly attachments?: readonly Attachment[];
}

/** Writes `{...facts, rows, failures}` and what belongs beside it; makes the folder. */
export function writeReport(jsonFile: string, facts: object, report: MeasurementReport): void {
  mkdirSync(dirname(resolve(jsonFile)), { recursive: true });
  const { rows, failures, attachments = [] } = report;
  writeFileSync(jsonFile, `${JSON.stringify({ ...facts, rows, failures }, null, 2)}\n`);
  const { dir, name } = parse(jsonFile);
  for (const { suffix, content } of attachments) writeFileSync(join(dir, `${name}${suffix}`), content);
}

/** `[--quick] [--threads N] [--json FILE]`; the exit code is 1 when a promise is not kept. */
export function measuredBenchmark(
  name: string,
  run: (options: MeasurementOptions) => Promise<MeasurementReport>,
): (args: readonly string[]) => Promise<number> {
  return async (args) => {
    const { values } = parseArgs({
      args: [...args],
      options: { quick: { type: 'boolean', default: false }, threads: { type: 'string' }, json: { type: 'string' } },
    });
    const threads = values.threads === undefined ? availableParallelism() : Number(values.threads);
    if (!Number.isInteger(threads) || threads < 1) {
      throw new TramontanaError(
        'Bench.InvalidOption',
        '--threads: expected a positive integer, got "' + String(values.threads) + '"',
        {
          facts: { threads: values.threads },
        },
      );
    }
    const machine = machineFacts();
    const say = (line: string): void => {
      console.log(line);
    };
    say(`${machine.cpu}, ${machine.cores} cores, ${threads} threads, load ${machine.loadAverage.toFixed(1)}`);
    const report = await run({ quick: values.quick, threads, machine, say });
    if (values.json !== undefined) {
      const facts = { benchmark: name, quick: values.quick, machine: { ...machine, threads, ...report.machine } };
      writeReport(values.json, facts, report);
    }
    for (const failure of report.failures) say(`not kept: ${failure}`);
    return report.failures.length === 0 ? 0 : 1;
  };
}
