import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { ready, type Site, serveDashboard } from '../support/dashboard.ts';
import { TEST_BUNDLE } from '../support/paths.ts';

let site: Site;
let browser: Browser;

beforeAll(async () => {
  [site, browser] = await Promise.all([serveDashboard(TEST_BUNDLE), launchBrowser()]);
});

afterAll(async () => {
  await browser?.close();
  await site?.stop();
});

/** A page on which the bundle's files whose names match wait until they are let go. */
async function openHolding(held: RegExp, hash: string) {
  const page = await browser.newPage({
    viewport: { width: 1280, height: 800 },
    reducedMotion: 'reduce',
    // Otherwise files are read to be kept, too.
    serviceWorkers: 'block',
  });
  const asked: string[] = [];
  let release = () => {};
  const gate = new Promise<void>((open) => {
    release = open;
  });
  await page.route('**/bundle/*', async (route) => {
    const name = new URL(route.request().url()).pathname.split('/').at(-1)!;
    asked.push(name);
    if (held.test(name)) await gate;
    await route.continue();
  });
  await page.goto(`${site.url}#${hash}`);
  await ready(page);
  return { page, asked, release };
}

const canvas = (page: Page) => page.getByRole('application').locator('canvas').first();

/** Whether the tiles of the five most anomalous points show anything. */
const tilesShow = (page: Page) =>
  page.locator('.top-five canvas').evaluateAll((all) =>
    all.map((tile) =>
      tile
        .getContext('2d')
        .getImageData(0, 0, 28, 28)
        .data.some((value: number) => value > 0),
    ),
  );

test('the points are drawn before any thumbnail, code, report or model is read', async () => {
  const { page, asked, release } = await openHolding(/^(?!manifest\.json|map\.parquet)/, 'map');
  await expect.poll(() => canvas(page).getAttribute('data-points')).toBe('600');
  expect(await tilesShow(page)).toEqual([false, false, false, false, false]);
  expect(asked.slice(0, 2).sort()).toEqual(['manifest.json', 'map.parquet']);
  expect(asked.slice(2).every((name) => name.startsWith('sprites-'))).toBe(true);
  release();
  await expect.poll(() => tilesShow(page)).toEqual([true, true, true, true, true]);
  await page.close();
});

test('the report is read when it is looked at', async () => {
  const { page, asked, release } = await openHolding(/^report\.json$/, 'map');
  expect(asked).not.toContain('report.json');
  await page.getByRole('navigation').getByRole('link', { name: 'Report' }).click();
  await page.getByText('Reading the report').waitFor();
  release();
  await page.getByRole('heading', { name: 'Convergence of the map' }).waitFor();
  expect(asked.filter((name) => name === 'report.json')).toHaveLength(1);
  await page.close();
});

test('the map stays when the code that checks the manifest cannot be loaded', async () => {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' });
  const refused = new Promise<void>((done) => {
    page.route(/\/reader-[^/]*\.js$/, async (route) => {
      await route.abort();
      done();
    });
  });
  await page.goto(`${site.url}#map`);
  await ready(page);
  await refused;
  // A click is answered by the worker, after the check.
  await page.locator('.top-five button').first().click();
  await page.locator('.triptych[aria-busy=false]').waitFor();
  expect(await canvas(page).getAttribute('data-points')).toBe('600');
  await page.close();
});
