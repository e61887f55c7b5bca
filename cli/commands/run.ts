// SPDX-License-Identifier: Apache-2.0
import type { ForecastInput } from '../../activities/index.js';
import { STAGE_NAMES, type StageName } from '../../pipeline/index.js';
import { TramontanaError } from '../../common/errors.js';
import { formatSeconds } from '../../workflows/progress-text.js';
import { JSON_OPTION, STATE_OPTION, type Command, type OptionSpec, type ParsedArguments } from '../command.js';
import { EXIT_CODES } from '../exit-codes.js';
import { runForecast, type ForecastReport } from '../run-forecast.js';
import { locateStateFolder } from '../runtime/state-folder.js';
import { printJson, printText } from '../terminal/output.js';

/** Default folder of the products. */
export const DEFAULT_RUNS_FOLDER = 'runs';

/** Shared by the commands that compute again. */
export const FROM_OPTION: OptionSpec = {
  name: 'from',
  value: 'STAGE',
  description: 'Compute again from this stage on.',
  choices: STAGE_NAMES,
};

/** Shared by the commands that run a forecast. */
export const RUN_OPTIONS: readonly OptionSpec[] = [
  {
    name: 'out',
    value: 'DIR',
    description: `Folder of the products: DIR/<domain>/<cycle>/. Default: ${DEFAULT_RUNS_FOLDER}.`,
  },
  FROM_OPTION,
  { name: 'no-reuse', description: 'Compute every stage again.' },
  STATE_OPTION,
  JSON_OPTION,
];

/** What the options say about earlier results. */
export function reuseOf(args: ParsedArguments): ForecastInput['reuse'] {
  const from = args.value('from');
  if (from === undefined) return !args.flag('no-reuse');
  if (args.flag('no-reuse')) {
    throw new TramontanaError('Cli.Usage', '--from and --no-reuse: expected one of them, got both', {
      facts: { from },
    });
  }
  return { from: from as StageName };
}

/** Said at the end of a run whose products say it too. */
export const DEGRADED = 'The products are degraded: the report says why.';

/** Prints the end of a run. */
export function printReport(report: ForecastReport, asJson: boolean): void {
  if (asJson) {
    printJson(report);
    return;
  }
  const computed = report.stages.filter(({ reused }) => !reused).length;
  const how = report.nothingComputed
    ? 'nothing had changed, nothing was computed'
    : `${computed} stages computed, ${report.stages.length - computed} reused`;
  printText(`Done in ${formatSeconds(report.seconds)}: ${how}.`);
  if (report.quality === 'degraded') printText(DEGRADED);
  printText(`Report: ${report.report}`);
}

export const runCommand: Command = {
  spec: {
    name: 'run',
    summary: 'Run one forecast from a domain configuration.',
    positionals: [{ name: 'CONFIG' }],
    options: [
      { name: 'input', value: 'PATH', description: 'A CAMS NetCDF file or a folder of them, instead of source.path.' },
      {
        name: 'cycle',
        value: 'DAY',
        description: 'Day of the forecast, YYYY-MM-DD. Default: the first day to forecast.',
      },
      ...RUN_OPTIONS,
    ],
  },
  async run(args) {
    const inputPath = args.value('input');
    const cycle = args.value('cycle');
    await runForecast(
      {
        configPath: args.positionals[0] ?? '',
        runsFolder: args.value('out') ?? DEFAULT_RUNS_FOLDER,
        state: locateStateFolder(args.value('state')),
        reuse: reuseOf(args),
        ...(inputPath === undefined ? {} : { inputPath }),
        ...(cycle === undefined ? {} : { cycle }),
      },
      (report) => printReport(report, args.flag('json')),
    );
    return EXIT_CODES.done;
  },
};
