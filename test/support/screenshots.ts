import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { launchBrowser } from './browser.ts';
import { drawSeven, ready } from './dashboard.ts';

const [url, folder] = process.argv.slice(2);
if (!url || !folder) {
  console.error('usage: node test/support/screenshots.ts URL FOLDER');
  process.exit(2);
}

const SIZES = { wide: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };

/** What to show of each view before its picture is taken. */
const SCENES: Record<string, { hash: string; full: boolean; stage?: (page: Page) => Promise<unknown> }> = {
  map: { hash: '#map', full: false },
  'map-score': { hash: '#map?colour=score', full: false },
  'map-point': {
    hash: '#map/2130',
    full: true,
    stage: async (page) => {
      await page.getByRole('button', { name: 'Zoom to' }).click();
      await page.locator('.triptych[aria-busy=false]').waitFor();
    },
  },
  anomalies: { hash: '#anomalies', full: false },
  report: { hash: '#report', full: true },
  draw: {
    hash: '#draw',
    full: true,
    stage: async (page) => {
      await drawSeven(page);
      await page.getByTestId('answer-browser').getByText('ms').waitFor();
    },
  },
};

await mkdir(folder, { recursive: true });
const browser = await launchBrowser();
for (const colorScheme of ['light', 'dark'] as const) {
  for (const [size, viewport] of Object.entries(SIZES)) {
    const page = await browser.newPage({
      colorScheme,
      viewport,
      deviceScaleFactor: size === 'phone' ? 2 : 1,
    });
    for (const [name, { hash, full, stage }] of Object.entries(SCENES)) {
      await page.goto('about:blank');
      await page.goto(`${url}${hash}`);
      await ready(page);
      await stage?.(page);
      await page.waitForTimeout(900);
      const path = join(folder, `${name}-${size}-${colorScheme}.png`);
      await page.screenshot({ path, fullPage: full });
      console.log(path);
    }
    await page.close();
  }
}
await browser.close();
