import { launchBrowser } from '../test/support/browser.ts';
import { serveLivePage } from '../test/support/live-page.ts';
import type { Log } from './harness.ts';

const [POINTS, ITERATIONS] = [5000, 400];

/** Iterations per second of a map of 5,000 vectors that a page in Chromium draws as it moves: see docs/examples/live. */
export async function measureLive(log: Log): Promise<{ live_iterations_per_s: number }> {
  await using page = await serveLivePage();
  const browser = await launchBrowser();
  try {
    const tab = await browser.newPage();
    await tab.goto(`${page.isolated}?n=${POINTS}&iterations=${ITERATIONS}`);
    await tab.waitForFunction(() => 'embedding' in globalThis, undefined, { timeout: 300_000 });
    const progress = (await tab.textContent('#progress'))!;
    log(`on a page, ${POINTS} points: ${progress}`);
    return { live_iterations_per_s: Number(/(\d+) per second/.exec(progress)![1]) };
  } finally {
    await browser.close();
  }
}
