// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import { defaultDependencies, planForecast, UNRESTRICTED_ROOTS } from '../../activities/index.js';
import { JSON_OPTION, STATE_OPTION, type Command } from '../command.js';
import { EXIT_CODES } from '../exit-codes.js';
import { locateStateFolder } from '../runtime/state-folder.js';
import { printJson, printText } from '../terminal/output.js';
import { DEFAULT_RUNS_FOLDER, reuseOf, RUN_OPTIONS } from './run.js';

export const planCommand: Command = {
  spec: {
    name: 'plan',
    summary: 'Tell which stages a run would compute, and why, without computing any.',
    positionals: 'CONFIG',
    minimumPositionals: 1,
    maximumPositionals: 1,
    options: [
      { name: 'input', value: 'PATH', description: 'As for run.' },
      { name: 'cycle', value: 'DAY', description: 'As for run.' },
      ...RUN_OPTIONS.filter(({ name }) => name !== JSON_OPTION.name && name !== STATE_OPTION.name),
      STATE_OPTION,
      JSON_OPTION,
    ],
  },
  async run(args) {
    const inputPath = args.value('input');
    const cycle = args.value('cycle');
    const runsFolder = resolve(args.value('out') ?? DEFAULT_RUNS_FOLDER);
    const stateFolder = locateStateFolder(args.value('state')).root;
    // this process has no more rights than the person who started it
    const surroundings = { ...defaultDependencies({ stateFolder, runsFolder }), roots: UNRESTRICTED_ROOTS };
    const plan = await planForecast(surroundings, {
      schemaVersion: 1,
      configUri: pathToFileURL(resolve(args.positionals[0] ?? '')).href,
      overrides: inputPath === undefined ? {} : { source: { path: resolve(inputPath) } },
      outputFolder: runsFolder,
      reuse: reuseOf(args),
      ...(cycle === undefined ? {} : { cycle }),
    });
    if (args.flag('json')) {
      printJson(plan);
      return EXIT_CODES.done;
    }
    printText(`${plan.domain}, cycle ${plan.cycle}`);
    for (const { name, willRun, reason } of plan.stages) {
      printText(`  ${willRun ? 'run  ' : 'reuse'}  ${name.padEnd(14)} ${reason}`);
    }
    if (plan.route !== undefined) printText(`  route  ${plan.route.name.padEnd(14)} ${plan.route.reason}`);
    return EXIT_CODES.done;
  },
};
