// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path';

import { JSON_OPTION, STATE_OPTION, type Command } from '../command.js';
import { EXIT_CODES } from '../exit-codes.js';
import { Interruption } from '../interruption.js';
import { startLocalRuntime } from '../runtime/local-runtime.js';
import { locateStateFolder } from '../runtime/state-folder.js';
import { printJson, printNote, printText } from '../terminal/output.js';
import { DEFAULT_RUNS_FOLDER } from './run.js';

export const devCommand: Command = {
  spec: {
    name: 'dev',
    summary: 'Keep a Temporal server with Web UI and a worker up, until Ctrl-C.',
    options: [
      { name: 'out', value: 'DIR', description: `Folder of the products. Default: ${DEFAULT_RUNS_FOLDER}.` },
      STATE_OPTION,
      JSON_OPTION,
    ],
  },
  async run(args) {
    const interruption = new Interruption();
    try {
      const runtime = await startLocalRuntime({
        state: locateStateFolder(args.value('state')),
        runsFolder: resolve(args.value('out') ?? DEFAULT_RUNS_FOLDER),
        onNote: printNote,
      });
      try {
        const { server, client, worker } = runtime;
        if (args.flag('json')) {
          const { address, uiUrl = null } = server;
          printJson({ state: 'serving', address, uiUrl, taskQueue: client.taskQueue, logFile: worker.logFile });
        } else {
          printText(`Web UI: ${server.uiUrl ?? 'that of the given server'}`);
          printText(`Start a forecast there: workflow type "forecast", task queue "${client.taskQueue}", input`);
          printText('  {"schemaVersion": 1, "configUri": "/path/to/config.yaml"}');
        }
        printNote(`The worker logs to ${worker.logFile}. Ctrl-C ends both.`);
        await interruption.asked();
        printNote('Stopping ...');
      } finally {
        await (interruption.isInsisted ? runtime.kill() : runtime.stop());
      }
    } finally {
      interruption.dispose();
    }
    return EXIT_CODES.done;
  },
};
