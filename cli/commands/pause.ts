// SPDX-License-Identifier: Apache-2.0
import { JSON_OPTION, type Command } from '../command.js';
import { CONNECTION_OPTIONS, withClient } from '../connection.js';
import { EXIT_CODES } from '../exit-codes.js';
import { printJson, printText } from '../terminal/output.js';

export const pauseCommand: Command = {
  spec: {
    name: 'pause',
    summary: 'Hold the stages of a run that are under way; a fit writes its checkpoint first.',
    positionals: [{ name: 'WORKFLOW' }],
    options: [
      { name: 'note', value: 'TEXT', description: 'Why; shown in the Web UI.' },
      ...CONNECTION_OPTIONS,
      JSON_OPTION,
    ],
  },
  async run(args) {
    await withClient(args, async (client) => {
      const run = await client.latest(args.positionals[0] ?? '');
      const numStages = await client.pause(run, args.value('note'));
      if (args.flag('json')) printJson({ ...run, paused: true, numStages });
      else printText(numStages === 0 ? 'No stage is under way.' : `Held: ${run.workflowId}.`);
    });
    return EXIT_CODES.done;
  },
};

export const resumeCommand: Command = {
  spec: {
    name: 'resume',
    summary: 'Let a run that was paused go on.',
    positionals: [{ name: 'WORKFLOW' }],
    options: [...CONNECTION_OPTIONS, JSON_OPTION],
  },
  async run(args) {
    await withClient(args, async (client) => {
      const run = await client.latest(args.positionals[0] ?? '');
      const numStages = await client.resume(run);
      if (args.flag('json')) printJson({ ...run, paused: false, numStages });
      else printText(numStages === 0 ? 'No stage was held.' : `Goes on: ${run.workflowId}.`);
    });
    return EXIT_CODES.done;
  },
};
