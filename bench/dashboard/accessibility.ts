import type { Browser, Page } from 'playwright-core';
import { findViolations } from '../../test/support/axe.ts';
import { ready } from '../../test/support/dashboard.ts';
import type { Log } from '../harness.ts';
import { PATIENCE_MS, type Site } from './site.ts';

const WIDTHS = [390, 768, 1440];
const THEMES = ['light', 'dark'] as const;

/** The views of a site, by the addresses that show them, and how they get there. */
export const DIGIT_VIEWS = ['#map', '#map/0', '#anomalies', '#report', '#studies', '#draw', 'docs/'];
export const TABLE_VIEWS = ['#map', '#map/0', '#anomalies', '#report', '#row'];

/** The rules that views break, over themes and widths: each rule counts once on each page where it is broken. */
export async function countViolations(
  browser: Browser,
  { url }: Site,
  views: readonly string[],
  log: Log,
  widths: readonly number[] = WIDTHS,
): Promise<number> {
  let count = 0;
  for (const colorScheme of THEMES) {
    for (const width of widths) {
      const page = await browser.newPage({
        colorScheme,
        reducedMotion: 'reduce',
        viewport: { width, height: 900 },
      });
      page.setDefaultTimeout(PATIENCE_MS);
      for (const view of views) {
        await show(page, `${url}/${view}`);
        for (const { rule, elements } of await findViolations(page)) {
          count++;
          log(`axe: ${view} at ${width} px, ${colorScheme}: ${rule}: ${elements.slice(0, 3).join('; ')}`);
        }
      }
      await page.close();
    }
  }
  return count;
}

/** Opens an address, and waits until what it shows stands still. */
async function show(page: Page, address: string): Promise<void> {
  await page.goto('about:blank');
  await page.goto(address);
  if (address.endsWith('docs/')) await page.locator('.opblock').first().waitFor();
  else await ready(page);
  await page.waitForTimeout(700);
}
