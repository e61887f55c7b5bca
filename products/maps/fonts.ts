// SPDX-License-Identifier: Apache-2.0
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import { GlobalFonts } from '@napi-rs/canvas';

import { TramontanaError } from '../../common/errors.js';

/** Our own family name: text never depends on what a machine has installed. */
export const FONT_FAMILY = 'Tramontana Sans';

let registered = false;

/**
 * Registers the bundled DejaVu fonts under `FONT_FAMILY`, once a process.
 *
 * @throws {TramontanaError} `Products.FontMissing` when a font file cannot be read.
 */
export function registerFonts(): void {
  if (registered) return;
  const folder = join(dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json')), 'ttf');
  for (const file of ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf']) {
    const path = join(folder, file);
    if (GlobalFonts.registerFromPath(path, FONT_FAMILY) === null) {
      throw new TramontanaError(
        'Products.FontMissing',
        `${path}: a readable TrueType font is expected; reinstall the dependencies`,
        {
          facts: { path },
        },
      );
    }
  }
  registered = true;
}

/** CSS font of a size in logical pixels. */
export function font(sizePx: number, weight: 'normal' | 'bold' = 'normal'): string {
  return `${weight} ${sizePx}px "${FONT_FAMILY}"`;
}
