// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';

import { packageFolder } from '../../common/version.js';
import type { Command } from '../command.js';
import { EXIT_CODES } from '../exit-codes.js';
import { runForecast } from '../run-forecast.js';
import { locateStateFolder } from '../runtime/state-folder.js';
import { DEFAULT_RUNS_FOLDER, printReport, reuseOf, RUN_OPTIONS } from './run.js';

export const demoCommand: Command = {
  spec: {
    name: 'demo',
    summary: 'Run the bundled sample domain (simulated data).',
    options: [
      { name: 'serve', description: 'Keep server, worker and Web UI up after the run, until Ctrl-C.' },
      ...RUN_OPTIONS,
    ],
  },
  async run(args) {
    await runForecast(
      {
        configPath: join(packageFolder(), 'samples', 'po-valley', 'config.yaml'),
        runsFolder: args.value('out') ?? DEFAULT_RUNS_FOLDER,
        state: locateStateFolder(args.value('state')),
        reuse: reuseOf(args),
        serve: args.flag('serve'),
      },
      (report) => printReport(report, args.flag('json')),
    );
    return EXIT_CODES.done;
  },
};
