// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path';

import {
  compareRoutes,
  defaultDependencies,
  planForecast,
  planInWords,
  UNRESTRICTED_ROOTS,
  type RouteComparison,
} from '../../activities/index.js';
import { fileUriOf } from '../../artifacts/index.js';
import { startWords } from '../../artifacts/schemas/fit-start-words.js';
import { JSON_OPTION, STATE_OPTION, type Command } from '../command.js';
import { EXIT_CODES } from '../exit-codes.js';
import { Interruption } from '../interruption.js';
import { locateStateFolder } from '../runtime/state-folder.js';
import { printJson, printNote, printText } from '../terminal/output.js';
import { DEFAULT_RUNS_FOLDER, reuseOf, RUN_OPTIONS } from './run.js';

export const planCommand: Command = {
  spec: {
    name: 'plan',
    summary: 'Tell which stages a run would compute, and why, without computing any.',
    positionals: [{ name: 'CONFIG' }],
    options: [
      { name: 'input', value: 'PATH', description: 'As for run.' },
      { name: 'cycle', value: 'DAY', description: 'As for run.' },
      { name: 'compare', description: 'Fit by the grid of the cells and by a mesh, and print both estimates.' },
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
    const input: Parameters<typeof planForecast>[1] = {
      schemaVersion: 1,
      configUri: fileUriOf(args.positionals[0] ?? ''),
      overrides: inputPath === undefined ? {} : { source: { path: resolve(inputPath) } },
      outputFolder: runsFolder,
      reuse: reuseOf(args),
      ...(cycle === undefined ? {} : { cycle }),
    };
    if (args.flag('compare')) {
      const comparison = await comparedUnlessInterrupted(surroundings, input);
      if (args.flag('json')) printJson(comparison);
      else printComparison(comparison);
      return EXIT_CODES.done;
    }
    const plan = await planForecast(surroundings, input);
    if (args.flag('json')) {
      printJson(plan);
      return EXIT_CODES.done;
    }
    printText(`${plan.domain}, cycle ${plan.cycle}`);
    for (const { name, willRun, onlyIfChanged, reason } of plan.stages) {
      const unless = onlyIfChanged === true ? '; reused if that comes out as before' : '';
      printText(`  ${willRun ? 'run  ' : 'reuse'}  ${name.padEnd(14)} ${reason}${unless}`);
    }
    if (plan.route !== undefined) printText(`  route  ${plan.route.name.padEnd(14)} ${plan.route.reason}`);
    if (plan.start !== undefined) printText(`  start  ${startWords(plan.start.from).padEnd(14)} ${plan.start.reason}`);
    if (plan.fit !== undefined) printText(`  needs  ${'fit'.padEnd(14)} ${planInWords(plan.fit)}`);
    return EXIT_CODES.done;
  },
};

async function comparedUnlessInterrupted(
  surroundings: Parameters<typeof compareRoutes>[0],
  input: Parameters<typeof compareRoutes>[1],
): Promise<RouteComparison> {
  const interruption = new Interruption();
  const stop = new AbortController();
  void interruption.asked().then(() => stop.abort());
  try {
    return await compareRoutes(surroundings, input, {
      signal: stop.signal,
      onPhase: (text) => printNote(`${text} ...`),
    });
  } finally {
    interruption.dispose();
  }
}

function printComparison({ domain, cycle, routes, parameters }: RouteComparison): void {
  printText(`${domain}, cycle ${cycle}`);
  for (const name of ['grid', 'mesh'] as const) {
    const { evaluations, seconds, converged, reason } = routes[name];
    const ended = converged ? '' : ', not converged';
    printText(`  ${name}  ${evaluations} evaluations, ${seconds.toFixed(1)} s${ended}; ${reason}`);
  }
  const inWords = ({ estimate, lower95, upper95 }: RouteComparison['parameters'][number]['grid']): string =>
    `${estimate.toPrecision(3)} (${lower95.toPrecision(3)} to ${upper95.toPrecision(3)})`;
  const cells = [
    ['', 'grid', 'mesh', 'distance'],
    ...parameters.map(({ label, units, grid, mesh, distanceSds }) => [
      `${label}, ${units}`,
      inWords(grid),
      inWords(mesh),
      `${distanceSds.toFixed(1)} sd`,
    ]),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
  for (const row of cells)
    printText(`  ${row.map((text, column) => text.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd());
}
