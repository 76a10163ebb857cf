import type { Browser, Page } from 'playwright-core';
import { ready } from '../../test/support/dashboard.ts';
import { quantile } from '../edge/client.ts';
import { PATIENCE_MS, type Site } from './site.ts';

const VIEWS = ['#map', '#map/0', '#anomalies', '#report', '#studies', '#draw'];
const ROUNDS = 5;
const STROKES = 12;
const PANS = 90;
const HOVERS = 40;

/** How fast the pad and the map follow the hand, in a browser without a graphics card: it draws in software. */
export async function measureInteraction(browser: Browser, { url }: Site): Promise<Record<string, number>> {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  page.setDefaultTimeout(PATIENCE_MS);
  try {
    await page.goto(`${url}/#draw`);
    await ready(page);
    const stroke_to_score_ms = await timeStrokes(page);
    await page.goto('about:blank');
    await page.goto(`${url}/#map`);
    await ready(page);
    await page.locator('[role=application] canvas[data-points]').waitFor();
    await page.waitForTimeout(1000);
    const map = {
      map_points: Number(await page.locator('[role=application] canvas').first().getAttribute('data-points')),
      hover_ms: await timeHovers(page),
      pan_fps: await countFrames(page),
    };
    return { stroke_to_score_ms, ...map, heap_growth: await measureHeap(page) };
  } finally {
    await page.close();
  }
}

/** From a move of the pen to the browser's new score on the page, the median. The first one loads the model. */
async function timeStrokes(page: Page): Promise<number> {
  const box = (await page.getByRole('img', { name: /^Pad/ }).boundingBox())!;
  await page.evaluate(`
    globalThis.moved = [];
    globalThis.scored = [];
    document.addEventListener('pointermove', () => globalThis.moved.push(performance.now()), true);
    new MutationObserver(() => globalThis.scored.push(performance.now())).observe(
      document.querySelector('[data-testid=answer-browser]'), { attributes: true, attributeFilter: ['data-score'] });
  `);
  const times: number[] = [];
  await page.mouse.move(box.x + 0.3 * box.width, box.y + 0.25 * box.height);
  await page.mouse.down();
  for (let step = 0; step <= STROKES; step++) {
    await page.evaluate('globalThis.moved.length = 0; globalThis.scored.length = 0');
    const part = (step + 1) / (STROKES + 2);
    await page.mouse.move(box.x + (0.3 + 0.4 * part) * box.width, box.y + (0.25 + 0.5 * part) * box.height);
    // A function: the page's Content-Security-Policy refuses to evaluate text.
    await page.waitForFunction(() => Reflect.get(globalThis, 'scored').length > 0);
    if (step > 0) times.push(await page.evaluate<number>('globalThis.scored[0] - globalThis.moved.at(-1)'));
    // The API answers, too, and both share the processors.
    await page.waitForTimeout(150);
  }
  await page.mouse.up();
  return quantile(times, 0.5);
}

/** From a move of the pointer to the tip of the point below it, painted: the slowest of twenty. */
export async function timeHovers(page: Page): Promise<number> {
  const box = (await page.getByRole('application').boundingBox())!;
  await page.evaluate(`
    globalThis.hovers = [];
    document.addEventListener('pointermove', (event) => {
      const start = event.timeStamp;
      requestAnimationFrame(() => setTimeout(() => globalThis.hovers.push(performance.now() - start)));
    }, true);
  `);
  for (let step = 0; step < HOVERS; step++) {
    const angle = 2.4 * step;
    const radius = (0.4 * step) / HOVERS;
    await page.mouse.move(
      box.x + box.width * (0.5 + radius * Math.cos(angle)),
      box.y + box.height * (0.5 + radius * Math.sin(angle)),
    );
    await page.waitForTimeout(30);
  }
  return quantile(await page.evaluate<number[]>('globalThis.hovers'), 0.95);
}

/** Frames in a second while the map is dragged to and fro. */
export async function countFrames(page: Page): Promise<number> {
  const box = (await page.getByRole('application').boundingBox())!;
  const at = (step: number) =>
    [box.x + box.width * (0.5 + 0.2 * Math.sin(step / 9)), box.y + box.height * 0.5] as const;
  await page.mouse.move(...at(0));
  await page.mouse.down();
  await page.evaluate(`
    globalThis.frames = 0;
    globalThis.since = performance.now();
    const count = () => { globalThis.frames++; requestAnimationFrame(count); };
    requestAnimationFrame(count);
  `);
  for (let step = 1; step <= PANS; step++) await page.mouse.move(...at(step));
  const fps = await page.evaluate<number>(
    '(1000 * globalThis.frames) / (performance.now() - globalThis.since)',
  );
  await page.mouse.up();
  return fps;
}

/** By how much of its size the heap grows while all views are opened five times, after the first time. */
async function measureHeap(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  const round = async () => {
    for (const view of VIEWS) {
      await page.evaluate(`location.hash = ${JSON.stringify(view)}`);
      await page.waitForTimeout(400);
    }
    await session.send('HeapProfiler.collectGarbage');
    return (await session.send('Runtime.getHeapUsage')).usedSize;
  };
  await round();
  const first = await round();
  let last = first;
  for (let i = 0; i < ROUNDS; i++) last = await round();
  await session.detach();
  return last / first - 1;
}
