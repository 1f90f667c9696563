/** The watcher's pages in a real browser, over the real local watcher: what breaks shows up by itself, and addresses can be traced. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium } from '../../scripts/chromium.ts';
import { canBrowse, openPage, violationsOf } from '../support/chromium.ts';
import { controlPlane, start } from '../watch/started.ts';

describe.skipIf(!canBrowse)('the watcher in Chromium', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
  });

  it('shows a drift by itself, with its cause and the time line, and that it was repaired', async () => {
    const { watcher, colleague } = await start();
    const { url, key } = watcher.host;
    const { page, complaints, requests } = await openPage(browser, `${url}/api/status?code=${key}`);
    expect(await page.locator('.lead').innerText()).toBe('Nothing is open.');
    await colleague.remove(controlPlane);
    await watcher.idle();
    await page.getByText('routes/delete').waitFor();
    expect(await page.locator('.lead').innerText()).toContain('1 open drift');
    expect(await page.title()).toBe('1 open: tunnelwatch');
    expect(await page.locator('.timeline rect.nonCompliant').count()).toBe(1);
    await colleague.put({
      id: controlPlane,
      properties: { addressPrefix: 'ApiManagement', nextHopType: 'Internet' },
    });
    await watcher.idle();
    await page.getByText('1 drift repaired').waitFor();
    expect(await page.locator('.lead').innerText()).toBe('Nothing is open.');
    expect(complaints).toEqual([]);
    expect(requests.filter((each) => !each.startsWith(`${url}/api/status`))).toEqual([]);
    await page.context().close();
  });

  it('keeps what the reader has focused while it refreshes itself', async () => {
    const { watcher, colleague } = await start();
    const { page } = await openPage(browser, `${watcher.host.url}/api/status?code=${watcher.host.key}`);
    await page.getByRole('region', { name: 'Deployments' }).evaluate((region) => region.setAttribute('data-kept', ''));
    const before = await page.locator('.dim').first().innerText();
    await expect.poll(async () => page.locator('.dim').first().innerText(), { timeout: 20_000 }).not.toBe(before);
    expect(await page.locator('[data-kept]').count()).toBe(1);
    await colleague.remove(controlPlane);
    await watcher.idle();
    await page.getByText('routes/delete').waitFor();
    await page.context().close();
  });

  it('traces what is typed, and says what cannot be traced', async () => {
    const { watcher } = await start();
    const { url, key } = watcher.host;
    const { page, complaints } = await openPage(browser, `${url}/api/trace?code=${key}`);
    await page.getByLabel('Address, CIDR or service tag').fill('8.8.8.8');
    await page.keyboard.press('Enter');
    await page.locator('.lead', { hasText: '8.8.8.8' }).waitFor();
    expect(await page.locator('article h2').innerText()).toBe('8.8.8.8/32 → into the tunnel');
    expect(await page.locator('tr', { hasText: 'wins' }).innerText()).toContain('VirtualAppliance 10.0.1.4');
    expect(await page.locator('tr', { hasText: 'loses' }).allInnerTexts()).not.toEqual([]);
    expect(complaints).toEqual([]);
    await page.getByLabel('Address, CIDR or service tag').fill('<b>nonsense</b>');
    await page.keyboard.press('Enter');
    expect(await page.getByRole('alert').innerText()).toContain(
      '"<b>nonsense</b>" is no address, no CIDR and no service tag',
    );
    await page.context().close();
  });

  it('can be used by all', async () => {
    const { watcher, colleague } = await start();
    await colleague.remove(controlPlane);
    await watcher.idle();
    for (const path of ['status', 'trace?to=ApiManagement', 'audit']) {
      for (const width of [360, 1280]) {
        const address = `${watcher.host.url}/api/${path}${path.includes('?') ? '&' : '?'}code=${watcher.host.key}`;
        const options = { bypassCSP: true, viewport: { width, height: 900 } };
        const { page } = await openPage(browser, address, options);
        expect(await violationsOf(page), path).toEqual([]);
        expect(await page.evaluate('document.documentElement.scrollWidth'), path).toBeLessThanOrEqual(width);
        await page.context().close();
      }
    }
  });
});
