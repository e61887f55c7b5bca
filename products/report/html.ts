// SPDX-License-Identifier: Apache-2.0
/**
 * HTML by tagged template: everything interpolated is escaped unless it is already markup.
 *
 * @module
 */
import { entry } from '../../common/entry.js';
import { visible } from '../../common/text.js';

/** Text that is safe to put into a page. */
export class Markup {
  constructor(readonly text: string) {}
}

type Interpolation = string | number | Markup | readonly Markup[];

/** Builds markup; strings and numbers are escaped, markup and lists of markup are taken as they are. */
export function html(parts: TemplateStringsArray, ...values: readonly Interpolation[]): Markup {
  let text = entry(parts, 0);
  values.forEach((value, index) => {
    text += interpolate(value) + entry(parts, index + 1);
  });
  return new Markup(text);
}

/** No markup, for sections that do not apply. */
export const NOTHING = new Markup('');

/** Escapes the characters that mean something in HTML text and attributes; control characters become visible. */
export function escapeHtml(text: string): string {
  return visible(text, '\n\t')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** A picture as a data address, so that the page needs no other file. */
export function pngDataUri(png: Uint8Array): string {
  return `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
}

function interpolate(value: Interpolation): string {
  if (value instanceof Markup) return value.text;
  if (typeof value === 'string' || typeof value === 'number') return escapeHtml(String(value));
  return value.map((item) => item.text).join('\n');
}
