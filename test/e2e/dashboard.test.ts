import type { Locator } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import type { ScoreResponse } from '../../bundle/score-response.ts';
import type { Place } from '../../dashboard/map/camera.ts';
import { drawSeven, ready } from '../support/dashboard.ts';
import {
  codes,
  focused,
  map,
  namesOf,
  newPage,
  open,
  page,
  pixelsOfTile,
  site,
  textOf,
  useDigits,
  visit,
  zoomOf,
} from '../support/digits-page.ts';
import { startServer } from '../support/server.ts';

useDigits(startServer);

test('pages come with headers that keep scripts of others out, and what only the Worker needs is not served', async () => {
  const response = await fetch(site.url);
  expect(response.headers.get('Content-Security-Policy')).toMatch(
    /script-src 'self' 'wasm-unsafe-eval';.*frame-ancestors 'none'/,
  );
  expect(response.headers.get('X-Content-Type-Options')).toBe('nosniff');
  const script = /assets\/[\w.-]+\.js/.exec(await response.text())![0];
  const asset = await fetch(new URL(script, site.url));
  expect(asset.headers.get('Cache-Control')).toContain('immutable');
  expect((await fetch(new URL('/deployment.js', site.url))).status).toBe(404);
});

describe('the pad', () => {
  test('gives a drawing the same score by the API and in the browser, and a place on the map', async () => {
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await open('#draw');
    await drawSeven(page);
    await page.getByTestId('agreement').getByText('Both agree').waitFor();
    const number = async (id: string, name: string) =>
      Number(await page.getByTestId(id).getAttribute(`data-${name}`));
    const [api, local] = [await number('answer-api', 'score'), await number('answer-browser', 'score')];
    expect(api).toBeGreaterThan(0);
    expect(Math.abs(api - local) / api).toBeLessThan(1e-4);
    expect(await number('answer-api', 'p-value')).toBe(await number('answer-browser', 'p-value'));
    const runtimes = () => asked.filter((url) => /\/ort[^/]*$/.test(url));
    expect(runtimes()).toEqual([]);
    await page.getByRole('button', { name: /^Ask onnxruntime-web, too/ }).click();
    await page
      .getByTestId('second-opinion')
      .getByText(/^onnxruntime-web [\d.]+ agrees: /)
      .waitFor();
    expect(runtimes().length).toBeGreaterThan(0);
    await page.locator('.marker').waitFor();
    expect(await page.locator('.where .neighbours button').count()).toBe(codes.neighbours);
    const seen = await pixelsOfTile(page.getByRole('img', { name: 'What the model sees' }));
    const ink = seen.flatMap((value, i) => (value > 0 ? [i] : []));
    const tall = ink.map((i) => Math.floor(i / 28));
    expect(Math.max(...tall) - Math.min(...tall) + 1).toBe(20);
    const mass = seen.reduce((sum, value) => sum + value, 0);
    const middle = seen.reduce((sum, value, i) => sum + value * (Math.floor(i / 28) + 0.5), 0) / mass;
    expect(Math.abs(middle - 14)).toBeLessThanOrEqual(0.5);
  });

  test('finds noise and inverted digits anomalous, loaded without drawing', async () => {
    await visit('#draw');
    const verdict = (id: string) => page.getByTestId(id).locator('.verdict');
    const load = (name: string) => page.getByRole('button', { name }).press('Enter');
    const bothAnomalous = async () => {
      for (const id of ['answer-api', 'answer-browser']) {
        await expect.poll(() => textOf(verdict(id)), { timeout: 15_000 }).toBe('Anomalous');
      }
    };
    await load('Test digit');
    await verdict('answer-api').waitFor();
    await load('Invert');
    await bothAnomalous();
    await load('Clear');
    expect(await focused()).toBe('BUTTON Clear');
    await verdict('answer-browser').waitFor({ state: 'detached' });
    await load('Noise');
    await bothAnomalous();
  });

  const api = () => page.getByTestId('answer-api');
  const local = () => page.getByTestId('answer-browser');
  const stateOf = (answer: Locator) =>
    answer.evaluate((element) => ['aria-busy', 'data-score'].map((name) => element.getAttribute(name)));

  /** Keeps the API from answering until `release`, which may change the answer's first result. */
  async function holdApi() {
    const address = /\/api\/v1\/score/;
    const held = { calls: 0, release: (_change?: object) => {} };
    const gate = new Promise<object | undefined>((resolve) => {
      held.release = resolve;
    });
    await page.route(address, async (route) => {
      held.calls++;
      const response = await route.fetch();
      const change = await gate;
      const json = (await response.json()) as ScoreResponse;
      Object.assign(json.results[0]!, change);
      await route.fulfill({ response, json });
    });
    return { held, stop: () => page.unroute(address) };
  }

  test('shows nothing that was said of an earlier image, and compares only answers to one image', async () => {
    await open('#draw');
    await page.getByRole('button', { name: 'Test digit' }).click();
    const agreement = page.getByTestId('agreement');
    const said = page.getByTestId('said');
    await agreement.getByText('Both agree').waitFor();
    expect((await stateOf(api()))[0]).toBe('false');
    const { held, stop } = await holdApi();
    const atOnce = await page.evaluate(`(async () => {
      for (const button of document.querySelectorAll('.samples button'))
        if (button.textContent === 'Noise') button.click();
      await new Promise((resolve) => setTimeout(resolve));
      return [
        ...Array.from(document.querySelectorAll('.answer'), ({ dataset, ariaBusy }) => [dataset.score ?? null, ariaBusy]),
        document.querySelector('.answers .triptych').ariaBusy,
        document.querySelectorAll('.pixel, .marker, .where .neighbours button').length,
      ];
    })()`);
    expect(atOnce).toEqual([[null, 'true'], [null, 'true'], 'true', 0]);
    await local().locator('.verdict').waitFor();
    expect((await stateOf(local()))[0]).toBe('false');
    expect(await stateOf(api())).toEqual(['true', null]);
    expect(await textOf(agreement)).toBe('');
    expect(await textOf(said)).toBe('');
    held.release();
    await agreement.getByText('Both agree').waitFor();
    expect((await stateOf(api()))[0]).toBe('false');
    expect(await textOf(said)).toMatch(
      /^API: anomalous, p-value 0\.00\d+\. Browser: anomalous, p-value 0\.00\d+\.$/,
    );
    expect(await page.locator('.answers[aria-live], .answers [aria-live]').count()).toBe(0);
    expect(await page.locator('.answers [role=status]').count()).toBe(1);
    await stop();
  });

  test('judges the answer of the API at the significance of the moment, without asking again', async () => {
    await open('#draw');
    const { held, stop } = await holdApi();
    await page.getByRole('button', { name: 'Test digit' }).click();
    await local().locator('.verdict').waitFor();
    const slider = page.getByRole('slider', { name: 'Significance' });
    await slider.fill('1');
    held.release({ p_value: 0.2, anomalous: false });
    await api().locator('.verdict').waitFor();
    expect(await textOf(api().locator('.verdict'))).toBe('Anomalous');
    await slider.fill('0.5');
    expect(await textOf(api().locator('.verdict'))).toBe('Normal');
    await page.waitForTimeout(400);
    expect(held.calls).toBe(1);
    await stop();
  });

  test('names its neighbours by rank and distance', async () => {
    await visit('#draw');
    await page.getByRole('button', { name: 'Clear' }).click();
    await drawSeven(page);
    const neighbours = page.locator('.where .neighbours button');
    await neighbours.first().waitFor();
    const names = await namesOf(neighbours);
    const wanted = /^Digit \d, number \d+, neighbour (\d+) of \d+, distance [\d.]+$/;
    expect(names.map((name) => wanted.exec(name)?.[1])).toEqual(names.map((_, i) => String(i + 1)));
  });

  test('leaves the wheel to the page, and zooms its map by Ctrl and the wheel', async () => {
    const low = await newPage({ viewport: { width: 1280, height: 420 } });
    await open('#draw', low);
    const box = (await map(low).boundingBox())!;
    const scrolled = () => low.evaluate<number>('scrollY');
    await low.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await low.mouse.wheel(0, 120);
    await expect.poll(scrolled).toBe(120);
    await low.getByText('Hold Ctrl and scroll to zoom the map').waitFor();
    expect(await zoomOf(low)).toBe(1);
    await low.keyboard.down('Control');
    await low.mouse.wheel(0, -120);
    await low.keyboard.up('Control');
    await expect.poll(() => zoomOf(low)).toBeGreaterThan(1);
    expect(await scrolled()).toBe(120);
    await low.close();
  });

  test('leaves one finger to the page, and zooms its map by two', async () => {
    const phone = await newPage({ viewport: { width: 390, height: 700 }, hasTouch: true, isMobile: true });
    await open('#draw', phone);
    await map(phone).scrollIntoViewIfNeeded();
    const scrolled = () => phone.evaluate<number>('scrollY');
    const before = await scrolled();
    const box = (await map(phone).boundingBox())!;
    const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    const cdp = await phone.context().newCDPSession(phone);
    const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', touchPoints: Place[]) =>
      cdp.send('Input.dispatchTouchEvent', { type, touchPoints });
    const drawn = () => phone.locator('.class-label').first().getAttribute('x');
    const place = await drawn();
    await touch('touchStart', [middle]);
    for (let dy = 10; dy <= 100; dy += 10) await touch('touchMove', [{ x: middle.x, y: middle.y + dy }]);
    await touch('touchEnd', []);
    await phone.getByText('Use two fingers to move the map').waitFor();
    await expect.poll(scrolled).toBeLessThan(before - 50);
    expect([await zoomOf(phone), await drawn()]).toEqual([1, place]);
    await map(phone).scrollIntoViewIfNeeded();
    const still = await scrolled();
    const now = (await map(phone).boundingBox())!;
    const apart = (by: number) =>
      [-by, by].map((dx) => ({ x: now.x + now.width / 2 + dx, y: now.y + now.height / 2 }));
    await touch('touchStart', apart(20));
    for (let by = 30; by <= 80; by += 10) await touch('touchMove', apart(by));
    await touch('touchEnd', []);
    await expect.poll(() => zoomOf(phone)).toBeGreaterThan(2);
    // The end of the scrolling before may still move it by a pixel.
    expect(Math.abs((await scrolled()) - still)).toBeLessThanOrEqual(2);
    await phone.close();
  });
});

describe('every view', () => {
  test('follows the system between light and dark, and remembers a choice', async () => {
    const themed = await newPage({ colorScheme: 'dark' });
    await open('#map', themed);
    const ground = () => themed.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    const dark = await ground();
    await themed.emulateMedia({ colorScheme: 'light' });
    const light = await ground();
    expect(light).not.toBe(dark);
    await themed.getByRole('button', { name: 'Use the dark theme' }).click();
    expect(await ground()).toBe(dark);
    await themed.reload();
    await ready(themed);
    expect(await ground()).toBe(dark);
    await themed.close();
  });

  test('fits a phone of 360 pixels without scrolling sideways', async () => {
    const phone = await newPage({ viewport: { width: 360, height: 740 } });
    for (const hash of ['#map/3', '#anomalies', '#report', '#draw']) {
      await visit(hash, phone);
      await phone.waitForTimeout(150);
      expect(await phone.evaluate('document.documentElement.scrollWidth'), hash).toBe(360);
    }
    await phone.close();
  });

  test('shows every tab whole on a tablet', async () => {
    const tablet = await newPage({ viewport: { width: 768, height: 900 } });
    await visit('#map', tablet);
    const room =
      'const nav = document.querySelector("header nav"); [nav.scrollWidth - nav.clientWidth, nav.children.length]';
    expect(await tablet.evaluate(room)).toEqual([0, 6]);
    await tablet.close();
  });

  test('has one heading of the first level', async () => {
    for (const hash of ['#map', '#anomalies', '#report', '#draw']) {
      await visit(hash);
      await page.getByRole('heading', { level: 1 }).waitFor();
      expect(await page.getByRole('heading', { level: 1 }).count(), hash).toBe(1);
    }
  });

  test('leads to the description of the API', async () => {
    await visit('#map');
    await page.getByRole('link', { name: /^API/ }).click();
    await page.getByText('/api/v1/score').first().waitFor();
  });
});
