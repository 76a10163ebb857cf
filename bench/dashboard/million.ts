import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetWriteBuffer } from 'hyparquet-writer';
import type { Browser } from 'playwright-core';
import { MAP_FORMAT, MAP_VERSION } from '../../bundle/integrity.ts';
import { BundleWriter } from '../../bundle/node/writer.ts';
import { Random } from '../../kernels/random.ts';
import { ready } from '../../test/support/dashboard.ts';
import { startServer } from '../../test/support/server.ts';
import { countFrames, timeHovers } from './interaction.ts';
import { PATIENCE_MS } from './site.ts';

const POINTS = 1_000_000;
const CLUSTERS = 30;

/** How a map of a million points, of which each is in one of 30 clusters, follows the hand. */
export async function measureMillion(browser: Browser): Promise<Record<string, number>> {
  const folder = await mkdtemp(join(tmpdir(), 'offmanifold-million-'));
  try {
    await writeMap(join(folder, 'million'));
    const site = await startServer(join(folder, 'million'));
    try {
      const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
      page.setDefaultTimeout(PATIENCE_MS);
      await page.goto(`${site.url}/#map`);
      await ready(page);
      await page.locator('[role=application] canvas[data-points="1000000"]').waitFor();
      await page.waitForTimeout(1000);
      await page.evaluate(`
        globalThis.longest = 0;
        new PerformanceObserver((list) => {
          for (const { duration } of list.getEntries()) globalThis.longest = Math.max(globalThis.longest, duration);
        }).observe({ type: 'longtask' });
      `);
      const figures = { hover_ms_1m: await timeHovers(page), pan_fps_1m: await countFrames(page) };
      // What is drawn when the map has come to rest is part of it.
      await page.waitForTimeout(1000);
      const longest_task_ms_1m = await page.evaluate<number>('globalThis.longest');
      await page.close();
      return { ...figures, longest_task_ms_1m };
    } finally {
      await site.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Writes a map without a model. */
async function writeMap(folder: string): Promise<void> {
  const random = new Random(1);
  const centres = Array.from({ length: CLUSTERS }, () => [100 * random.uniform(), 100 * random.uniform()]);
  const cluster = Array.from({ length: POINTS }, () => Math.floor(CLUSTERS * random.uniform()));
  const place = (axis: number) => Float32Array.from(cluster, (k) => centres[k]![axis]! + 2 * random.normal());
  const columns = [
    { name: 'cluster', data: cluster.map((k) => `cluster ${k}`), type: 'STRING' },
    { name: 'x', data: place(0), type: 'FLOAT' },
    { name: 'y', data: place(1), type: 'FLOAT' },
  ] as const;
  using writer = await BundleWriter.open(folder, MAP_FORMAT);
  await writer.write({
    manifest: {
      format: MAP_FORMAT,
      version: MAP_VERSION,
      name: 'million',
      data: { name: 'made-up points', width: 2, metric: 'euclidean' },
      map: { method: 't-SNE', points: POINTS, perplexity: 30, iterations: 1, kl_divergence: 0 },
      versions: {},
      run: { created_at: new Date().toISOString(), map_seconds: 0 },
    },
    files: new Map([['map.parquet', new Uint8Array(parquetWriteBuffer({ columnData: [...columns] }))]]),
  });
}
