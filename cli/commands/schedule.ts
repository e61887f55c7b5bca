// SPDX-License-Identifier: Apache-2.0
import type { AppliedSchedule, ScheduleStatus, TramontanaClient } from '../../client/index.js';
import { TramontanaError } from '../../common/errors.js';
import { suggestion } from '../../common/suggestion.js';
import type { ParsedArguments } from '../arguments.js';
import { JSON_OPTION, type Command } from '../command.js';
import { CONNECTION_OPTIONS, withClient } from '../connection.js';
import { EXIT_CODES } from '../exit-codes.js';
import { grantedConfig } from '../granted-config.js';
import { locateStateFolder } from '../runtime/state-folder.js';
import { printJson, printText } from '../terminal/output.js';
import { startBackfill, BACKFILL_OPTIONS } from './backfill.js';

/** One of `tramontana schedule ACTION ...`. */
interface Action {
  readonly name: string;
  /** What follows the name. */
  readonly takes: readonly string[];
  readonly does: string;
  readonly run: (client: TramontanaClient, given: readonly string[], args: ParsedArguments) => Promise<void>;
}

/** Prints what an action did, for people or programs. */
function tell(args: ParsedArguments, facts: object, words: string): void {
  if (args.flag('json')) printJson(facts);
  else printText(words);
}

const ACTIONS: readonly Action[] = [
  {
    name: 'apply',
    takes: ['CONFIG'],
    does: 'Create the schedule of a domain, or bring it in line with its file; says what changed.',
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
    does: 'Every schedule of the server.',
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
    does: 'One schedule with its settings, next and latest runs.',
    run: async (client, [name = ''], args) => {
      const status = await client.schedules.show(name);
      tell(args, status, statusWords(status));
    },
  },
  {
    name: 'pause',
    takes: ['NAME'],
    does: 'Start nothing until it is resumed (--note TEXT says why).',
    run: async (client, [name = ''], args) => {
      await client.schedules.pause(name, args.value('note'));
      tell(args, { name, paused: true }, `${name} is paused.`);
    },
  },
  {
    name: 'resume',
    takes: ['NAME'],
    does: 'Start runs again.',
    run: async (client, [name = ''], args) => {
      await client.schedules.resume(name, args.value('note'));
      tell(args, { name, paused: false }, `${name} runs again.`);
    },
  },
  {
    name: 'trigger',
    takes: ['NAME'],
    does: 'Start the run of today now.',
    run: async (client, [name = ''], args) => {
      await client.schedules.trigger(name);
      tell(args, { name, triggered: true }, `${name} was started; \`tramontana status\` shows it.`);
    },
  },
  {
    name: 'backfill',
    takes: ['NAME', 'FROM', 'TO'],
    does: 'Forecast the past cycles from one day to another.',
    run: async (client, [name = '', from = '', to = ''], args) => {
      await startBackfill(client, { ...(await client.schedules.inputOf(name)), from, to }, args);
    },
  },
  {
    name: 'delete',
    takes: ['NAME'],
    does: 'Remove a schedule; runs under way go on.',
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

export const scheduleCommand: Command = {
  spec: {
    name: 'schedule',
    summary: [
      'Forecasts that run by themselves.',
      '',
      ...ACTIONS.map(({ name, takes, does }) => `  ${[name, ...takes].join(' ').padEnd(22)}  ${does}`),
    ].join('\n'),
    headline: 'Forecasts that run by themselves: apply, list, show, pause, resume, trigger, backfill, delete.',
    positionals: 'ACTION ...',
    minimumPositionals: 1,
    maximumPositionals: 4,
    options: [
      { name: 'out', value: 'DIR', description: 'apply: folder of the products. Default: that of the worker.' },
      { name: 'note', value: 'TEXT', description: 'pause, resume: why; shown in the Web UI.' },
      ...BACKFILL_OPTIONS,
      ...CONNECTION_OPTIONS,
      JSON_OPTION,
    ],
  },
  async run(args) {
    const [verb = '', ...given] = args.positionals;
    const action = ACTIONS.find(({ name }) => name === verb);
    const names = ACTIONS.map(({ name }) => name);
    if (action === undefined || given.length !== action.takes.length) {
      const message =
        action === undefined
          ? `tramontana schedule: expected one of ${names.join(', ')}, got "${verb}".${suggestion(verb, names)}`
          : `tramontana schedule ${verb}: expected ${action.takes.join(' ') || 'no argument'}, got ${given.map((text) => `"${text}"`).join(' ') || 'none'}`;
      throw new TramontanaError('Cli.Usage', message, { facts: { positionals: args.positionals } });
    }
    await withClient(args, (client) => action.run(client, given, args));
    return EXIT_CODES.done;
  },
};
