// SPDX-License-Identifier: Apache-2.0
/** Ink, paper and sizes of all figures, in logical pixels; figures are rendered at `DEVICE_SCALE` times that. */

/** Device pixels per logical pixel: crisp on dense screens and in print. */
export const DEVICE_SCALE = 2.5;

export const INK = '#1d232b';
export const INK_SOFT = '#5b6470';
export const INK_FAINT = '#8a929c';
export const PAPER = '#ffffff';
export const HAIRLINE = '#c9ced4';

/** What must not be overlooked. */
export const WARNING = '#b3312c';

/** Outer margin of a figure. */
export const MARGIN = 22;
