// SPDX-License-Identifier: Apache-2.0
import { stageOf, STAGE_NAMES, type StageDeclaration } from './index.js';

const KIND_WORDS: Readonly<Record<StageDeclaration['kind'], string>> = {
  quick: 'any worker',
  engine: 'engine queue',
  publication: 'any worker, up to hours',
};

function artifactsOf({ outputs, sometimes = {} }: StageDeclaration): string {
  const always = Object.entries(outputs).map(([name, schema]) => `\`${name}\` (${schema})`);
  const rest = Object.entries(sometimes).map(([name, schema]) => `sometimes \`${name}\` (${schema})`);
  return always.length + rest.length === 0 ? 'the products' : [...always, ...rest].join(', ');
}

/** The table of the manual's page on the stages, line by line. */
export function stagesTable(): string[] {
  const rows = STAGE_NAMES.map((name) => {
    const stage = stageOf(name);
    const where = `${KIND_WORDS[stage.kind]}${stage.isTiled === true ? ', once a tile' : ''}`;
    const after = stage.after.map((other) => `\`${other}\``).join(', ');
    return `| \`${name}\` | ${stage.does} | ${after} | ${artifactsOf(stage)} | ${where} |`;
  });
  return ['| stage | what it does | builds on | makes | where |', '| --- | --- | --- | --- | --- |', ...rows];
}
