// SPDX-License-Identifier: Apache-2.0
/**
 * Discrete colour scales: class limits that people can name, one colour a class.
 *
 * @module
 */
import { entry } from '../../common/entry.js';
import { classColours, type RampName, type Rgb } from './colour-ramps.js';

/** Classes `[breaks[k], breaks[k + 1])`; values beyond the ends belong to the outermost class. */
export interface ColourScale {
  readonly breaks: readonly number[];
  /** One fewer than breaks. */
  readonly colours: readonly Rgb[];
  /** Labels of the breaks, "" for none. */
  readonly labels: readonly string[];
  /** Unit for people, e.g. "µg/m³". */
  readonly unit: string;
}

/** Steps that read well, times powers of ten. */
const NICE_STEPS = [1, 2, 2.5, 5, 10];

/** Fewer classes hide structure, more cannot be told apart on a map. */
const LARGEST_CLASS_COUNT = 11;

/**
 * Scale with round class limits that span [minimum, maximum].
 *
 * The step is the smallest round number that needs at most 11 classes. Lower limits below zero are cut: concentrations and
 * standard deviations are not negative. An empty range becomes one round class around the value.
 *
 * @param minimum - Smallest value to show.
 * @param maximum - Largest value to show.
 */
export function roundScale(ramp: RampName, minimum: number, maximum: number, unit: string): ColourScale {
  const low = Math.max(0, Number.isFinite(minimum) ? minimum : 0);
  const high = Math.max(low, Number.isFinite(maximum) ? maximum : 1);
  const span = high - low > 1e-9 * Math.max(1, high) ? high - low : Math.max(1e-3, 0.2 * high);
  const step = niceStep(span, low);
  const first = Math.floor(low / step + 1e-9);
  const last = Math.max(first + 1, Math.ceil(high / step - 1e-9));
  const breaks = Array.from({ length: last - first + 1 }, (_, k) => Number(((first + k) * step).toPrecision(12)));
  const decimals = decimalsOf(step);
  return {
    breaks,
    colours: classColours(ramp, breaks.length - 1),
    labels: breaks.map((value) => value.toFixed(decimals)),
    unit,
  };
}

/** Scale of exceedance probabilities: finer at both ends, where decisions are made; a limit at even odds. */
export function probabilityScale(): ColourScale {
  const breaks = [0, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 1];
  return {
    breaks,
    colours: classColours('probability', breaks.length - 1),
    labels: breaks.map((value) => String(Math.round(100 * value))),
    unit: '%',
  };
}

/** Class of a value; -1 for NaN. */
export function classOf(scale: ColourScale, value: number): number {
  if (Number.isNaN(value)) return -1;
  const { breaks, colours } = scale;
  const last = colours.length - 1;
  // once a pixel: a break that is not there is NaN, below which nothing is
  for (let k = 1; k <= last; k += 1) if (value < (breaks[k] ?? NaN)) return k - 1;
  return last;
}

/** Position of a value along the colour bar in [0, 1]; classes have equal widths. */
export function barPosition(scale: ColourScale, value: number): number {
  const index = Math.max(0, classOf(scale, value));
  const from = entry(scale.breaks, index);
  const to = entry(scale.breaks, index + 1);
  const within = Math.min(1, Math.max(0, (value - from) / (to - from)));
  return (index + within) / scale.colours.length;
}

function niceStep(span: number, low: number): number {
  const power = 10 ** Math.floor(Math.log10(span / LARGEST_CLASS_COUNT));
  for (const factor of NICE_STEPS) {
    const step = factor * power;
    const classes = Math.ceil((low + span) / step - 1e-9) - Math.floor(low / step + 1e-9);
    if (classes <= LARGEST_CLASS_COUNT) return step;
  }
  return 20 * power;
}

function decimalsOf(step: number): number {
  for (let decimals = 0; decimals < 6; decimals += 1) {
    if (Math.abs(step * 10 ** decimals - Math.round(step * 10 ** decimals)) < 1e-9) return decimals;
  }
  return 6;
}
