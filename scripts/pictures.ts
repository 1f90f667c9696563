/**
 * Makes the pictures of the README from the sample estate, in a real browser: `npm run pictures`. Needs Chromium (Debian: chromium;
 * elsewhere name it with CHROMIUM).
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { auditEstate } from '../lib/audit/audit.ts';
import { bundledTagsFor } from '../lib/azure/bundled-service-tags.ts';
import { estateFromText } from '../lib/azure/documents/read-estate.ts';
import { defaultPolicy } from '../lib/policy/policy.ts';
import { toHtml } from '../lib/report/html/index.ts';
import { startLocalWatcher } from '../local/watcher.ts';
import { launchChromium } from './chromium.ts';

const samples = new URL('../samples/', import.meta.url);
const images = new URL('../docs/images/', import.meta.url);

async function shoot(browser: Browser, url: string, name: string, height: number, selector?: string): Promise<void> {
  const page = await (await browser.newContext({ viewport: { width: 1200, height } })).newPage();
  await page.goto(url);
  const path = new URL(`${name}.png`, images).pathname;
  await (selector === undefined ? page.screenshot({ path }) : page.locator(selector).first().screenshot({ path }));
  await page.context().close();
  process.stderr.write(`docs/images/${name}.png\n`);
}

async function report(browser: Browser, text: string): Promise<void> {
  const estate = estateFromText(text, { kind: 'file', name: 'samples/estate.json' });
  const options = { tagsFor: bundledTagsFor, policy: defaultPolicy, now: new Date(), addressSpace: true };
  const folder = mkdtempSync(join(tmpdir(), 'tunnelwatch-'));
  const file = join(folder, 'report.html');
  writeFileSync(file, [...toHtml(auditEstate(estate, options))].join(''));
  const url = pathToFileURL(file).href;
  await shoot(browser, url, 'report', 1150);
  await shoot(browser, url, 'deployment', 900, 'article');
  rmSync(folder, { recursive: true });
}

async function watcherPages(browser: Browser, text: string): Promise<void> {
  const { data } = JSON.parse(text) as { data: Record<string, unknown>[] };
  const watcher = await startLocalWatcher({ resources: data, settleSeconds: 0 });
  try {
    await watcher.host.invokeTimer('sweep');
    await watcher.idle();
    const { url, key } = watcher.host;
    await shoot(browser, `${url}/api/status?code=${key}`, 'status', 900);
    await shoot(browser, `${url}/api/trace?to=20.118.99.224&code=${key}`, 'trace', 700);
  } finally {
    await watcher.stop();
  }
}

mkdirSync(images, { recursive: true });
const browser = await launchChromium();
const text = readFileSync(new URL('estate.json', samples), 'utf8');
await report(browser, text);
await watcherPages(browser, text);
await browser.close();
