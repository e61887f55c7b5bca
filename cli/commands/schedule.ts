// SPDX-License-Identifier: Apache-2.0
import type { AppliedSchedule, ScheduleStatus, TramontanaClient } from '../../client/index.js';
import { JSON_OPTION, type Command, type CommandGroup, type OptionSpec, type ParsedArguments } from '../command.js';
import { CONNECTION_OPTIONS, withClient } from '../connection.js';
import { EXIT_CODES } from '../exit-codes.js';
import { grantedConfig } from '../granted-config.js';
import { locateStateFolder } from '../runtime/state-folder.js';
import { printJson, printText } from '../terminal/output.js';
import { startBackfill, BACKFILL_OPTIONS } from './backfill.js';

/** One of `tramontana schedule ACTION ...`. */
interface Action {
  readonly name: string;
  readonly summary: string;
  /** What follows the name. */
  readonly takes: readonly string[];
  /** Besides those of the connection. */
  readonly options?: readonly OptionSpec[];
  readonly run: (client: TramontanaClient, given: readonly string[], args: ParsedArguments) => Promise<void>;
}

const NOTE_OPTION: OptionSpec = { name: 'note', value: 'TEXT', description: 'Why; shown in the Web UI.' };

/** Prints what an action did, for people or programs. */
function tell(args: ParsedArguments, facts: object, words: string): void {
  if (args.flag('json')) printJson(facts);
  else printText(words);
}

const ACTIONS: readonly Action[] = [
  {
    name: 'apply',
    takes: ['CONFIG'],
    summary: 'Create the schedule of a domain, or bring it in line with its file; says what changed.',
    options: [{ name: 'out', value: 'DIR', description: 'Folder of the products. Default: that of the worker.' }],
    run: async (client, [path = ''], args) => {
      const state = locateStateFolder(args.value('state'));
      const request = await grantedConfig(path, args.value('out'), state);
      const applied = await client.schedules.apply(request);
      tell(args, applied, appliedWords(applied));
    },
  },
  {
    name: 'list',
    takes: [],
    summary: 'Every schedule of the server.',
    run: async (client, _, args) => {
      const schedules = await client.schedules.list();
      const lines = schedules.map(({ name, settings, paused, nextRuns: [next] }) =>
        [name, `${settings['at']} ${settings['timezone']}`, paused ? 'paused' : `next ${next ?? 'never'}`].join('  '),
      );
      tell(args, { schedules }, lines.length === 0 ? 'There is no schedule.' : lines.join('\n'));
    },
  },
  {
    name: 'show',
    takes: ['NAME'],
    summary: 'One schedule with its settings, next and latest runs.',
    run: async (client, [name = ''], args) => {
      const status = await client.schedules.show(name);
      tell(args, status, statusWords(status));
    },
  },
  {
    name: 'pause',
    takes: ['NAME'],
    summary: 'Start nothing until it is resumed ',
    options: [NOTE_OPTION],
    run: async (client, [name = ''], args) => {
      await client.schedules.pause(name, args.value('note'));
      tell(args, { name, paused: true }, `${name} is paused.`);
    },
  },
  {
    name: 'resume',
    takes: ['NAME'],
    summary: 'Start runs again.',
    options: [NOTE_OPTION],
    run: async (client, [name = ''], args) => {
      await client.schedules.resume(name, args.value('note'));
      tell(args, { name, paused: false }, `${name} runs again.`);
    },
  },
  {
    name: 'trigger',
    takes: ['NAME'],
    summary: 'Start the run of today now.',
    run: async (client, [name = ''], args) => {
      await client.schedules.trigger(name);
      tell(args, { name, triggered: true }, `${name} was started; \`tramontana status\` shows it.`);
    },
  },
  {
    name: 'backfill',
    takes: ['NAME', 'FROM', 'TO'],
    summary: 'Forecast the past cycles from one day to another.',
    options: BACKFILL_OPTIONS,
    run: async (client, [name = '', from = '', to = ''], args) => {
      await startBackfill(client, { ...(await client.schedules.inputOf(name)), from, to }, args);
    },
  },
  {
    name: 'delete',
    takes: ['NAME'],
    summary: 'Remove a schedule; runs under way go on.',
    run: async (client, [name = ''], args) => {
      await client.schedules.delete(name);
      tell(args, { name, deleted: true }, `${name} was deleted.`);
    },
  },
];

function appliedWords({ name, action, changes, nextRuns: [next] }: AppliedSchedule): string {
  return [
    `${name}: ${action}${next === undefined ? '' : `, next run ${next}`}`,
    ...changes.map(({ setting, from, to }) => `  ${setting}: ${from} -> ${to}`),
  ].join('\n');
}

function statusWords({ name, paused, note, settings, nextRuns, recentRuns, running }: ScheduleStatus): string {
  return [
    `${name}${paused ? ` (paused${note === undefined ? '' : `: ${note}`})` : ''}`,
    ...Object.entries(settings).map(([setting, value]) => `  ${setting}: ${value}`),
    `  next: ${nextRuns.join(', ') || 'never'}`,
    ...recentRuns.map(({ scheduled, workflowId }) => `  ${scheduled}: ${workflowId}`),
    ...running.map(({ workflowId }) => `  running: ${workflowId}`),
  ].join('\n');
}

/** An action as a command: on a server, with one document for programs. */
function commandOf({ name, summary, takes, options = [], run }: Action): Command {
  return {
    spec: {
      ...{ name, summary },
      positionals: takes.map((taken) => ({ name: taken })),
      options: [...options, ...CONNECTION_OPTIONS, JSON_OPTION],
    },
    async run(args) {
      await withClient(args, (client) => run(client, args.positionals, args));
      return EXIT_CODES.done;
    },
  };
}

export const scheduleCommands: CommandGroup = {
  spec: { name: 'schedule', summary: 'Forecasts that run by themselves.' },
  commands: ACTIONS.map(commandOf),
};
