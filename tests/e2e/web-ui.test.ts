// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import type { Browser, Page } from 'puppeteer-core';

import { waitUntil } from '../../common/processes.js';
import { packageFolder } from '../../common/version.js';
import { findChromium, openBrowser, picture, press, visibleElement, waitForText } from '../support/browser.js';
import { NOT_BUILT, scratchFolder } from '../support/command-line.js';
import { startDevServer, type DevServer } from '../support/dev-server.js';
import { writeAnalyses, writeForecast, writeTinyConfig } from '../support/tiny-domain.js';
import { WebUi } from '../support/web-ui.js';

const LIMIT_MS = 2 * 60_000;
const CYCLE = '2026-03-16';
const CHROMIUM = findChromium();
const NO_BROWSER =
  CHROMIUM === undefined ? 'no Chromium on the path: install one, or name it in TRAMONTANA_CHROMIUM' : false;

/** A fit of a minute or more: long enough to be watched. */
const SLOW = `
name: po-delta
boundingBox: { north: 45.8, west: 9.0, south: 44.8, east: 10.4 }
pollutants: [pm2_5, pm10]
source: { path: sample }
model: { route: mesh }
mesh: { interiorEdgeKm: 6 }
engine: { threads: 1, gradientTolerance: 1.0e-7 }
`;

/** The first JSON object on the page of the manual that starts with these characters. */
async function documentedInput(configUri: string): Promise<string> {
  const manual = await readFile(join(packageFolder(), 'docs', 'reference', 'configuration.md'), 'utf8');
  const [, sample] = /```json\n(\{ "schemaVersion": 1, "configUri".*\})\n```/u.exec(manual) ?? [];
  assert.ok(sample !== undefined, 'the manual has an input for the form');
  return JSON.stringify({ ...(JSON.parse(sample) as object), configUri, cycle: CYCLE, reuse: true });
}

describe('the Web UI in a browser', { skip: NOT_BUILT || NO_BROWSER, timeout: 5 * LIMIT_MS }, () => {
  let scratch: Awaited<ReturnType<typeof scratchFolder>>;
  let dev: DevServer;
  let url: string;
  let ui: WebUi;
  let browser: Browser;
  let page: Page;

  before(async () => {
    scratch = await scratchFolder();
    await writeTinyConfig(scratch.path, 'town');
    await Promise.all([writeAnalyses(scratch.path, CYCLE), writeForecast(scratch.path, CYCLE)]);
    await writeFile(join(scratch.path, 'slow.yaml'), SLOW);
    await cp(join(packageFolder(), 'samples', 'po-valley', 'cams'), join(scratch.path, 'sample'), { recursive: true });
    dev = await startDevServer(scratch.path);
    url = dev.uiUrl;
    ui = await WebUi.open(url);
    browser = await openBrowser(CHROMIUM ?? '');
    page = await browser.newPage();
    await page.setViewport({ width: 1400, height: 1000 });
    page.setDefaultTimeout(LIMIT_MS);
  });
  after(async () => {
    await browser.close();
    await dev.end();
    await scratch.remove();
  });

  async function startByForm(workflowId: string, input: string, pictureName?: string): Promise<void> {
    await page.goto(`${url}/namespaces/default/workflows/start-workflow`, { waitUntil: 'networkidle0' });
    await page.type('#workflowId', workflowId);
    await page.type('#taskQueue', 'tramontana');
    await page.type('#workflowType', 'forecast');
    await page.click('[contenteditable="true"]');
    await page.keyboard.sendCharacter(input);
    // the editor lays its text out anew when it is left, and moves the button
    await page.click('h1');
    await assertShows(/"configUri": /u);
    if (pictureName !== undefined) await picture(page, pictureName);
    await (await visibleElement(page, '[data-testid="start-workflow-button"]')).click();
    const isThere = (): Promise<boolean> => ui.statusOf(workflowId).then(...([() => true, () => false] as const));
    assert.ok(await waitUntil(isThere, LIMIT_MS), `${workflowId} is started`);
    await show(workflowId, 'history');
  }

  async function show(workflowId: string, tab: 'history' | 'user-metadata'): Promise<void> {
    const { runId } = (await ui.describe(workflowId)).workflowExecutionInfo.execution;
    await page.goto(`${url}/namespaces/default/workflows/${workflowId}/${runId}/${tab}`);
  }

  async function assertShows(pattern: RegExp): Promise<void> {
    assert.ok(await waitForText(page, pattern, LIMIT_MS), `expected the page to show ${pattern.source}`);
  }

  /** The page asks anew for the current details when a person presses R. */
  async function assertShowsInTime(pattern: RegExp): Promise<void> {
    const isThere = async (): Promise<boolean> => {
      await page.keyboard.press('r');
      return waitForText(page, pattern, 2000);
    };
    assert.ok(await waitUntil(isThere, LIMIT_MS), `expected current details that show ${pattern.source}`);
  }

  it('starts a forecast by the form with the JSON of the manual, and shows its result', async () => {
    await startByForm('by-form', await documentedInput(join(scratch.path, 'config.yaml')), 'web-ui-start');
    await assertShows(/COMPLETED/u);
    await assertShows(/"domain": "town"/u);
    await show('by-form', 'user-metadata');
    await assertShows(/Finished: 8 stages computed/u);
    await assertShows(/report\.html/u);
    await picture(page, 'web-ui-result');
  });

  it('shows how far a fit is, and cancels it', async () => {
    const input = JSON.stringify({ schemaVersion: 1, configUri: join(scratch.path, 'slow.yaml') });
    await startByForm('to-be-cancelled', input);
    await waitUntil(async () => (await ui.pendingActivity('to-be-cancelled'))?.activityType.name === 'fit', LIMIT_MS);
    await show('to-be-cancelled', 'user-metadata');
    await assertShowsInTime(/searching the mode, iteration/u);
    await picture(page, 'web-ui-progress');
    await press(page, 'Request Cancellation');
    await (await visibleElement(page, '[data-testid="confirm-modal-button"]')).click();
    assert.ok(await waitUntil(async () => (await ui.statusOf('to-be-cancelled')) === 'canceled', LIMIT_MS));
    await assertShows(/CANCELED/u);
  });
});
