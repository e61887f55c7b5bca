// SPDX-License-Identifier: Apache-2.0
import { RUN_STATES, type RunFilter, type RunState, type RunSummary } from '../../client/runs.js';
import { TramontanaError } from '../../common/errors.js';
import { JSON_OPTION, type Command, type ParsedArguments } from '../command.js';
import { CONNECTION_OPTIONS, withClient } from '../connection.js';
import { EXIT_CODES } from '../exit-codes.js';
import { printJson, printText } from '../terminal/output.js';

const MAXIMUM_LIMIT = 10_000;

function filterOf(args: ParsedArguments): RunFilter {
  const [domain, state, from, to, limit] = ['domain', 'only', 'from', 'to', 'limit'].map((name) => args.value(name));
  const count = limit === undefined ? undefined : Number(limit);
  if (count !== undefined && !(Number.isInteger(count) && count >= 1 && count <= MAXIMUM_LIMIT)) {
    throw new TramontanaError(
      'Cli.Usage',
      `--limit: expected a whole number from 1 to ${MAXIMUM_LIMIT}, got "${limit ?? ''}"`,
    );
  }
  return {
    ...(domain === undefined ? {} : { domain }),
    ...(state === undefined ? {} : { status: state as RunState }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(count === undefined ? {} : { limit: count }),
  };
}

function row({ started, domain, cycle, type, state, stage, degraded, late, workflowId }: RunSummary): string[] {
  const marks = [degraded === true ? 'degraded' : '', late === true ? 'late' : ''].filter((mark) => mark !== '');
  const told = state === 'running' && stage !== null ? `running: ${stage}` : state;
  return [started.slice(0, 16), domain ?? '-', cycle ?? '-', type, [told, ...marks].join(', '), workflowId];
}

export const statusCommand: Command = {
  spec: {
    name: 'status',
    summary: 'The runs on a server, newest first.',
    options: [
      { name: 'domain', value: 'NAME', description: 'Only of this domain.' },
      { name: 'only', value: 'STATE', description: 'Only in this state.', choices: RUN_STATES },
      { name: 'from', value: 'DAY', description: 'Only of this cycle and later ones, YYYY-MM-DD.' },
      { name: 'to', value: 'DAY', description: 'Only of this cycle and earlier ones.' },
      { name: 'limit', value: 'N', description: 'At most so many. Default: 50.' },
      ...CONNECTION_OPTIONS,
      JSON_OPTION,
    ],
  },
  async run(args) {
    const filter = filterOf(args);
    const runs = await withClient(args, (client) => client.listRuns(filter));
    if (args.flag('json')) printJson({ runs });
    else if (runs.length === 0) printText('There is no run.');
    else {
      const rows = [['started (UTC)', 'domain', 'cycle', 'type', 'state', 'workflow'], ...runs.map(row)];
      const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((cells) => (cells[column] ?? '').length)));
      for (const cells of rows)
        printText(
          cells
            .map((cell, column) => cell.padEnd(widths[column] ?? 0))
            .join('  ')
            .trimEnd(),
        );
    }
    return EXIT_CODES.done;
  },
};
