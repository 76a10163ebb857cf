import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { CodeIndex } from '../../bundle/codes.ts';
import { openFolder } from '../../bundle/node/folder.ts';
import { parseReport, type Report } from '../../bundle/report.ts';
import { launchBrowser } from './browser.ts';
import { openView, type Site, serveDashboard, visitView } from './dashboard.ts';
import { type MapRow, readMapRows } from './map-rows.ts';
import { TEST_BUNDLE } from './paths.ts';

const WIDE = { width: 1280, height: 800 };

let browser: Browser;
let complaints: string[] = [];

/** Where the dashboard is, a page on it, and what its bundle holds: there once {@link useDigits} has run. */
export let site: Site;
export let page: Page;
export let report: Report;
export let rows: MapRow[];
export let codes: CodeIndex;

/** Opens a browser on the small bundle of digits for the tests of a file. */
export function useDigits(serve = (): Promise<Site> => serveDashboard(TEST_BUNDLE)): void {
  beforeAll(async () => {
    [site, browser] = await Promise.all([serve(), launchBrowser()]);
    const bundle = await openFolder(TEST_BUNDLE);
    report = parseReport(await bundle.json('report.json'));
    rows = await readMapRows(await bundle.file('map.parquet'));
    codes = new CodeIndex(await bundle.file('codes.bin'));
    page = await newPage();
  });

  afterAll(async () => {
    await browser?.close();
    await site?.stop();
  });

  afterEach(() => {
    const heard = complaints;
    complaints = [];
    expect(heard).toEqual([]);
  });
}

/** A page whose errors and warnings fail the test that is running. */
export async function newPage(options: Parameters<Browser['newPage']>[0] = {}): Promise<Page> {
  const fresh = await browser.newPage({
    viewport: WIDE,
    reducedMotion: 'reduce',
    // Each page is a visitor of its own, which would keep the dashboard for when there is no connection.
    serviceWorkers: 'block',
    ...options,
  });
  fresh.on('pageerror', (error) => complaints.push(String(error)));
  fresh.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  return fresh;
}

export const open = (hash: string, on = page) => openView(on, site, hash);

/** The same on a page that is loaded already. */
export const visit = (hash: string, on = page) => visitView(on, site, hash);

export const map = (on = page) => on.getByRole('application');

/** The grey values of a 28 × 28 tile. */
export const pixelsOfTile = (tile: Locator): Promise<number[]> =>
  tile.locator('canvas').evaluate((canvas) => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, 28, 28);
    return Array.from({ length: 28 * 28 }, (_, pixel) => data[4 * pixel]);
  });

/** How much closer than the whole map the map on screen is. */
export const zoomOf = async (on = page) =>
  Number(await map(on).locator('canvas').first().getAttribute('data-zoom'));

/** The path of the address: the view and the point, without how the view is set. */
export const pathOf = (on = page) => new URL(on.url()).hash.split('?')[0];

/** What has the keyboard's focus: its element and text. */
export const focused = (on = page) =>
  on.evaluate<string>(
    `(({ tagName, textContent }) => tagName + ' ' + textContent.replace(/\\s+/g, ' ').trim())(document.activeElement)`,
  );

/** What the elements are called by a screen reader. */
export const namesOf = (elements: Locator) =>
  elements.evaluateAll((all) => all.map((element) => element.getAttribute('aria-label')));

export const headingOf = (index: number) => `H2 Digit ${rows[index]!.label} test #${rows[index]!.id}`;

export const textOf = async (element: Locator) => (await element.textContent())?.replace(/\s+/g, ' ').trim();
