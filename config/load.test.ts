// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { isTramontanaError } from '../common/errors.js';
import {
  domainConfigJsonSchema,
  loadDomainConfig,
  overlayConfig,
  parseConcentration,
  parseDomainConfig,
  thresholdsOf,
} from './index.js';

const SMALLEST = {
  name: 'po-valley',
  boundingBox: { north: 46, west: 8, south: 45, east: 9 },
  pollutants: ['pm2_5'],
  source: { path: 'cams' },
};

function messageFor(value: unknown): string {
  try {
    parseDomainConfig(value, 'domain.yaml');
  } catch (error) {
    assert.ok(isTramontanaError(error, 'Config.Invalid'));
    return error.message;
  }
  return assert.fail('the configuration was accepted');
}

describe('domain configuration', () => {
  it('four keys are enough, and every default is filled in', () => {
    const config = parseDomainConfig(SMALLEST, 'domain.yaml');
    assert.equal(config.products.resolutionDegrees, 0.02);
    assert.equal(config.engine.gradientTolerance, 1e-3);
    assert.deepEqual(
      thresholdsOf(config).map((threshold) => threshold.value_ug_m3),
      [15],
    );
  });

  it('an unknown key is refused by name and path', () => {
    assert.match(messageFor({ ...SMALLEST, resolution: 1 }), /domain\.yaml.*unknown key "resolution"/s);
    assert.match(messageFor({ ...SMALLEST, mesh: { edge: 3 } }), /mesh: unknown key "edge"/);
  });

  it('an empty bounding box is refused with its edges', () => {
    const message = messageFor({ ...SMALLEST, boundingBox: { north: 45, west: 8, south: 45, east: 9 } });
    assert.match(message, /boundingBox is empty: north must be greater than south, got north 45 and south 45/);
  });

  it('a threshold without unit is refused, as number and as text', () => {
    for (const bare of [15, '15', '15 ppb']) {
      for (const thresholds of [{ pm2_5: [bare] }, { pm2_5: bare }]) {
        assert.match(
          messageFor({ ...SMALLEST, products: { thresholds } }),
          /products\.thresholds\.pm2_5\[0\].*unit.*got/,
        );
      }
    }
  });

  it('a threshold of a pollutant that is not forecast is refused', () => {
    const message = messageFor({ ...SMALLEST, products: { thresholds: { o3: '100 ug/m3' } } });
    assert.match(message, /products\.thresholds\.o3 must name one of the configured pollutants \(pm2_5\), got "o3"/);
  });

  it('consecutive days name a configured pollutant, a concentration and days, each once', () => {
    const run = { pollutant: 'pm2_5', thresholdUgM3: 15, days: 3 };
    const wanted = (consecutiveDays: unknown[]) => ({ ...SMALLEST, products: { consecutiveDays } });
    const { products } = parseDomainConfig(wanted([run, { ...run, days: 2 }]), 'domain.yaml');
    assert.equal(products.consecutiveDays.length, 2);
    assert.equal(products.samples, 200);
    assert.match(messageFor(wanted([{ ...run, pollutant: 'o3' }])), /consecutiveDays\[0\]\.pollutant must name .*"o3"/);
    assert.match(
      messageFor(wanted([run, run])),
      /consecutiveDays\[1\] must not repeat an entry, got pm2_5, 15 ug m-3, 3/,
    );
    assert.match(messageFor(wanted([{ ...run, days: 0 }])), /consecutiveDays\[0\]\.days: /);
    assert.match(messageFor({ ...SMALLEST, products: { samples: 5 } }), /products\.samples: /);
  });

  it('a missing key says that it is missing', () => {
    assert.match(messageFor({ ...SMALLEST, source: undefined }), /source: .*it is missing/);
  });

  it('a concentration reads the same in every spelling of its unit', () => {
    for (const text of ['15 ug/m3', '15ug m-3', '15 \u00b5g/m\u00b3', '15 ug m**-3', '0.015 mg/m3', '15000 ng m^-3']) {
      // one rounding in the unit factor
      assert.ok(Math.abs((parseConcentration(text) ?? NaN) - 15) < 1e-12, text);
    }
  });

  it('relative paths start at the configuration file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tramontana-config-'));
    try {
      const path = join(folder, 'domain.yaml');
      await writeFile(
        path,
        'name: x\nboundingBox: {north: 46, west: 8, south: 45, east: 9}\npollutants: [o3]\nsource: {path: cams}\n',
      );
      assert.equal((await loadDomainConfig(path)).source.path, join(folder, 'cams'));
      await writeFile(path, 'name: [unclosed\n');
      await assert.rejects(loadDomainConfig(path), (error) => isTramontanaError(error, 'Config.Syntax'));
    } finally {
      await rm(folder, { recursive: true });
    }
    await assert.rejects(loadDomainConfig(join(folder, 'absent.yaml')), (error) =>
      isTramontanaError(error, 'Config.Unreadable'),
    );
  });

  it('takes an area as the ADS writes it', () => {
    const { boundingBox } = parseDomainConfig({ ...SMALLEST, boundingBox: [46, 8, 45, 9] }, 'domain.yaml');
    assert.deepEqual(boundingBox, SMALLEST.boundingBox);
    assert.match(
      messageFor({ ...SMALLEST, boundingBox: [45, 8, 46, 9] }),
      /boundingBox is empty: north must be greater/,
    );
  });

  it('a box as text or with numbers in quotes is told in one sentence, with the line to write', () => {
    const line =
      /boundingBox: expected four edges.*write `boundingBox: \{ north: 45\.8, west: 9, south: 44\.9, east: 9\.9 \}`$/;
    const quoted = { north: '45.8', west: 9, south: '44.9', east: '9.9' };
    for (const boundingBox of ['45.8/9.0/44.9/9.9', '[45.8, 9, 44.9, 9.9]', quoted, Object.values(quoted)]) {
      assert.match(messageFor({ ...SMALLEST, boundingBox }), line);
    }
    assert.match(
      messageFor({ ...SMALLEST, boundingBox: 'Milan' }),
      /got the text "Milan"; for example `boundingBox: \{/,
    );
  });

  it('says that a decimal comma should be a point', () => {
    assert.match(
      messageFor({ ...SMALLEST, boundingBox: { ...SMALLEST.boundingBox, north: '45,8' } }),
      /boundingBox\.north: expected a number with a decimal point, such as 45\.8, got "45,8"/,
    );
  });

  it('publishes a JSON Schema whose required keys are the four', () => {
    const schema = domainConfigJsonSchema() as { required: string[] };
    assert.deepEqual([...schema.required].sort(), ['boundingBox', 'name', 'pollutants', 'source']);
  });
});

describe('a configuration that never ends', () => {
  it('is refused before it is read: devices, pipes, folders', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tramontana-endless-'));
    try {
      const pipe = join(folder, 'pipe.yaml');
      execFileSync('mkfifo', [pipe]);
      const device = join(folder, 'zero.yaml');
      await symlink('/dev/zero', device);
      for (const path of [pipe, device, '/dev/zero', '/dev/urandom', folder]) {
        await assert.rejects(loadDomainConfig(path), (error) => isTramontanaError(error, 'Config.Unreadable'), path);
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('a configuration whose parsing would hold the event loop', () => {
  for (const [what, text] of [
    ['nested brackets', `name: ${'['.repeat(100_000)}`],
    ['closing brackets', ']'.repeat(100_000)],
    ['quotes', '"'.repeat(100_000)],
    ['anchors', '&a '.repeat(33_000)],
    ['keys', Array.from({ length: 15_000 }, (_, index) => `a${index}: 1`).join('\n')],
  ] as const) {
    it(`is refused before: ${what}`, async () => {
      const folder = await mkdtemp(join(tmpdir(), 'tramontana-excess-'));
      try {
        const path = join(folder, 'x.yaml');
        await writeFile(path, text);
        const startMs = performance.now();
        await assert.rejects(
          loadDomainConfig(path),
          (error) => isTramontanaError(error, 'Config.Syntax') && /got: more than/.test(error.message),
        );
        // seconds without the bound (5 to 30 s), hundredths with it
        assert.ok(performance.now() - startMs < 1500);
      } finally {
        await rm(folder, { recursive: true });
      }
    });
  }
});

describe('overlay', () => {
  it('replaces values key by key, lists as a whole, and leaves the rest', () => {
    const base = { a: { b: 1, c: [1, 2] }, d: 'x' };
    assert.deepEqual(overlayConfig(base, { a: { c: [3] }, e: true }), { a: { b: 1, c: [3] }, d: 'x', e: true });
    assert.equal(overlayConfig(null, {}), null, 'nothing laid over changes nothing');
  });
});

describe('what comes from outside is bounded', () => {
  it('numbers that would never end or overflow are refused with their key', () => {
    const products = (threshold: string) => ({ ...SMALLEST, products: { thresholds: { pm2_5: threshold } } });
    for (const [value, key] of [
      [products('9e999 ug/m3'), /thresholds\.pm2_5\[0\].*up to 1e6/],
      [products('1e12 mg/m3'), /thresholds\.pm2_5\[0\].*up to 1e6/],
      [{ ...SMALLEST, engine: { maximumIterations: 3e9 } }, /engine\.maximumIterations.*3000000000/],
      [{ ...SMALLEST, inference: { integrationBudgetSeconds: 1e300 } }, /inference\.integrationBudgetSeconds/],
      [{ ...SMALLEST, engine: { device: 'cuda' } }, /engine: unknown key "device"/],
    ] as const) {
      assert.match(messageFor(value), key);
    }
  });

  it('titles, notices and institutions are single bounded lines', () => {
    for (const text of ['\u001b[2J', 'a\nb', 'x'.repeat(2_400_000), 'a\u202eb']) {
      for (const value of [{ title: text }, { notice: text }, { products: { institution: text } }]) {
        const message = messageFor({ ...SMALLEST, ...value });
        assert.ok(message.length < 500 && !message.includes('\u001b') && !message.includes('\u202e'));
      }
    }
  });
});
