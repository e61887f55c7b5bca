// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createCanvas, loadImage } from '@napi-rs/canvas';

import { KM_PER_DEGREE } from '../../artifacts/schemas/grid.js';
import { float64At } from '../../common/entry.js';
import { IRELAND, PO_VALLEY, TINY } from '../testing/synthetic-fields.js';
import { syntheticInputs } from '../testing/synthetic-run.js';
import { bordersWithin, clipLines } from './borders.js';
import { classColours, perceivedLightness, rampColour, type RampName, type Rgb } from './colour-ramps.js';
import { barPosition, classOf, probabilityScale, roundScale } from './colour-scale.js';
import { renderComparison } from './comparison-figure.js';
import { contourSegments } from './contours.js';
import { encodeIndexedPng } from './indexed-png.js';
import { renderMap } from './map-figure.js';
import { aspectRatio, boundsOfGrid, degreesLabel, graticule, MapFrame } from './map-frame.js';
import { backdropOf, dayNote, mappedDays, planMaps } from './map-set.js';
import { renderMesh } from './mesh-figure.js';
import { placesWithin } from './places.js';
import { paintField } from './raster.js';
import { DEVICE_SCALE } from './theme.js';

const RAMPS: readonly RampName[] = ['concentration', 'uncertainty', 'probability'];

async function pixelsOf(png: Uint8Array): Promise<{ width: number; height: number; data: Uint8ClampedArray }> {
  const image = await loadImage(Buffer.from(png));
  const canvas = createCanvas(image.width, image.height);
  const context = canvas.getContext('2d');
  context.drawImage(image, 0, 0);
  return { width: image.width, height: image.height, data: context.getImageData(0, 0, image.width, image.height).data };
}

test('lightness falls in equal steps along every ramp, so order survives colour blindness and grey print', () => {
  for (const ramp of RAMPS) {
    const lightness = Array.from({ length: 21 }, (_, k) => perceivedLightness(rampColour(ramp, k / 20)));
    const steps = lightness.slice(1).map((value, k) => (lightness[k] as number) - value);
    const average = steps.reduce((sum, step) => sum + step, 0) / steps.length;
    // Rounding to 8 bits moves a lightness by up to 0.004; gamut clipping by less than that again.
    for (const step of steps) assert.ok(Math.abs(step - average) < 0.012, `${ramp}: step ${step}, average ${average}`);
  }
});

test('neighbouring classes differ visibly even in the finest scale', () => {
  for (const ramp of RAMPS) {
    const colours = classColours(ramp, 11);
    colours.slice(1).forEach((colour, k) => {
      const difference = perceivedLightness(colours[k] as Rgb) - perceivedLightness(colour);
      // Large areas can be told apart from a lightness difference of about 0.02 on.
      assert.ok(difference > 0.04, `${ramp} ${k}: ${difference}`);
    });
  }
});

test('a round scale holds its range in at most eleven classes with round limits', () => {
  for (const [low, high] of [
    [0, 1],
    [3.2, 47.9],
    [18.1, 18.9],
    [0.002, 0.0071],
    [95, 1234],
  ] as const) {
    const { breaks, colours, labels } = roundScale('concentration', low, high, 'µg/m³');
    assert.ok(
      (breaks[0] as number) <= low && (breaks[breaks.length - 1] as number) >= high,
      `${low} to ${high}: ${breaks.join()}`,
    );
    assert.ok(colours.length >= 4 && colours.length <= 11, `${colours.length} classes`);
    assert.equal(new Set(labels).size, breaks.length, labels.join());
    labels.forEach((label, k) => assert.equal(Number(label), breaks[k]));
  }
});

test('constant, negative and absent ranges still give a scale', () => {
  for (const [low, high] of [
    [5, 5],
    [0, 0],
    [-3, 2],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  ] as const) {
    const { breaks } = roundScale('uncertainty', low, high, '');
    assert.ok(breaks.length >= 2 && breaks.every((value, k) => k === 0 || value > (breaks[k - 1] as number)));
    assert.ok((breaks[0] as number) >= 0);
  }
});

test('values fall into half-open classes, outliers into the outermost, missing ones into none', () => {
  const scale = probabilityScale();
  assert.deepEqual(
    [0, 0.05, 0.4999, 0.5, 1, 7, -1, Number.NaN].map((value) => classOf(scale, value)),
    [0, 1, 3, 4, 7, 7, 0, -1],
  );
  assert.equal(barPosition(scale, 0.5), 0.5);
  assert.equal(barPosition(scale, 1), 1);
});

test('kilometres are as long east-west as north-south at the middle latitude', () => {
  const bounds = { north: 61, south: 59, west: 10, east: 14 };
  // cos 60 degrees = 1/2: 4 degrees of longitude are as long as 2 of latitude.
  assert.ok(Math.abs(aspectRatio(bounds) - 1) < 1e-12);
  const frame = new MapFrame(bounds, { x: 10, y: 20, width: 400, height: 400 });
  assert.equal(frame.x(12), 210);
  assert.equal(frame.y(60), 220);
  assert.ok(Math.abs(frame.pixelsPerKm - 400 / (2 * KM_PER_DEGREE)) < 1e-12);
  assert.equal(frame.scaleBarKm(), 50);
});

test('graticule lines are round, inside, and labelled with their hemisphere', () => {
  assert.deepEqual(graticule(8.6, 10.8, 5), [9, 9.5, 10, 10.5]);
  assert.deepEqual(graticule(-11, -5, 6), [-10, -9, -8, -7, -6]);
  assert.deepEqual(graticule(45.3, 45.6, 6), [45.35, 45.4, 45.45, 45.5, 45.55]);
  assert.equal(degreesLabel(-8.5, 'E', 'W'), '8.5° W');
  assert.equal(degreesLabel(0, 'E', 'W'), '0°');
});

test('a contour of a plane is the straight line where the plane has that level', () => {
  const latitudes = Float64Array.of(3, 2, 1, 0);
  const longitudes = Float64Array.of(0, 1, 2, 3);
  const plane = [...latitudes].flatMap((latitude) => [...longitudes].map((longitude) => latitude + 2 * longitude));
  const segments = contourSegments(latitudes, longitudes, plane, 4.5);
  assert.ok(segments.length >= 12);
  for (let k = 0; k < segments.length; k += 2) {
    // Linear interpolation of a plane is exact up to rounding.
    assert.ok(Math.abs((segments[k + 1] as number) + 2 * (segments[k] as number) - 4.5) < 1e-12);
  }
});

test('a saddle gives two segments, a square with a missing corner none', () => {
  const axis = Float64Array.of(1, 0);
  assert.equal(contourSegments(axis, axis, [1, 0, 0, 1], 0.5).length, 8);
  assert.equal(contourSegments(axis, axis, [0, 1, 1, 0], 0.5).length, 8);
  assert.equal(contourSegments(axis, axis, [1, 0, Number.NaN, 1], 0.5).length, 0);
});

test('an indexed PNG gives its exact colours back', async () => {
  const colours = classColours('concentration', 9);
  const rgba = new Uint8ClampedArray(colours.flatMap(([red, green, blue]) => [red, green, blue, 255]));
  const { width, height, data } = await pixelsOf(await encodeIndexedPng(rgba, 3, 3, colours, 5000));
  assert.deepEqual([width, height], [3, 3]);
  assert.deepEqual([...data], [...rgba]);
});

test('more than 256 colours are mapped to near ones', async () => {
  const size = 64;
  const rgba = new Uint8ClampedArray(4 * size * size);
  for (let k = 0; k < size * size; k += 1) rgba.set([4 * (k % size), 4 * Math.floor(k / size), 128, 255], 4 * k);
  const { data } = await pixelsOf(await encodeIndexedPng(rgba, size, size, [], 5000));
  // Each of the 4096 colours is as frequent as the next: the worst case, and still no gross error in the mean.
  const error = data.reduce((sum, value, k) => sum + Math.abs(value - (rgba[k] as number)), 0) / data.length;
  assert.ok(error < 64, `mean error ${error}`);
});

test('cells keep their own colour, smooth fields pass through the value at the centre, missing cells are grey', () => {
  const scale = roundScale('concentration', 0, 10, '');
  const field = {
    latitudes: Float64Array.of(1.5, 0.5),
    longitudes: Float64Array.of(0.5, 1.5),
    values: [0, 9.9, Number.NaN, 5],
  };
  const bounds = { north: 2, south: 0, west: 0, east: 2 };
  for (const mode of ['cells', 'smooth'] as const) {
    const canvas = paintField(field, scale, bounds, 20, 20, mode);
    const colourAt = (x: number, y: number): number[] => [
      ...canvas.getContext('2d').getImageData(x, y, 1, 1).data.slice(0, 3),
    ];
    assert.deepEqual(colourAt(2, 2), [...(scale.colours[0] as Rgb)], mode);
    assert.deepEqual(colourAt(18, 2), [...(scale.colours[scale.colours.length - 1] as Rgb)], mode);
    assert.deepEqual(colourAt(2, 18), [214, 214, 214], mode);
  }
});

test('coast and borders come only from near the domain', async () => {
  const ireland = await bordersWithin({ north: 55, west: -11, south: 51, east: -5 });
  assert.ok(ireland.coastlines.length > 10);
  assert.ok(ireland.borders.length >= 1);
  const poPlain = await bordersWithin({ north: 45.6, west: 9.2, south: 45.2, east: 9.8 });
  assert.deepEqual(poPlain, { coastlines: [], borders: [] });
  const line = [
    [0, 0],
    [1, 1],
    [5, 5],
    [9, 9],
    [9.5, 9.5],
  ];
  assert.deepEqual(clipLines([line], { north: 10, west: 8, south: 8, east: 10 }), [
    Float64Array.of(5, 5, 9, 9, 9.5, 9.5),
  ]);
  assert.equal(placesWithin({ north: 55, west: -11, south: 51, east: -5 })[0]?.rank, 1);
});

test('the last day before the forecast and all forecast days are mapped', () => {
  assert.deepEqual(mappedDays({ origins: ['analysis', 'analysis', 'forecast', 'forecast'] }), [1, 2, 3]);
  assert.deepEqual(mappedDays({ origins: ['forecast', 'forecast'] }), [0, 1]);
  assert.deepEqual(mappedDays({ origins: ['reanalysis', 'reanalysis'] }), [1]);
});

test('a day without data of a pollutant says so', () => {
  const posterior = { origins: ['analysis', 'analysis', 'forecast', 'forecast'] as const };
  const [short, whole] = [{ hasData: [true, false, false, true] }, { hasData: [true, true, true, true] }];
  const notes = (variables: readonly { readonly hasData: readonly boolean[] }[], variable = variables[0]) =>
    posterior.origins.map((_, t) => dayNote({ ...posterior, variables }, t, variable));
  assert.deepEqual(notes([short, whole]), ['Analysis', 'No data', 'Forecast, day 1, no data', 'Forecast, day 2']);
  assert.deepEqual(notes([short, whole], whole), ['Analysis', 'Analysis', 'Forecast, day 1', 'Forecast, day 2']);
});

test('maps have systematic names and share their classes over the days', async () => {
  const plans = await planMaps(
    syntheticInputs({ ...PO_VALLEY, analysisDays: 2, forecastDays: 2, resolutionDegrees: 0.1 }),
  );

  assert.equal(plans.length, 3 * 3 * 3);
  assert.equal(plans[0]?.path, 'maps/pm2_5_mean_2025-01-11.png');
  assert.ok(plans.some(({ path }) => path === 'maps/o3_p_exceed_100_2025-01-13.png'));
  const scales = plans
    .filter(({ pollutant, quantity }) => pollutant === 'pm10' && quantity === 'sd')
    .map(({ figure }) => figure.scale);
  assert.equal(new Set(scales).size, 1);
  assert.equal(plans[0].figure.backdrop.showPlaces, false);
});

test('every figure renders at the device scale, for domains of any shape', async () => {
  const oneCell = { ...TINY, north: 45.5, south: 45.4, west: 9.1, east: 9.2, resolutionDegrees: 0.1, analysisDays: 1 };
  const wide = { ...TINY, north: 45.4, south: 45.3, west: 5, east: 14, resolutionDegrees: 0.1 };
  for (const domain of [oneCell, wide, { ...IRELAND, resolutionDegrees: 0.2 }]) {
    const inputs = syntheticInputs(domain);
    const [plan] = await planMaps(inputs);
    assert.ok(plan);
    const map = await pixelsOf(await renderMap(plan.figure));
    assert.ok(
      map.width >= 420 * DEVICE_SCALE && map.height > 150 * DEVICE_SCALE,
      `${domain.name}: ${map.width} x ${map.height}`,
    );
    const variable = inputs.posterior.variables[0];
    assert.ok(variable);
    const backdrop = await backdropOf(inputs);
    assert.ok((await renderComparison({ ...inputs, variable, timeIndex: 0, backdrop })) !== null);
  }
  const { mesh, posterior, quality } = syntheticInputs(TINY);
  assert.ok(mesh);
  assert.ok((await renderMesh(mesh, quality)).length > 1000);
  const bounds = boundsOfGrid(posterior.latitudesDegrees, posterior.longitudesDegrees, posterior.resolutionDegrees);
  assert.ok(Math.abs(bounds.north - 45.6) < 1e-9 && Math.abs(bounds.east - 9.4) < 1e-9);
});

test('a mesh without segments is refused', async () => {
  await assert.rejects(
    renderMesh({ segmentsDegrees: new Float64Array(), outline: new Float64Array() }, { decision: 'pass', reasons: [] }),
    /segments/,
  );
});

test('every figure of a degraded run bears a warning, and no other', async () => {
  const degraded = syntheticInputs({ ...PO_VALLEY, analysisDays: 1, forecastDays: 1, resolutionDegrees: 0.1 });
  const passed = { ...degraded, quality: { decision: 'pass' as const, reasons: [], issues: [], figures: [] } };

  const warnings = (await planMaps(degraded)).map(({ figure }) => figure.warning);

  assert.ok(warnings.every((warning) => warning?.startsWith('Degraded input: pm10: 0.4 %')));
  assert.ok((await planMaps(passed)).every(({ figure }) => figure.warning === undefined));
  const [heights, usual] = await Promise.all(
    [degraded, passed].map(async ({ mesh, quality }) => {
      assert.ok(mesh);
      return (await pixelsOf(await renderMesh(mesh, quality))).height;
    }),
  );
  assert.ok((heights ?? 0) > (usual ?? 0), 'the warning has a line of its own');
});

test('countries on both sides of the date line draw no line across a map of the north', async () => {
  const { coastlines, borders } = await bordersWithin({ north: 72, west: -25, south: 60, east: 45 });
  for (const line of [...coastlines, ...borders]) {
    for (let k = 2; k < line.length; k += 2) {
      assert.ok(Math.abs(float64At(line, k) - float64At(line, k - 2)) < 5, `a step at ${line[k + 1]} N`);
    }
  }
});
