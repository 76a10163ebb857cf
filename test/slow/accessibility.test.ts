import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openFolder } from '../../bundle/node/folder.ts';
import { findViolations } from '../support/axe.ts';
import { launchBrowser } from '../support/browser.ts';
import { openView, ready, type Site, serveDashboard } from '../support/dashboard.ts';
import { TEST_BUNDLE } from '../support/paths.ts';
import { TABLE_BUNDLE } from '../support/table-bundle.ts';

const DIGITS = ['#map', '#map/0', '#anomalies', '#report', '#draw'];
const TABLE = ['#map/0', '#anomalies', '#report', '#row'];

let digits: Site;
let table: Site;
let browser: Browser;

beforeAll(async () => {
  [digits, table, browser] = await Promise.all([
    serveDashboard(TEST_BUNDLE),
    serveDashboard(TABLE_BUNDLE),
    launchBrowser(),
  ]);
});

afterAll(async () => {
  await browser?.close();
  await digits?.stop();
  await table?.stop();
});

async function withPage<T>(
  options: Parameters<Browser['newPage']>[0],
  work: (page: Page) => Promise<T>,
): Promise<T> {
  const page = await browser.newPage({ reducedMotion: 'reduce', ...options });
  try {
    return await work(page);
  } finally {
    await page.close();
  }
}

async function open(page: Page, site: Site, hash: string): Promise<void> {
  await openView(page, site, hash);
  await page.waitForTimeout(400);
}

/** Every view of both sites. */
const everyView = async (page: Page, work: (name: string) => Promise<void>) => {
  for (const [name, site, views] of [['digits', digits, DIGITS] as const, ['table', table, TABLE] as const]) {
    for (const view of views) {
      await open(page, site, view);
      await work(`${name} ${view}`);
    }
  }
};

const overflow = (page: Page) =>
  page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');

describe.each([
  { width: 390, height: 844, colorScheme: 'dark' as const },
  { width: 1440, height: 900, colorScheme: 'light' as const },
])('at $width px, $colorScheme', ({ colorScheme, ...viewport }) => {
  test('no view breaks a rule of axe-core, skips a level of headings or scrolls sideways', () =>
    withPage({ viewport, colorScheme }, (page) =>
      everyView(page, async (name) => {
        expect(await findViolations(page), name).toEqual([]);
        const levels = await page
          .locator('main :is(h1, h2, h3, h4):visible, main .visually-hidden:is(h1, h2)')
          .evaluateAll((all) => all.map((heading) => Number(heading.tagName[1])));
        expect(levels[0], name).toBe(1);
        for (const [i, level] of levels.entries())
          expect(level - (levels[i - 1] ?? 0), name).toBeLessThanOrEqual(1);
        expect(await overflow(page), name).toBe(0);
      }),
    ));
});

test('the page of the API breaks no rule of axe-core in either theme, and has the weights that every font has', async () => {
  const openapi = JSON.stringify({
    openapi: '3.1.0',
    info: { title: 'offmanifold', version: '1', description: 'Has `code`.' },
    servers: [{ url: '/' }],
    tags: [{ name: 'scoring' }],
    paths: {
      '/api/v1/score': {
        post: {
          tags: ['scoring'],
          summary: 'Score',
          parameters: [{ name: 'map', in: 'query', schema: { type: 'boolean' } }],
          requestBody: { content: { 'application/json': { schema: { type: 'object' } } } },
          responses: {
            200: { description: 'Scores', content: { 'application/json': { example: { score: 1 } } } },
          },
        },
      },
    },
  });
  for (const colorScheme of ['light', 'dark'] as const) {
    await withPage({ colorScheme, viewport: { width: 1280, height: 900 } }, async (page) => {
      await page.route('**/api/openapi.json', (route) =>
        route.fulfill({ contentType: 'application/json', body: openapi }),
      );
      await page.goto(`${digits.url}docs/`);
      await page.locator('.opblock').first().waitFor();
      await page.locator('.opblock-summary-control').first().click();
      await page.getByLabel('Request body').first().waitFor();
      await page.waitForTimeout(600);
      expect(await findViolations(page)).toEqual([]);
      const weights = await page
        .locator('body *')
        .evaluateAll((all) => [
          ...new Set(
            all.map((element) => element.ownerDocument.defaultView.getComputedStyle(element).fontWeight),
          ),
        ]);
      expect(weights.toSorted()).toEqual(['400', '700']);
    });
  }
});

describe('on a low or narrow screen', () => {
  test.each([
    { width: 844, height: 390 },
    { width: 720, height: 450 },
    { width: 390, height: 844 },
  ])('the map does not cover its legend at $width by $height', (viewport) =>
    withPage({ viewport }, async (page) => {
      await open(page, digits, '#map');
      const map = (await page.locator('.stage').first().boundingBox())!;
      const legend = (await page.getByRole('region', { name: 'Colours and filters' }).boundingBox())!;
      expect(legend.y).toBeGreaterThanOrEqual(map.y + map.height);
    }),
  );

  test('the panel of a point begins above the fold of a phone', () =>
    withPage({ viewport: { width: 390, height: 844 } }, async (page) => {
      await open(page, digits, '#map/0');
      const heading = page
        .getByRole('complementary', { name: 'Selected point' })
        .getByRole('heading')
        .first();
      const box = (await heading.boundingBox())!;
      expect(box.y + box.height).toBeLessThan(844);
    }));

  test('the scores of a drawing stay in their cards at 768 pixels', () =>
    withPage({ viewport: { width: 768, height: 1024 } }, async (page) => {
      await open(page, digits, '#draw');
      await page.getByRole('button', { name: 'Noise' }).click();
      const card = page.getByTestId('answer-browser');
      await card.getByText('ms').waitFor();
      for (const side of ['api', 'browser']) {
        const [inner, outer] = await page
          .getByTestId(`answer-${side}`)
          .evaluate((element) => [element.scrollWidth, element.clientWidth]);
        expect(inner).toBeLessThanOrEqual(outer!);
      }
      expect(await overflow(page)).toBe(0);
    }));
});

test('a long name of a class is cut in its tile, and its rank is not', () =>
  withPage({ viewport: { width: 390, height: 844 } }, async (page) => {
    await open(page, digits, '#anomalies');
    const name = page.locator('.gallery strong').first();
    await name.evaluate((element) => {
      element.textContent = 'Class defective, and with a long name';
    });
    const tile = page.locator('.gallery button').first();
    const [inner, outer] = await tile.evaluate((element) => [element.scrollWidth, element.clientWidth]);
    expect(inner).toBeLessThanOrEqual(outer!);
    const box = (await tile.boundingBox())!;
    const rank = (await tile.locator('.line .soft').first().boundingBox())!;
    expect(rank.x + rank.width).toBeLessThanOrEqual(box.x + box.width);
  }));

test('the tip is of the point under the pointer after the map has zoomed below it', () =>
  withPage({ viewport: { width: 1280, height: 800 } }, async (page) => {
    await open(page, digits, '#map');
    const box = (await page.getByRole('application').boundingBox())!;
    const tip = page.locator('.tip');
    let at = { x: 0, y: 0 };
    for (let i = 0; i < 400 && !(await tip.isVisible()); i++) {
      at = { x: box.x + box.width * (0.2 + 0.0015 * i), y: box.y + box.height * 0.5 };
      await page.mouse.move(at.x, at.y);
    }
    await tip.waitFor();
    // Zooms at another place, so that the point moves away from the pointer.
    for (let i = 0; i < 4; i++)
      await page.getByRole('button', { name: 'Zoom in' }).evaluate((button) => button.click());
    await page.waitForTimeout(500);
    const ring = page.locator('circle.hovered');
    for (const circle of await ring.all()) {
      const place = (await circle.boundingBox())!;
      const apart = Math.hypot(place.x + place.width / 2 - at.x, place.y + place.height / 2 - at.y);
      expect(apart).toBeLessThan(40);
    }
  }));

test('the buttons of the charts have different names', () =>
  withPage({ viewport: { width: 1280, height: 900 } }, async (page) => {
    await open(page, digits, '#report');
    const names = await page
      .getByRole('button', { name: /^Table/ })
      .evaluateAll((all) => all.map((button) => button.getAttribute('aria-label')));
    expect(names.length).toBeGreaterThan(4);
    expect(new Set(names).size).toBe(names.length);
  }));

test('no figure of the report stands alone in its row', () =>
  withPage({ viewport: { width: 1280, height: 900 } }, async (page) => {
    for (const site of [digits, table]) {
      await open(page, site, '#report');
      const tops = await page
        .locator('.figures > *')
        .evaluateAll((all) => all.map((card) => card.getBoundingClientRect().top));
      const last = tops.filter((top) => top === tops.at(-1));
      expect(last.length).toBeGreaterThan(1);
    }
  }));

test('a random row has values that occur: no negative amount', () =>
  withPage({ viewport: { width: 1280, height: 900 } }, async (page) => {
    await open(page, table, '#row');
    const income = page.getByRole('form', { name: 'Record' }).getByLabel('income', { exact: true });
    for (let i = 0; i < 12; i++) {
      const before = await income.inputValue();
      // Now and then the same value is drawn again.
      await expect
        .poll(async () => {
          await page.getByRole('button', { name: 'Random' }).click();
          return income.inputValue();
        })
        .not.toBe(before);
      expect(Number(await income.inputValue())).toBeGreaterThan(0);
    }
  }));

test('a report is printed light and whole, with the colours of its keys', () =>
  withPage({ viewport: { width: 1280, height: 900 }, colorScheme: 'dark' }, async (page) => {
    await open(page, digits, '#report');
    await page.emulateMedia({ media: 'print' });
    const card = page.locator('.chart').first();
    expect(
      await card.evaluate(
        (element) => element.ownerDocument.defaultView.getComputedStyle(element).breakInside,
      ),
    ).toBe('avoid');
    const key = page.locator('.chart .series span').first();
    expect(
      await key.evaluate(
        (element) => element.ownerDocument.defaultView.getComputedStyle(element).printColorAdjust,
      ),
    ).toBe('exact');
    expect(
      await page
        .locator('body')
        .evaluate((body) => body.ownerDocument.defaultView.getComputedStyle(body).backgroundColor),
    ).toBe('rgb(245, 246, 248)');
    expect(await page.getByRole('navigation').isVisible()).toBe(false);
  }));

test('a file that cannot be read is named, and read again on request', () =>
  withPage({}, async (page) => {
    const { manifest } = await openFolder(TEST_BUNDLE);
    let broken = true;
    await page
      .context()
      .route('**/bundle/map.parquet', async (route) =>
        broken
          ? route.fulfill({ status: 404 })
          : route.fulfill({ body: await readFile(join(TEST_BUNDLE, 'map.parquet')) }),
      );
    await page.goto(`${digits.url}#map`);
    await page.getByText('map.parquet cannot be read: HTTP 404').waitFor();
    broken = false;
    await page.getByRole('button', { name: 'Try again' }).click();
    await ready(page);
    await page.getByText(manifest.name, { exact: true }).waitFor();
  }));
