import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { build } from 'vite';
import { cacheKey, makeOnce } from './cache.ts';
import { CACHE, ROOT } from './paths.ts';

/** The sources that decide what the dashboard is built to. */
const SOURCES = ['package-lock.json', 'kernels', 'engine', 'bundle', 'tsne', 'dashboard'];

/** The folder of the built dashboard, without a bundle. Built once for each state of its sources. */
export async function builtDashboard(): Promise<string> {
  const folder = `${CACHE}/dashboard/${cacheKey(ROOT, SOURCES, [])}`;
  await makeOnce(folder, async (outDir) => {
    await build({
      configFile: join(ROOT, 'dashboard/vite.config.ts'),
      logLevel: 'error',
      build: { outDir, emptyOutDir: true },
    });
  });
  return folder;
}

/** Waits until the dashboard has read its bundle and shows a view. */
export async function ready(page: Page): Promise<void> {
  await page.locator('main section:visible').first().waitFor();
}

/** Draws a seven on the pad with the mouse. */
export async function drawSeven(page: Page): Promise<void> {
  const pad = page.getByRole('img', { name: /^Pad/ });
  await pad.scrollIntoViewIfNeeded();
  const box = (await pad.boundingBox())!;
  const at = ([x, y]: readonly [number, number]) => [box.x + x * box.width, box.y + y * box.height] as const;
  const corners = [
    [0.28, 0.24],
    [0.72, 0.22],
    [0.46, 0.8],
  ] as const;
  await page.mouse.move(...at(corners[0]));
  await page.mouse.down();
  for (const corner of corners.slice(1)) await page.mouse.move(...at(corner), { steps: 12 });
  await page.mouse.up();
}
