// SPDX-License-Identifier: Apache-2.0

/** Whether the machine puts the first byte of a pixel, red, into the lowest bits of a word. */
export const LITTLE_ENDIAN = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;
