import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPoints } from '../../docs/examples/live/points.ts';
import { tsne } from '../../tsne/index.ts';
import { launchBrowser } from '../support/browser.ts';
import { type LivePage, serveLivePage } from '../support/live-page.ts';

const [n, iterations] = [1000, 120];

let page: LivePage;
let browser: Browser;
beforeAll(async () => {
  page = await serveLivePage();
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await page?.[Symbol.asyncDispose]();
});

test.each(['isolated', 'plain'] as const)(
  'a page that is %s maps vectors live, as Node does',
  async (host) => {
    const tab = await browser.newPage();
    const errors: string[] = [];
    tab.on('pageerror', (error) => errors.push(error.message));
    await tab.goto(`${page[host]}?n=${n}&iterations=${iterations}`);
    await tab.waitForFunction(() => 'embedding' in globalThis, undefined, { timeout: 100_000 });
    expect(await tab.evaluate(() => Reflect.get(globalThis, 'crossOriginIsolated'))).toBe(
      host === 'isolated',
    );
    expect(await tab.textContent('#progress')).toMatch(/^Iteration 120 of 120, \d+ per second, done$/);
    const found = await tab.evaluate<number[]>('Array.from(embedding)');
    expect(errors).toEqual([]);
    await tab.close();
    const { embedding } = await tsne(createPoints(n), { iterations });
    expect(found).toEqual(Array.from(embedding));
  },
);
