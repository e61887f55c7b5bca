// SPDX-License-Identifier: Apache-2.0
/** Names of what belongs to a tile among the artifacts of a run. @module */

const PREFIX = 'tiles/';

/** Name of an artifact of one tile. */
export type TileArtifactName = `tiles/${string}`;

/** Name of a tile's artifact, e.g. `tiles/r01c02/daily`. */
export function tileArtifact(tile: string, name: string): TileArtifactName {
  return `${PREFIX}${tile}/${name}`;
}

/** Of artifacts by name those of the domain as a whole. */
export function artifactsOfDomain<Ref>(artifacts: Readonly<Record<string, Ref>>): Record<string, Ref> {
  return Object.fromEntries(Object.entries(artifacts).filter(([name]) => !name.startsWith(PREFIX)));
}

/** Of artifacts by name those of one tile, by their names in it. */
export function artifactsOfTile<Ref>(artifacts: Readonly<Record<string, Ref>>, tile: string): Record<string, Ref> {
  const own = tileArtifact(tile, '');
  return Object.fromEntries(
    Object.entries(artifacts).flatMap(([name, ref]) => (name.startsWith(own) ? [[name.slice(own.length), ref]] : [])),
  );
}
