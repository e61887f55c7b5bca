// SPDX-License-Identifier: Apache-2.0
import { basename, resolve } from 'node:path';

import { isTramontanaError } from '../../common/errors.js';
import { evaluateGolden, GOLDEN_TOLERANCES, type GoldenReport } from '../../inference-core/host-ts/index.js';
import { JSON_OPTION, type Command } from '../command.js';
import { EXIT_CODES } from '../exit-codes.js';
import { printJson, printNote, printText } from '../terminal/output.js';

function describe(report: GoldenReport): string {
  const head = `${report.case} (${report.kind}): ${report.status}, ${report.seconds.toFixed(1)} s`;
  const { deviations, tolerances } = report;
  const reason = [report.reason, report.note].flatMap((text) => (text === undefined ? [] : [`  ${text}`]));
  if (deviations === undefined) return [head, ...reason].join('\n');
  const rows = (Object.keys(deviations) as (keyof typeof deviations)[]).map(
    (name) =>
      `  ${name.padEnd(26)} ${deviations[name].toExponential(1)}  (at most ${tolerances[name].toExponential(0)})`,
  );
  return [head, ...rows, ...reason].join('\n');
}

/** One case; a path that is no case becomes a report of its own, so that the others are still evaluated. */
async function evaluate(folder: string): Promise<GoldenReport> {
  try {
    return await evaluateGolden(folder);
  } catch (error) {
    if (!isTramontanaError(error, 'Golden.NotACase')) throw error;
    return {
      case: basename(resolve(folder)),
      folder,
      kind: 'none',
      status: 'error',
      reason: error.message,
      tolerances: GOLDEN_TOLERANCES,
      seconds: 0,
      passed: false,
    };
  }
}

/** A folder that is no case is bad input; a deviation outside its tolerance is a failure. */
function exitCodeFor(reports: readonly GoldenReport[]): number {
  if (reports.some(({ status }) => status === 'failed')) return EXIT_CODES.failed;
  return reports.some(({ status }) => status === 'error') ? EXIT_CODES.badInput : EXIT_CODES.done;
}

export const goldenCommand: Command = {
  spec: {
    name: 'golden',
    summary: 'Compare the engine with reference cases.',
    positionals: [{ name: 'DIR...' }],
    options: [JSON_OPTION],
  },
  async run(args) {
    const asJson = args.flag('json');
    const reports: GoldenReport[] = [];
    for (const folder of args.positionals) {
      if (asJson) printNote(`evaluating ${folder}`);
      const report = await evaluate(folder);
      reports.push(report);
      if (!asJson) printText(describe(report));
    }
    if (asJson) printJson({ passed: reports.every(({ passed }) => passed), cases: reports });
    return exitCodeFor(reports);
  },
};
