// SPDX-License-Identifier: Apache-2.0
import { entry } from '../../common/entry.js';

/**
 * Sequential colour ramps, defined and interpolated in OKLCH [Ottosson2020] so that equal steps of the quantity are
 * equal steps of perceived lightness. Lightness alone orders the colours: they survive colour blindness and grey print.
 *
 * @module
 */

/** 8-bit sRGB. */
export type Rgb = readonly [red: number, green: number, blue: number];

/** Lightness in [0, 1], chroma, hue in degrees. */
interface Oklch {
  readonly lightness: number;
  readonly chroma: number;
  readonly hueDegrees: number;
}

/** What a ramp is for: one family of hues a kind of quantity, so that maps cannot be mixed up. */
export type RampName = 'concentration' | 'uncertainty' | 'probability';

/** Anchors at equal distances and equal steps of lightness; hues are unwound so that they interpolate the short way. */
const ANCHORS: Readonly<Record<RampName, readonly Oklch[]>> = {
  // Cream, amber, vermilion, crimson, plum.
  concentration: [
    { lightness: 0.97, chroma: 0.03, hueDegrees: 100 },
    { lightness: 0.8, chroma: 0.13, hueDegrees: 75 },
    { lightness: 0.63, chroma: 0.18, hueDegrees: 38 },
    { lightness: 0.46, chroma: 0.16, hueDegrees: 8 },
    { lightness: 0.29, chroma: 0.1, hueDegrees: -30 },
  ],
  // Mist, sea green, teal, petrol, night blue.
  uncertainty: [
    { lightness: 0.97, chroma: 0.02, hueDegrees: 160 },
    { lightness: 0.8, chroma: 0.075, hueDegrees: 180 },
    { lightness: 0.63, chroma: 0.09, hueDegrees: 215 },
    { lightness: 0.46, chroma: 0.09, hueDegrees: 245 },
    { lightness: 0.29, chroma: 0.07, hueDegrees: 270 },
  ],
  // Almost white, lilac, violet, deep violet.
  probability: [
    { lightness: 0.98, chroma: 0.008, hueDegrees: 300 },
    { lightness: 0.82, chroma: 0.08, hueDegrees: 305 },
    { lightness: 0.66, chroma: 0.14, hueDegrees: 308 },
    { lightness: 0.49, chroma: 0.17, hueDegrees: 306 },
    { lightness: 0.33, chroma: 0.14, hueDegrees: 300 },
  ],
};

/** Colour of a ramp at a position in [0, 1]; positions outside are clamped. */
export function rampColour(ramp: RampName, position: number): Rgb {
  const anchors = ANCHORS[ramp];
  const scaled = Math.min(1, Math.max(0, position)) * (anchors.length - 1);
  const index = Math.min(anchors.length - 2, Math.floor(scaled));
  const weight = scaled - index;
  const from = entry(anchors, index);
  const to = entry(anchors, index + 1);
  return oklchToRgb({
    lightness: from.lightness + weight * (to.lightness - from.lightness),
    chroma: from.chroma + weight * (to.chroma - from.chroma),
    hueDegrees: from.hueDegrees + weight * (to.hueDegrees - from.hueDegrees),
  });
}

/** `count` colours of a ramp, first and last at its ends. */
export function classColours(ramp: RampName, count: number): Rgb[] {
  return Array.from({ length: count }, (_, index) => rampColour(ramp, count === 1 ? 0.5 : index / (count - 1)));
}

/** CSS notation. */
export function cssColour([red, green, blue]: Rgb, opacity = 1): string {
  return opacity === 1 ? `rgb(${red}, ${green}, ${blue})` : `rgba(${red}, ${green}, ${blue}, ${opacity})`;
}

/** Perceived lightness (OKLab L) of an sRGB colour. */
export function perceivedLightness([red, green, blue]: Rgb): number {
  const [r, g, b] = [red, green, blue].map((channel) => toLinear(channel / 255)) as [number, number, number];
  const long = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const medium = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const short = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return 0.2104542553 * long + 0.793617785 * medium - 0.0040720468 * short;
}

/** OKLCH to sRGB [Ottosson2020]; colours outside the gamut are clipped channel by channel. */
function oklchToRgb({ lightness, chroma, hueDegrees }: Oklch): Rgb {
  const hue = (hueDegrees * Math.PI) / 180;
  const a = chroma * Math.cos(hue);
  const b = chroma * Math.sin(hue);
  const long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const short = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    toByte(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short),
    toByte(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short),
    toByte(-0.0041960863 * long - 0.7034186147 * medium + 1.707614701 * short),
  ];
}

function toByte(linear: number): number {
  const clipped = Math.min(1, Math.max(0, linear));
  const encoded = clipped <= 0.0031308 ? 12.92 * clipped : 1.055 * clipped ** (1 / 2.4) - 0.055;
  return Math.round(255 * encoded);
}

function toLinear(encoded: number): number {
  return encoded <= 0.04045 ? encoded / 12.92 : ((encoded + 0.055) / 1.055) ** 2.4;
}
