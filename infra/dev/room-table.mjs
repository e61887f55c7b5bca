// SPDX-License-Identifier: Apache-2.0
/**
 * Who may import whom, as decided in docs/decisions/0001-the-spine.md. eslint.config.js turns the table into rules.
 *
 * `imports`: rooms whose values and types may be used. `types`: rooms of which only types may be used (they vanish when compiled).
 * `doors`: rooms that may be entered by their index.ts only.
 */
export const ROOM_TABLE = {
  common: { imports: [] },
  // The stages of a forecast as data.
  pipeline: { imports: [] },
  config: { imports: ['common'] },
  artifacts: { imports: ['common'] },
  ingest: { imports: ['common', 'artifacts'] },
  mesh: { imports: ['common', 'artifacts'] },
  'inference-core': { imports: ['common', 'artifacts'] },
  modelling: { imports: ['common', 'config', 'artifacts', 'mesh'], types: ['inference-core'], doors: ['mesh'] },
  products: { imports: ['common', 'artifacts'] },
  activities: {
    imports: ['common', 'pipeline', 'config', 'artifacts', 'ingest', 'mesh', 'inference-core', 'modelling', 'products'],
  },
  workflows: { imports: ['common', 'pipeline'], types: ['activities'] },
  client: { imports: 'all' },
  cli: { imports: 'all' },
  // Measures; nobody imports it.
  bench: { imports: 'all' },
};

export const ROOMS = Object.keys(ROOM_TABLE);

/** Rooms within a room, from the ground up: each may use those that it names, and the door of all is the index.ts beside them. */
export const INNER_ROOMS = {
  'inference-core/host-ts': {
    contract: [],
    codec: ['contract'],
    addon: ['contract'],
    job: ['contract', 'codec'],
    process: ['contract', 'codec', 'addon', 'job'],
    golden: ['contract', 'codec', 'addon'],
  },
};

/** Files of `common` that touch nothing outside the language, and may therefore run inside the workflow sandbox. */
export const SANDBOX_SAFE_COMMON = ['errors', 'pollutants', 'search-attributes', 'text', 'tile-names'];

/** Rooms that `room` may not enter at all, types included. */
export function forbiddenRooms(room) {
  const { imports, types = [] } = ROOM_TABLE[room];
  return imports === 'all'
    ? []
    : ROOMS.filter((other) => other !== room && !imports.includes(other) && !types.includes(other));
}
