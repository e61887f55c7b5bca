// SPDX-License-Identifier: Apache-2.0
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

import { TramontanaError } from '../../common/errors.js';
import { machineFacts } from '../core/machine.js';
import { writeReport } from '../core/measured-benchmark.js';
import { missingSharedData } from '../core/shared-data.js';
import { type CaseMeasurement, type CaseRow, measureInProcess } from './measurement.js';
import { REFERENCE_CASES, type ReferenceCase } from './reference.js';
import { formatVerdicts, type Verdict, verdictsOf } from './verdicts.js';

function chosenCases(name: string | undefined): readonly ReferenceCase[] {
  const chosen = REFERENCE_CASES.filter((reference) => name === undefined || reference.name === name);
  if (chosen.length > 0) return chosen;
  const known = REFERENCE_CASES.map((reference) => reference.name).join(', ');
  throw new TramontanaError('Bench.InvalidOption', `--case: expected one of ${known}, got "${String(name)}"`, {
    facts: { case: name },
  });
}

function titleOf({ row, phases, exactCriteria, cpuSeconds, stopReason }: CaseMeasurement): string {
  const { fit, integrate } = phases;
  return (
    `\n${row.case}: ${row.evaluations} evaluations; mode and Hessian ${fit.seconds.toFixed(1)} s (${fit.evaluations}), ` +
    `integration ${integrate.seconds.toFixed(1)} s (${integrate.evaluations}), ${cpuSeconds.toFixed(1)} s of processor; ${stopReason}\n` +
    `exact DIC ${exactCriteria.dic.toFixed(2)} (${exactCriteria.dicEffectiveParameters.toFixed(1)}), ` +
    `exact WAIC ${exactCriteria.waic.toFixed(2)} (${exactCriteria.waicEffectiveParameters.toFixed(1)})`
  );
}

const failureOf = (name: string, { figure, ours, reference, promise }: Verdict): string =>
  `${name}: ${figure} ${ours}, promised ${promise}${reference === undefined ? '' : ` (R-INLA ${reference})`}`;

/** `npm run bench -- rinla [--case NAME] [--threads N] [--json FILE]`; the exit code is 1 when a promise is not kept. */
export async function rinlaBenchmark(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { case: { type: 'string' }, threads: { type: 'string' }, json: { type: 'string' } },
  });
  const cases = chosenCases(values.case);
  const threads = values.threads === undefined ? availableParallelism() : Number(values.threads);
  const missing = missingSharedData('data', 'rinla-reference') ?? missingSharedData('data', 'piemonte');
  if (missing !== undefined) {
    console.log(`rinla: skipped, ${missing}`);
    return 0;
  }
  const machine = machineFacts();
  console.log(`${machine.cpu}, ${machine.cores} cores, ${threads} threads, load ${machine.loadAverage.toFixed(1)}`);
  const rows: CaseRow[] = [];
  const failures: string[] = [];
  for (const reference of cases) {
    const measurement = await measureInProcess(reference.name, threads);
    const verdicts = verdictsOf(reference, measurement);
    console.log(formatVerdicts(titleOf(measurement), verdicts));
    rows.push(measurement.row);
    failures.push(...verdicts.filter(({ kept }) => !kept).map((verdict) => failureOf(reference.name, verdict)));
  }
  if (values.json !== undefined) {
    writeReport(values.json, { benchmark: 'rinla', machine: { ...machine, threads } }, { rows, failures });
  }
  for (const failure of failures) console.log(`not kept: ${failure}`);
  return failures.length === 0 ? 0 : 1;
}
