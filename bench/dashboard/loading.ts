import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { PATIENCE_MS, type Site } from './site.ts';

/**
 * A cold visit to the map: the seconds until all of its points are drawn, and the JavaScript that was fetched until then,
 * compressed, in kB.
 */
export async function measureLoading(browser: Browser, { url }: Site): Promise<Record<string, number>> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const scripts: Promise<Buffer>[] = [];
  let drawn = false;
  page.on('response', (response) => {
    if (!drawn && /\.js$/.test(new URL(response.url()).pathname)) scripts.push(response.body());
  });
  await page.addInitScript(`
    const wait = () => {
      if (Number(document.querySelector('[role=application] canvas')?.dataset.points) > 0) globalThis.drawn = performance.now();
      else requestAnimationFrame(wait);
    };
    requestAnimationFrame(wait);
  `);
  await page.goto(`${url}/#map`);
  await page.waitForFunction(() => 'drawn' in globalThis);
  drawn = true;
  const map_drawn_s = (await page.evaluate<number>('globalThis.drawn')) / 1000;
  const bytes = (await Promise.all(scripts)).reduce((sum, body) => sum + gzipSync(body).length, 0);
  await context.close();
  return { map_drawn_s, js_before_paint_gz_kb: bytes / 1000 };
}
