// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toDaily } from '../daily/to-daily.js';
import { hoursTo, sampleField, type SampleField } from '../testing/sample-fields.js';
import { assessQuality, type QualityReport } from './assess-quality.js';
import { qualityGate } from './quality-gate.js';

const GRID = { latitudes: [45.15, 45.05], longitudes: [9.05, 9.15] };

function wave(hour: number, cell: number): number {
  return 20 + cell + 5 * Math.sin(hour / 3);
}

function report(sample: Partial<SampleField>): QualityReport {
  return assessQuality(sampleField({ hours: hoursTo(48), valueAt: wave, ...GRID, ...sample }));
}

function codes(found: QualityReport): readonly string[] {
  return found.issues.map((item) => `${item.severity} ${item.code}`);
}

describe('quality report', () => {
  it('a clean field has figures and no issue, and passes', () => {
    const found = report({});
    assert.deepEqual(found.issues, []);
    const [pm] = found.pollutants;
    assert.equal(pm?.count, 48 * 4);
    assert.deepEqual(pm.missingShareByDay, [
      { date: '2025-07-01', missingShare: 0 },
      { date: '2025-07-02', missingShare: 0 },
    ]);
    assert.deepEqual(found.times, {
      first: '2025-07-01T00:00:00Z',
      last: '2025-07-02T23:00:00Z',
      count: 48,
      stepHours: 1,
      isRegular: true,
    });
    assert.deepEqual(qualityGate(found), { verdict: 'pass', reasons: [] });
    assert.deepEqual(JSON.parse(JSON.stringify(found)), found);
  });

  const cases: readonly (readonly [string, Partial<SampleField>, string, 'pass' | 'degrade' | 'fail'])[] = [
    [
      'few missing values',
      { valueAt: (hour, cell) => (hour === 3 ? NaN : wave(hour, cell)) },
      'info missing-values',
      'pass',
    ],
    [
      'a fifth missing',
      { valueAt: (hour, cell) => (hour % 5 === 3 ? NaN : wave(hour, cell)) },
      'warning missing-values',
      'degrade',
    ],
    ['half missing', { valueAt: (hour, cell) => (hour < 24 ? NaN : wave(hour, cell)) }, 'warning empty-days', 'fail'],
    ['all missing', { valueAt: () => NaN }, 'error all-values-missing', 'fail'],
    [
      'noise of packing below zero',
      { valueAt: (hour, cell) => (hour === 3 ? -1e-4 : wave(hour, cell)) },
      'info negative-values',
      'pass',
    ],
    [
      'a negative value',
      { valueAt: (hour, cell) => (hour === 3 && cell === 0 ? -5 : wave(hour, cell)) },
      'warning negative-values',
      'degrade',
    ],
    ['many negative values', { valueAt: (hour) => 5 - hour }, 'warning negative-values', 'fail'],
    ['kg taken as ug', { valueAt: (hour, cell) => 1e-9 * wave(hour, cell) }, 'error implausibly-low', 'fail'],
    ['ug taken as kg', { valueAt: (hour, cell) => 1e9 * wave(hour, cell) }, 'error implausibly-high', 'fail'],
    ['a constant field', { valueAt: () => 12 }, 'error constant-field', 'fail'],
    [
      'a field that is stuck',
      { valueAt: (hour, cell) => wave(hour < 10 ? 0 : hour, cell) },
      'warning stuck-field',
      'degrade',
    ],
    ['irregular times', { hours: [...hoursTo(24), ...hoursTo(48, 1, 28)] }, 'info irregular-times', 'pass'],
    ['a short day', { hours: hoursTo(27) }, 'info short-days', 'pass'],
    ['repeated times', { hours: [0, 1, 1, 2] }, 'error duplicate-times', 'fail'],
  ];
  for (const [name, sample, code, verdict] of cases) {
    it(`${name}: ${code}, ${verdict}`, () => {
      const found = report(sample);
      assert.ok(codes(found).includes(code), codes(found).join(', '));
      const gate = qualityGate(found);
      assert.equal(gate.verdict, verdict, gate.reasons.join('; '));
      assert.equal(gate.reasons.length > 0, verdict !== 'pass');
    });
  }

  it('days missing within a daily field are named', () => {
    const daily = toDaily(sampleField({ hours: [...hoursTo(24), ...hoursTo(96, 1, 72)], valueAt: wave }));
    const found = assessQuality(daily);
    const gap = found.issues.find((item) => item.code === 'missing-days');
    assert.deepEqual(gap?.facts['dates'], ['2025-07-02', '2025-07-03']);
    assert.equal(qualityGate(found).verdict, 'degrade');
  });

  it('what was noticed while reading is carried over, for the species that are left', () => {
    const field = sampleField({ hours: hoursTo(24), valueAt: wave });
    const noticed = (species: string): (typeof field.issues)[number] => ({
      code: 'x',
      severity: 'warning',
      message: species,
      facts: { species },
    });
    const found = assessQuality({
      ...field,
      issues: [noticed('no2'), noticed('pm2_5'), noticed('pm2_5')],
    } as typeof field);
    assert.deepEqual(
      found.issues.map((item) => item.message),
      ['pm2_5'],
    );
  });

  it('thresholds are the caller\u2019s choice', () => {
    const found = report({ valueAt: (hour, cell) => (hour % 5 === 3 ? NaN : wave(hour, cell)) });
    assert.equal(qualityGate(found, { failMissingShare: 0.1 }).verdict, 'fail');
    assert.match(
      qualityGate(found, { failMissingShare: 0.1 }).reasons[0] ?? '',
      /pm2_5: 18\.8 % of the values are missing; expected less than 10\.0 %/,
    );
  });
});
