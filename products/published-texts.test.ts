// SPDX-License-Identifier: Apache-2.0
/** A whole published run, searched for what is nobody's business and for what would command a terminal. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { inflateSync } from 'node:zlib';

import h5wasm, { type Dataset } from 'h5wasm/node';

import { hasControlCharacters } from '../common/text.js';
import { publish } from './publish.js';
import { renewSummary } from './renew-summary.js';
import { PO_VALLEY } from './testing/synthetic-fields.js';
import { syntheticInputs } from './testing/synthetic-run.js';

const inputs = syntheticInputs({
  ...PO_VALLEY,
  pollutants: ['pm2_5'],
  analysisDays: 2,
  forecastDays: 1,
  resolutionDegrees: 0.2,
});

/** As file names, variables and attributes of a hostile input may hold it. */
const HOSTILE = 'ESC\u001b[2J BEL\u0007 CSI\u009b1A RLO\u202e <script>alert(1)</script>';

/** An absolute path where a text begins one; markup and addresses are none. */
const ABSOLUTE_PATH = /(?:^|[\s"'(=,>])(?:file:\/\/)?(\/(?:[\w.-]+\/)+[\w.-]+)/u;

let scratch: string;
let folder: string;
before(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'tramontana-texts-'));
  const dataFolder = join(scratch, 'input data (new)');
  const said = [`${join(dataFolder, 'a.nc')}: 2 hours are missing`, `${HOSTILE} in "/srv/cams/b.nc"`];
  const runsFolder = join(scratch, 'runs');
  const { provenance } = inputs;
  const told = {
    ...inputs,
    stages: inputs.stages.map((stage) => ({
      ...stage,
      reason: `input "source0" of ${dataFolder}/c.nc changed ${HOSTILE}`,
    })),
    quality: { ...inputs.quality, decision: 'degrade' as const, reasons: said },
    provenance: {
      ...provenance,
      inputs: provenance.inputs.map((record) => ({ ...record, name: `${HOSTILE}.nc` })),
      configuration: {
        source: { path: dataFolder },
        elevation: '/usr/share/dem/x.tif',
        home: join(homedir(), 'x', 'y'),
      },
    },
  };
  const previousMask = process.umask(0);
  try {
    ({ folder } = await publish({ ...told, runsFolder, privateFolders: [dataFolder] }));
    const { domain, cycle } = inputs.run;
    await renewSummary({ runsFolder, domain, cycle }, told.stages);
  } finally {
    process.umask(previousMask);
  }
});
after(() => rm(scratch, { recursive: true, force: true }));

/** Every file of the run, with its text: of NetCDF the names and attributes, of PNG its text chunks, of HTML the visible words. */
async function textsOf(path: string): Promise<string[]> {
  const bytes = await readFile(path);
  if (path.endsWith('.png')) return textChunks(bytes);
  if (path.endsWith('.nc')) return attributesOf(path);
  const text = bytes.toString('utf8');
  if (!path.endsWith('.html')) return [text, ...stringsIn(JSON.parse(text))];
  const pictures = [...text.matchAll(/data:image\/png;base64,([A-Za-z0-9+/=]+)/gu)];
  const words = text
    .replace(/data:image\/png;base64,[A-Za-z0-9+/=]+/gu, '')
    .replace(/<svg[^]*?<\/svg>/gu, '')
    .replace(/<[^>]*>/gu, '\n');
  return [words, ...pictures.flatMap(([, base64]) => textChunks(Buffer.from(base64 ?? '', 'base64')))];
}

function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return value === null || typeof value !== 'object' ? [] : Object.values(value).flatMap(stringsIn);
}

function textChunks(png: Buffer): string[] {
  const texts: string[] = [];
  for (let offset = 8; offset < png.length;) {
    const length = png.readUInt32BE(offset);
    const kind = png.toString('latin1', offset + 4, offset + 8);
    const data = png.subarray(offset + 8, offset + 8 + length);
    if (kind === 'tEXt' || kind === 'iTXt') texts.push(data.toString('utf8'));
    if (kind === 'zTXt') texts.push(inflateSync(data.subarray(data.indexOf(0) + 2)).toString('utf8'));
    offset += length + 12;
  }
  return texts;
}

async function attributesOf(path: string): Promise<string[]> {
  await h5wasm.ready;
  const file = new h5wasm.File(path, 'r');
  try {
    const objects = [file, ...file.keys().map((name) => file.get(name) as Dataset)];
    const values = objects.flatMap((object) => Object.values(object.attrs).map(({ value }) => value));
    return [...file.keys(), ...values.filter((value) => typeof value === 'string')];
  } finally {
    file.close();
  }
}

async function entries(): Promise<{ path: string; isFolder: boolean; mode: number }[]> {
  const names = await readdir(folder, { recursive: true });
  return Promise.all(
    ['', ...names].map(async (name) => {
      const path = join(folder, name);
      const entry = await stat(path);
      return { path, isFolder: entry.isDirectory(), mode: entry.mode & 0o777 };
    }),
  );
}

describe('a published run', () => {
  it('holds no absolute path of the machine, in any of its texts', async () => {
    let searched = 0;
    for (const { path, isFolder } of await entries()) {
      if (isFolder) continue;
      const raw = (await readFile(path)).toString('latin1');
      for (const secret of [scratch, tmpdir() + '/', homedir() + '/', process.cwd()]) {
        assert.ok(!raw.includes(secret), `${path} holds ${secret}`);
      }
      for (const text of await textsOf(path)) {
        searched += 1;
        assert.equal(ABSOLUTE_PATH.exec(text)?.[1], undefined, path);
      }
    }
    assert.ok(searched > 100, `${searched} texts were searched`);
  });

  it('holds no character that commands a terminal or turns a line, and no markup of a file', async () => {
    for (const { path, isFolder } of await entries()) {
      if (isFolder) continue;
      for (const text of await textsOf(path)) assert.ok(!hasControlCharacters(text, '\n\t'), path);
      if (path.endsWith('.html')) assert.ok(!(await readFile(path, 'utf8')).includes('<script>alert'));
    }
  });

  it('still says what was said, the path aside', async () => {
    const summary = await readFile(join(folder, 'summary.json'), 'utf8');
    assert.match(summary, /"a\.nc: 2 hours are missing"/u);
    assert.match(summary, /ESC\\\\u\{1b\}\[2J/u);
  });

  it('is readable by owner and group only, whatever the umask', async () => {
    for (const { path, isFolder, mode } of await entries()) {
      assert.equal(mode.toString(8), isFolder ? '750' : '640', path);
    }
  });
});
