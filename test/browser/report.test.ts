/** The report's page as people meet it: in a real browser, from a file, with hostile names, on any screen. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditEstate } from '../../lib/audit/audit.ts';
import type { Report } from '../../lib/audit/report.ts';
import { bundledTagsFor } from '../../lib/azure/bundled-service-tags.ts';
import { estateFromResources } from '../../lib/azure/documents/read-estate.ts';
import { anchorOf } from '../../lib/report/html/anchor.ts';
import { toHtml } from '../../lib/report/html/index.ts';
import { launchChromium } from '../../scripts/chromium.ts';
import { brokenEstate } from '../support/broken-estate.ts';
import { canBrowse, openPage, violationsOf } from '../support/chromium.ts';

function reportOf(names: readonly string[]): Report {
  const { resources, policy } = brokenEstate(names);
  const estate = estateFromResources(resources, { kind: 'file', name: 'test' });
  return auditEstate(estate, { tagsFor: bundledTagsFor, policy, now: new Date(0), addressSpace: true });
}

const broken = reportOf(['no control plane route', 'no storage endpoint']);
const good = reportOf([]);

/** A report of so many deployments, each third of them good, under names of the caller's. */
function manyOf(names: readonly string[]): Report {
  const deployments = names.flatMap((name, index) => {
    const [one] = (index % 3 === 2 ? good : broken).deployments;
    return one
      ? [{ ...one, name, key: `${one.key}-${index}`, region: index % 2 === 0 ? 'westeurope' : 'uksouth' }]
      : [];
  });
  return { ...broken, deployments };
}

const numbered = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `apim-${index}`);
const hostile = [
  '<script>globalThis.hacked=1</script>',
  '"><img src=x onerror="globalThis.hacked=1">',
  "' autofocus onfocus='globalThis.hacked=1",
  '</noscript><script>globalThis.hacked=1</script>',
  '\u202egnp.exe',
  'x'.repeat(260),
];

describe.skipIf(!canBrowse)('the report in Chromium', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tunnelwatch-'));
  let browser: Browser;
  const fileOf = (name: string, report: Report): string => {
    const path = join(folder, `${name}.html`);
    writeFileSync(path, [...toHtml(report)].join(''));
    return pathToFileURL(path).href;
  };
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('shows what is broken, asks for nothing and complains of nothing', async () => {
    const url = fileOf('one', broken);
    const { page, complaints, requests } = await openPage(browser, url);
    expect(await page.locator('.lead').innerText()).toContain('1 of 1 deployment breaks a rule');
    for (const { requirement, status, message } of broken.deployments[0]?.findings ?? []) {
      if (status === 'fail') expect(await page.getByText(message).count(), requirement).toBe(1);
    }
    expect(await page.locator('svg.sankey use').count()).toBe(1);
    expect(requests).toEqual([url]);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('draws the pictures, larger than nothing, also without script', async () => {
    for (const javaScriptEnabled of [true, false]) {
      const { page } = await openPage(browser, fileOf('drawn', broken), { javaScriptEnabled });
      const { width = 0, height = 0 } = (await page.locator('svg.sankey use').boundingBox()) ?? {};
      expect(width).toBeGreaterThan(400);
      expect(height).toBeGreaterThan(100);
      expect((await page.locator('.strip use').boundingBox())?.width).toBeGreaterThan(400);
      await page.context().close();
    }
  });

  it('reads a block of the address strip out, by keyboard and under the pointer', async () => {
    const { page } = await openPage(browser, fileOf('strip', broken));
    const slider = page.getByLabel('Block of addresses to read out');
    await slider.focus();
    await page.keyboard.press('End');
    const text = page.locator('.strip output');
    expect(await text.innerText()).toBe('255.0.0.0/8: into the tunnel: VirtualAppliance 10.0.1.4');
    const box = await page.locator('.strip svg').boundingBox();
    if (!box) throw new Error('the strip is not drawn');
    await page.mouse.move(box.x + (box.width * 10.5) / 256, box.y + 5);
    expect(await text.innerText()).toMatch(/^10\.0\.0\.0\/8: .*private ranges that nothing uses 16\.7 M/);
    await page.context().close();
  });

  it('filters by text, verdict and requirement, and shows all again', async () => {
    const { page } = await openPage(browser, fileOf('filter', manyOf(numbered(12))));
    const rows = page.locator('#list tbody tr');
    const shown = page.locator('output[name=shown]');
    await page.getByLabel('Search').fill('APIM-7');
    expect(await rows.allInnerTexts()).toEqual([expect.stringContaining('apim-7')]);
    expect(await page.locator('article:visible').count()).toBe(1);
    await page.getByRole('button', { name: 'Show all' }).click();
    await page.getByLabel('Verdict').selectOption('compliant');
    expect(await shown.innerText()).toBe('4 of 12 deployments');
    await page.getByLabel('Verdict').selectOption('');
    await page.getByLabel('Open requirement').selectOption('control-plane-route');
    expect(await rows.count()).toBe(8);
    await page.getByRole('button', { name: 'Show all' }).click();
    await page.getByRole('button', { name: 'uksouth' }).click();
    expect(await rows.count()).toBe(6);
    await page.context().close();
  });

  it('sorts by keyboard, in both directions, numbers as numbers', async () => {
    const { page } = await openPage(browser, fileOf('sort', manyOf(numbered(12))));
    const names = async (): Promise<readonly string[]> => page.locator('#list tbody a').allInnerTexts();
    await page.getByRole('button', { name: 'Service', exact: true }).focus();
    await page.keyboard.press('Enter');
    expect(await names()).toEqual(numbered(12));
    expect(await page.locator('th[aria-sort]').getAttribute('aria-sort')).toBe('ascending');
    await page.keyboard.press('Enter');
    expect(await names()).toEqual([...numbered(12)].reverse());
    await page.context().close();
  });

  it.each([
    ['small', 12],
    ['large', 120],
  ])('opens a link to a finding in a %s estate', async (name, count) => {
    const report = manyOf(numbered(count));
    const deployment = report.deployments[count - 2];
    if (!deployment) throw new Error('there are enough');
    const anchor = anchorOf(deployment, 'control-plane-route');
    const { page, complaints } = await openPage(browser, `${fileOf(name, report)}#${anchor}`);
    const finding = page.locator(`[id="${anchor}"]`);
    await finding.waitFor();
    expect(await finding.evaluate((element) => element.matches(':focus'))).toBe(true);
    await expect
      .poll(async () => (await finding.boundingBox())?.y ?? -1)
      .toBeLessThan(page.viewportSize()?.height ?? 0);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('opens one deployment at a time in a large estate, and shows more rows on demand', async () => {
    const { page } = await openPage(browser, fileOf('lazy', manyOf(numbered(120))));
    expect(await page.locator('article').count()).toBe(1);
    expect(await page.locator('#list tbody tr').count()).toBe(100);
    await page.getByRole('button', { name: 'Show more' }).click();
    expect(await page.locator('#list tbody tr').count()).toBe(120);
    await page.getByRole('link', { name: 'apim-50', exact: true }).click();
    await page.locator('article h2', { hasText: 'apim-50' }).waitFor();
    expect(await page.locator('article').count()).toBe(1);
    await page.context().close();
  });

  it('holds all of a large estate without script', async () => {
    const { page } = await openPage(browser, fileOf('plain', manyOf(numbered(60))), { javaScriptEnabled: false });
    expect(await page.locator('article:visible').count()).toBe(60);
    await page.context().close();
  });

  it('copies a fix', async () => {
    const { page } = await openPage(browser, fileOf('copy', broken), {
      permissions: ['clipboard-write', 'clipboard-read'],
    });
    const fix = page.locator('details.fix').first();
    await fix.locator('summary').first().click();
    await fix.getByRole('button', { name: 'Copy' }).first().click();
    await fix.getByRole('button', { name: 'Copied' }).waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(await fix.locator('pre').first().textContent());
    await page.context().close();
  });

  it.each([
    ['shown at once', hostile],
    ['opened one by one', [...hostile, ...numbered(60)]],
  ])('shows hostile names as text: %s', async (_, names) => {
    const { page, complaints, requests } = await openPage(browser, fileOf('hostile', manyOf(names)));
    for (const link of await page.locator('#list tbody a').all()) await link.click();
    expect(await page.evaluate(() => 'hacked' in globalThis)).toBe(false);
    expect(await page.locator('main img, main script').count()).toBe(0);
    for (const name of hostile.slice(0, 4)) expect(await page.getByRole('link', { name, exact: true }).count()).toBe(1);
    expect(await page.content()).not.toContain('\u202e');
    expect(complaints).toEqual([]);
    expect(requests).toHaveLength(1);
    await page.context().close();
  });

  it.each([
    [360, 'light'],
    [1280, 'dark'],
    [3840, 'light'],
  ] as const)('can be used by all at %i pixels, %s', async (width, colorScheme) => {
    const options = { viewport: { width, height: 900 }, colorScheme, bypassCSP: true };
    const { page } = await openPage(browser, fileOf('looks', manyOf([...hostile, 'apim-one'])), options);
    expect(await violationsOf(page)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    await page.context().close();
  });
});
