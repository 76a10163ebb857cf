import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { Random } from '../../kernels/random.ts';
import { ready } from '../../test/support/dashboard.ts';
import { PATIENCE_MS, serveTrained } from './site.ts';

const COLUMNS = 30;
const TRAINED = 3000;
const DROPPED = 10_000;

/**
 * From the choice of a table of 10,000 rows and 30 columns to its scores on the page, in seconds, on a page that has
 * scored nothing before.
 */
export async function measureDrop(browser: Browser): Promise<Record<string, number>> {
  const site = await serveTrained(
    'wide',
    async (folder) => {
      await writeFile(join(folder, 'dropped.csv'), makeTable(DROPPED, 2));
      await writeFile(join(folder, 'wide.csv'), makeTable(TRAINED, 1));
    },
    { epochs: 3, iterations: 250, seed: 5 },
  );
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    page.setDefaultTimeout(PATIENCE_MS);
    await page.goto(`${site.url}/#file`);
    await ready(page);
    await page.evaluate(`
      document.addEventListener('change', () => { globalThis.chosen = performance.now(); }, true);
      new MutationObserver(() => {
        if (document.querySelector('[data-testid=file-rows]')) globalThis.scored ??= performance.now();
      }).observe(document.body, { childList: true, subtree: true });
    `);
    await page.locator('input[type=file]').setInputFiles(join(site.folder, 'dropped.csv'));
    await page.getByTestId('file-rows').getByText('10,000').waitFor();
    const milliseconds = await page.evaluate<number>('globalThis.scored - globalThis.chosen');
    await page.close();
    return { drop_10k_s: milliseconds / 1000 };
  } finally {
    await site.stop();
  }
}

/** Rows whose columns are mixtures of five hidden numbers. */
function makeTable(rows: number, seed: number): string {
  const mixing = new Random(0);
  const weights = Array.from({ length: COLUMNS }, () => Array.from({ length: 5 }, () => mixing.normal()));
  const random = new Random(seed);
  const lines = Array.from({ length: rows }, () => {
    const hidden = Array.from({ length: 5 }, () => random.normal());
    const values = weights.map((row) => row.reduce((sum, weight, k) => sum + weight * hidden[k]!, 0));
    return values.map((value) => (value + 0.1 * random.normal()).toFixed(4)).join(',');
  });
  return [weights.map((_, j) => `c${j}`).join(','), ...lines, ''].join('\n');
}
