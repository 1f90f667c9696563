/**
 * The real browser that pages are tried in: Debian's Chromium, or the one that CHROMIUM names. Where there is none the tests are
 * skipped, visibly; in CI that is a failure.
 */
import { existsSync } from 'node:fs';
import axe from 'axe-core';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const candidates = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

const executablePath = candidates.find((path) => path !== undefined && existsSync(path));

/** Whether the tests can run; in CI they must. */
export const hasChromium = executablePath !== undefined || process.env.CI !== undefined;

export async function launch(): Promise<Browser> {
  if (executablePath === undefined) throw new Error('no Chromium: install it (Debian: chromium) or set CHROMIUM');
  return chromium.launch({ executablePath });
}

/** A page with what it complained about and what it asked for from elsewhere. */
export interface Watched {
  readonly page: Page;
  readonly complaints: string[];
  readonly requests: string[];
}

export async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Watched> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    if (!request.url().startsWith('data:')) requests.push(request.url());
  });
  await page.goto(url);
  return { page, complaints, requests };
}

/** What axe has to say of the page as it stands; run in a page that was opened with `bypassCSP`. */
export async function violationsOf(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const found = await page.evaluate(async () => {
    const runner = (globalThis as unknown as { axe: typeof axe }).axe;
    const { violations } = await runner.run();
    return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`);
  });
  return found;
}
