// SPDX-License-Identifier: Apache-2.0
/**
 * A browser as a person has it, without a screen.
 *
 * @module
 */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

import { waitUntil } from '../../common/processes.js';
import puppeteer, { type Browser, type ElementHandle, type Page } from 'puppeteer-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/** The browser of `TRAMONTANA_CHROMIUM`, else of the search path. */
export function findChromium(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const found = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  return [process.env['TRAMONTANA_CHROMIUM'] ?? '', ...found].find((path) => path !== '' && existsSync(path));
}

export async function openBrowser(executablePath: string): Promise<Browser> {
  // its sandbox cannot be had as root; the pages are those of the server that the test has started
  const args = process.getuid?.() === 0 ? ['--no-sandbox', '--disable-gpu'] : ['--disable-gpu'];
  return puppeteer.launch({ executablePath, args });
}

/** Presses the button with this text that can be seen; the pages keep others for narrower windows. */
export async function press(page: Page, text: string): Promise<void> {
  await page.evaluate(
    `[...document.querySelectorAll('button')]
      .find((button) => button.checkVisibility() && button.innerText.trim() === ${JSON.stringify(text)}).click()`,
  );
}

/** The last element of a selector that can be seen, e.g. the button of an open dialogue. */
export async function visibleElement(page: Page, selector: string): Promise<ElementHandle> {
  // as text: what runs in the page knows its document, and this program has none
  await page.waitForFunction(
    `[...document.querySelectorAll(${JSON.stringify(selector)})].some((element) => element.checkVisibility())`,
  );
  for (const element of (await page.$$(selector)).reverse()) if (await element.isVisible()) return element;
  throw new Error(`${selector}: expected one that can be seen`);
}

/** Whether a page shows a text, in itself or in a frame: the Web UI sets what a workflow wrote in a frame of its own. */
async function shows(page: Page, pattern: RegExp): Promise<boolean> {
  const texts = page.frames().map((frame) => frame.evaluate('document.body?.innerText ?? ""').catch(() => ''));
  return (await Promise.all(texts)).some((text) => pattern.test(String(text)));
}

export function waitForText(page: Page, pattern: RegExp, timeoutMs: number): Promise<boolean> {
  return waitUntil(() => shows(page, pattern), timeoutMs);
}

/** Keeps a picture of the page in the folder of `TRAMONTANA_PICTURES`, where one is named. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env['TRAMONTANA_PICTURES'];
  if (folder === undefined) return;
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`) });
}
