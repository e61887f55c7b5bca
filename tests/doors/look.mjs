// SPDX-License-Identifier: Apache-2.0
/** Prints what a process looks like after importing the module that it is given, or none. */
import { existsSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

const [, , module] = process.argv;
if (module !== undefined) await import(pathToFileURL(module).href);
// what was under way when the module was read has settled
await delay(50);

const children = `/proc/self/task/${process.pid}/children`;
process.stdout.write(
  JSON.stringify({
    globals: Object.getOwnPropertyNames(globalThis).sort(),
    environment: { ...process.env },
    listeners: process.eventNames().map((name) => [String(name), process.listenerCount(name)]),
    resources: process.getActiveResourcesInfo().sort(),
    children: existsSync(children) ? readFileSync(children, 'utf8') : '',
    folder: process.cwd(),
    umask: process.umask(),
    prototypes: [Object, Array, Function, Promise, String, Number, Map].map(
      (one) => Object.getOwnPropertyNames(one.prototype).length,
    ),
  }),
);
