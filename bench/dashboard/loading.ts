import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { PATIENCE_MS, type Site } from './site.ts';

/** 1.6 Mbit/s and 150 ms, in bytes a second and milliseconds. */
const SLOW = { downloadThroughput: 200_000, uploadThroughput: 94_000, latency: 150 };

type Connection = typeof SLOW;

/**
 * A cold visit to the map, from this machine and over a slow connection: the seconds until all of its points are drawn, and the
 * JavaScript that was asked for until then, compressed, in kB.
 */
export async function measureLoading(browser: Browser, site: Site): Promise<Record<string, number>> {
  const { seconds, kilobytes } = await visit(browser, site);
  const slow = await visit(browser, site, SLOW);
  return { map_drawn_s: seconds, map_drawn_slow_s: slow.seconds, js_before_paint_gz_kb: kilobytes };
}

async function visit(browser: Browser, { url }: Site, connection?: Connection) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  if (connection) {
    const session = await context.newCDPSession(page);
    await session.send('Network.enable');
    await session.send('Network.emulateNetworkConditions', { offline: false, ...connection });
  }
  const scripts: { asked: number; body: Promise<Buffer> }[] = [];
  page.on('response', (response) => {
    if (!/\.js$/.test(new URL(response.url()).pathname)) return;
    const body = response.body();
    // What comes after the map may be cut off when the page closes.
    body.catch(() => undefined);
    scripts.push({ asked: response.request().timing().startTime, body });
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
  const [origin, drawn] = await page.evaluate<[number, number]>('[performance.timeOrigin, globalThis.drawn]');
  // By the page's clock: when this process hears that the map is drawn, the page has asked for more.
  const before = scripts.filter(({ asked }) => asked < origin + drawn);
  const bodies = await Promise.all(before.map(({ body }) => body));
  await context.close();
  return {
    seconds: drawn / 1000,
    kilobytes: bodies.reduce((sum, body) => sum + gzipSync(body).length, 0) / 1000,
  };
}
