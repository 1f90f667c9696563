/**
 * The page of a large estate in a real browser: how large it is, and whether anything that people do with it makes them wait. A pause
 * is the longest task that blocks the page (as the browser itself counts long tasks) while it opens, filters and sorts.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { writeOut } from '../cli/output.ts';
import { auditEstate } from '../lib/audit/audit.ts';
import { bundledTagsFor } from '../lib/azure/bundled-service-tags.ts';
import { estateFromResources } from '../lib/azure/documents/read-estate.ts';
import { defaultPolicy } from '../lib/policy/policy.ts';
import { toHtml } from '../lib/report/html/index.ts';
import { hasChromium, launchChromium } from '../scripts/chromium.ts';
import type { Claim, Result } from './claim.ts';
import { deploymentResources } from './estate-generator.ts';

const kilobyte = 1024;
const large = 10_000;
const longestPauseMs = 200;

async function writePage(path: string, deployments: number): Promise<number> {
  const resources = Array.from({ length: deployments }, (_, index) => deploymentResources(index)).flat();
  const estate = estateFromResources(resources, { kind: 'file', name: 'bench' });
  const options = { tagsFor: bundledTagsFor, policy: defaultPolicy, now: new Date(0), addressSpace: true };
  await writeOut(toHtml(auditEstate(estate, options)), path);
  return statSync(path).size;
}

/** Milliseconds of the longest task since the last time it was asked for; 0 where none took 50. */
async function longestTask(page: Page): Promise<number> {
  await page.waitForTimeout(500);
  return page.evaluate<number>(
    '(()=>{const longest=Math.max(0,...globalThis.longTasks);globalThis.longTasks=[];return longest})()',
  );
}

async function pauses(url: string): Promise<ReadonlyMap<string, number>> {
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    await page.addInitScript(
      'globalThis.longTasks=[];new PerformanceObserver((list)=>{for(const {duration} of list.getEntries())longTasks.push(duration)}).observe({type:"longtask",buffered:true})',
    );
    await page.goto(url, { timeout: 120_000 });
    const found = new Map([['open', await longestTask(page)]]);
    await page.getByLabel('Search').fill('apim-77');
    found.set('filter by text', await longestTask(page));
    await page.getByLabel('Search').fill('');
    await page.getByLabel('Verdict').selectOption('compliant');
    found.set('filter by verdict', await longestTask(page));
    await page.getByLabel('Verdict').selectOption('');
    await page.getByRole('button', { name: 'Service', exact: true }).click();
    found.set('sort', await longestTask(page));
    await page.locator('#list tbody a').nth(50).click();
    found.set('open a deployment', await longestTask(page));
    return found;
  } finally {
    await browser.close();
  }
}

async function run(): Promise<readonly Result[]> {
  const folder = mkdtempSync(join(tmpdir(), 'tunnelwatch-'));
  try {
    const [one, many] = [join(folder, 'one.html'), join(folder, 'many.html')];
    const single = await writePage(one, 1);
    const each = ((await writePage(many, large)) - single) / (large - 1);
    const sizes: Result[] = [
      {
        claim: 'page of one deployment',
        bar: 'at most 150 KB',
        measured: `${(single / kilobyte).toFixed(1)} KB`,
        holds: single <= 150 * kilobyte,
      },
      {
        claim: `each further deployment, of ${large.toLocaleString('en-US')}`,
        bar: 'at most 6 KB',
        measured: `${(each / kilobyte).toFixed(1)} KB`,
        holds: each <= 6 * kilobyte,
      },
    ];
    if (!hasChromium) {
      const claim = 'page in Chromium';
      return [...sizes, { claim, bar: `at most ${longestPauseMs} ms`, measured: 'no Chromium', holds: false }];
    }
    const tasks = [...(await pauses(pathToFileURL(many).href))].map(([what, longest]): Result => {
      return {
        claim: `page of ${large.toLocaleString('en-US')} in Chromium: longest pause, ${what}`,
        bar: `at most ${longestPauseMs} ms`,
        measured: longest === 0 ? 'under 50 ms' : `${Math.round(longest)} ms`,
        holds: longest <= longestPauseMs,
      };
    });
    return [...sizes, ...tasks];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export const page: Claim = { name: 'page', run };
