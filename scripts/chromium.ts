/** The real browser that pages are drawn, measured and tested in: the one that CHROMIUM names, else an installed one. */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const candidates = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const executablePath = candidates.find((path) => path !== undefined && existsSync(path));

export const hasChromium = executablePath !== undefined;

/** @throws Error that says how to get one */
export async function launchChromium(): Promise<Browser> {
  if (executablePath === undefined)
    throw new Error('no Chromium: install it (Debian: chromium) or name it with CHROMIUM');
  return chromium.launch({ executablePath });
}
