import { readFile } from 'node:fs/promises';
import type { Browser, Locator, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { CodeIndex } from '../../bundle/codes.ts';
import { openFolder } from '../../bundle/node/folder.ts';
import { parseReport, type Report } from '../../bundle/report.ts';
import type { ScoreResponse } from '../../bundle/score-response.ts';
import { Camera, extentOf, type Place } from '../../dashboard/map/camera.ts';
import { loadMnist } from '../../training/data/readers/mnist.ts';
import { Scorer } from '../../training/scorer/scorer.ts';
import { launchBrowser } from '../support/browser.ts';
import { drawSeven, ready } from '../support/dashboard.ts';
import { type MapRow, readMapRows } from '../support/map-rows.ts';
import { TEST_BUNDLE } from '../support/paths.ts';
import { startServer } from '../support/server.ts';

const WIDE = { width: 1280, height: 800 };

let server: Awaited<ReturnType<typeof startServer>>;
let browser: Browser;
let page: Page;
let report: Report;
let rows: MapRow[];
let codes: CodeIndex;
let complaints: string[] = [];

beforeAll(async () => {
  [server, browser] = await Promise.all([startServer(), launchBrowser()]);
  const bundle = await openFolder(TEST_BUNDLE);
  report = parseReport(await bundle.json('report.json'));
  rows = await readMapRows(await bundle.file('map.parquet'));
  codes = new CodeIndex(await bundle.file('codes.bin'));
  page = await newPage();
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

afterEach(() => {
  const heard = complaints;
  complaints = [];
  expect(heard).toEqual([]);
});

/** A page whose errors and warnings fail the test that is running. */
async function newPage(options: Parameters<Browser['newPage']>[0] = {}): Promise<Page> {
  const fresh = await browser.newPage({ viewport: WIDE, reducedMotion: 'reduce', ...options });
  fresh.on('pageerror', (error) => complaints.push(String(error)));
  fresh.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  return fresh;
}

async function open(hash: string, on = page): Promise<void> {
  await on.goto('about:blank');
  await on.goto(`${server.url}/${hash}`);
  await ready(on);
}

const column = (name: 'x' | 'y') => Float32Array.from(rows, (row) => row[name]);
const map = (on = page) => on.getByRole('application');

/** Where each point must be on screen when the whole map is shown, from the map's top left. */
async function screenPlaces(): Promise<Place[]> {
  const { width, height } = (await map().boundingBox())!;
  const camera = new Camera(extentOf(column('x'), column('y')));
  camera.resize(width, height, Math.min(28, 0.05 * width));
  return rows.map((row) => camera.toScreen(row));
}

/** The point with the most room around it, so that a pointer there means no other. */
function loneliest(places: Place[], box: { width: number; height: number }): number {
  const room = places.map((a, i) =>
    a.x < 280 || a.x > box.width - 80
      ? 0
      : Math.min(...places.map((b, j) => (i === j ? Infinity : Math.hypot(a.x - b.x, a.y - b.y)))),
  );
  return room.indexOf(Math.max(...room));
}

/** What is on screen of the map, without what lies over it, as RGB bytes. */
async function pixelsOf(on: Page): Promise<{ data: Buffer; width: number; ground: number[] }> {
  const style = await on.addStyleTag({
    content: '.frame svg, .frame .buttons, .legend { visibility: hidden !important }',
  });
  const image = await map(on).screenshot();
  await style.evaluate((element) => element.remove());
  const { data, info } = await sharp(image).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const corner = 3 * (info.width * 20 + 20);
  return { data, width: info.width, ground: [...data.subarray(corner, corner + 3)] };
}

/** The grey values of a 28 × 28 tile. */
const pixelsOfTile = (tile: Locator): Promise<number[]> =>
  tile.locator('canvas').evaluate((canvas) => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, 28, 28);
    return Array.from({ length: 28 * 28 }, (_, pixel) => data[4 * pixel]);
  });

/** How much closer than the whole map the map on screen is. */
const zoomOf = async (on = page) => Number(await map(on).locator('canvas').first().getAttribute('data-zoom'));

/** The path of the address: the view and the point, without how the view is set. */
const pathOf = (on = page) => new URL(on.url()).hash.split('?')[0];

/** What has the keyboard's focus: its element and text. */
const focused = (on = page) =>
  on.evaluate<string>(
    `(({ tagName, textContent }) => tagName + ' ' + textContent.replace(/\\s+/g, ' ').trim())(document.activeElement)`,
  );

/** What the elements are called by a screen reader. */
const namesOf = (elements: Locator) =>
  elements.evaluateAll((all) => all.map((element) => element.getAttribute('aria-label')));

/** Where points should be drawn on the map and nothing is. */
const placesLeftOut = async (on: Page) => {
  const { data, width, ground } = await pixelsOf(on);
  const differs = (x: number, y: number) => {
    const at = 3 * (Math.round(y) * width + Math.round(x));
    return Math.max(...ground.map((value, i) => Math.abs(data[at + i]! - value))) > 24;
  };
  const reach = Array.from({ length: 19 }, (_, i) => i - 9);
  const drawn = ({ x, y }: Place) => reach.some((dx) => reach.some((dy) => differs(x + dx, y + dy)));
  expect(differs(width / 2, 6)).toBe(false);
  return (await screenPlaces()).filter((place) => !drawn(place));
};

const headingOf = (index: number) => `H2 Digit ${rows[index]!.label} test #${rows[index]!.id}`;

const spoken = (index: number) => `Digit ${rows[index]!.label}, number ${rows[index]!.id}`;

const textOf = async (element: Locator) => (await element.textContent())?.replace(/\s+/g, ' ').trim();

const labelled = (label: string) => rows.filter((row) => row.label === label).length;

describe('the map', () => {
  test('draws every point where its row of map.parquet says, without a graphics card in memory', async () => {
    await open('#map');
    const canvas = map().locator('canvas').first();
    expect(await canvas.getAttribute('data-renderer')).toBe('Canvas');
    expect(await canvas.getAttribute('data-points')).toBe(String(rows.length));
    expect(await placesLeftOut(page)).toEqual([]);
  });

  test('shows the thumbnail, label and id of the point under the pointer', async () => {
    await open('#map');
    const box = (await map().boundingBox())!;
    const places = await screenPlaces();
    const index = loneliest(places, box);
    await page.mouse.move(box.x + places[index]!.x + 2, box.y + places[index]!.y + 2);
    const tip = page.locator('.tip');
    await tip.waitFor();
    expect(await textOf(tip)).toContain(`Digit ${rows[index]!.label} #${rows[index]!.id}`);
    const { data, features } = await testDigits();
    const { id } = rows[index]!;
    expect(await pixelsOfTile(tip)).toEqual([...data.subarray(id * features, (id + 1) * features)]);
    await page.mouse.move(box.x + 20, box.y + box.height - 20);
    await tip.waitFor({ state: 'detached' });
  });

  test('shows the input, reconstruction, errors and nearest neighbours of a clicked point', async () => {
    await open('#map');
    const box = (await map().boundingBox())!;
    const places = await screenPlaces();
    const index = loneliest(places, box);
    await page.mouse.click(box.x + places[index]!.x, box.y + places[index]!.y);
    await page.locator('.triptych[aria-busy=false]').waitFor();
    expect(pathOf()).toBe(`#map/${index}`);
    const panel = page.getByRole('complementary', { name: 'Selected point' });
    expect(await textOf(panel.getByRole('heading', { level: 2 }))).toContain(`Digit ${rows[index]!.label}`);
    const input = await pixelsOfTile(panel.getByRole('img', { name: 'Input image' }));
    const output = await pixelsOfTile(panel.getByRole('img', { name: 'Reconstruction by' }));
    const heat = await pixelsOfTile(panel.getByRole('img', { name: 'Heat map' }));
    const { data, features } = await testDigits();
    const { id, score } = rows[index]!;
    const sample = data.subarray(id * features, (id + 1) * features);
    expect(input).toEqual([...sample]);
    const scorer = await Scorer.load(await readFile(`${TEST_BUNDLE}/scorer.onnx`));
    const { reconstruction, feature_share, detectors } = await scorer.run(sample, 1, [
      'reconstruction',
      'feature_share',
      'detectors',
    ]);
    await scorer.release();
    const light = Array.from(reconstruction, (value) => Math.min(Math.max(Math.round(value), 0), 255));
    expect(Math.max(...output.map((value, i) => Math.abs(value - light[i]!)))).toBeLessThanOrEqual(1);
    const shown = feature_share.indexOf(Math.max(...feature_share));
    expect(heat[shown]).toBe(255);
    const surprise = panel.getByTestId('surprises').locator('li');
    const found = await surprise.evaluateAll((all) => all.map((li) => Number(li.dataset.surprise)));
    const wanted = Array.from(detectors).toSorted((a, b) => b - a);
    expect(found.length).toBe(wanted.length);
    for (const [i, value] of wanted.entries()) expect(found[i]! / value).toBeCloseTo(1, 2);
    expect(wanted.reduce((sum, value) => sum + value) / wanted.length / score).toBeCloseTo(1, 2);
    const nearest = codes.nearest(codes.codeOf(index), 13);
    const expected = nearest.map((found) => found.index).filter((found) => found !== index);
    const neighbours = panel.locator('.neighbours button');
    await expect.poll(() => neighbours.count()).toBe(12);
    await neighbours.first().click();
    await expect.poll(() => pathOf()).toBe(`#map/${expected[0]}`);
  });

  test('filters by class, one alone on a double click, and by a range of scores', async () => {
    await open('#map');
    const status = page.locator('.legend [role=status]').first();
    const chips = page.getByRole('list', { name: 'Active filters' }).getByRole('listitem');
    const legend = (label: string) => page.getByRole('button', { name: new RegExp(`^${label}, `) });
    await legend('3').click();
    expect(await textOf(status)).toBe(`${rows.length - labelled('3')} of ${rows.length} points`);
    expect(await legend('3').getAttribute('aria-pressed')).toBe('false');
    await legend('7').dblclick();
    expect(await textOf(status)).toBe(`${labelled('7')} of ${rows.length} points`);
    await legend('0').click({ modifiers: ['Alt'] });
    expect(await textOf(status)).toBe(`${labelled('0')} of ${rows.length} points`);
    expect(await chips.allInnerTexts()).toEqual(['Digit: only 0']);
    await page.getByRole('button', { name: 'Remove the filter Digit: only 0' }).press('Enter');
    expect(await focused()).toMatch(/^SELECT/);
    expect(await chips.count()).toBe(0);
    expect(await textOf(status)).toBe(`${rows.length} of ${rows.length} points`);
    await page.getByLabel('Colour by').selectOption('Score');
    const lowest = page.getByRole('slider', { name: 'Lowest score shown' });
    await lowest.fill('100');
    const scores = rows.map((row) => row.score);
    const low = scores.toSorted((a, b) => a - b)[Math.round(0.02 * (scores.length - 1))]!;
    const middle = Math.sqrt(low * Math.max(...scores));
    const above = scores.filter((score) => score >= middle * (1 - 1e-4)).length;
    expect(await textOf(status)).toBe(`${above} of ${rows.length} points`);
    await page.getByLabel('Colour by').selectOption('Digit');
    await legend('3').click();
    expect((await chips.allInnerTexts())[0]).toBe('Digit: without 3');
    await page.getByRole('button', { name: 'Clear all' }).click();
    expect(await textOf(status)).toBe(`${rows.length} of ${rows.length} points`);
  });

  test('is told whole by its address, and Back undoes each step', async () => {
    await open('#map');
    const status = page.locator('.legend [role=status]').first();
    const all = `${rows.length} of ${rows.length} points`;
    const without = `${rows.length - labelled('3')} of ${rows.length} points`;
    await map().focus();
    await page.keyboard.press('+');
    await expect.poll(() => new URL(page.url()).hash).toContain('at=');
    await page.getByRole('button', { name: /^3, / }).click();
    await page.getByLabel('Colour by').selectOption('Score');
    const lowest = page.getByRole('slider', { name: 'Lowest score shown' });
    for (const step of ['2', '4', '6']) await lowest.fill(step);
    await page.locator('.top-five button').first().click();
    await expect.poll(() => zoomOf()).toBe(3);
    await expect.poll(() => page.url()).toContain(',3&');
    const [address, seen] = [page.url(), await textOf(status)];
    const link = await newPage();
    await open(new URL(address).hash, link);
    await expect.poll(() => zoomOf(link)).toBe(3);
    expect(await link.getByLabel('Colour by').inputValue()).toBe('score');
    expect(await textOf(link.locator('.legend [role=status]').first())).toBe(seen);
    expect(await link.locator('.point h2').innerText()).toContain(`Digit ${rows[report.ranking[0]!]!.label}`);
    for (const name of ['cx', 'cy']) {
      const [there, here] = await Promise.all(
        [link, page].map(async (on) => Number(await map(on).locator('.selected').getAttribute(name))),
      );
      expect(there).toBeCloseTo(here!, 0);
    }
    await link.close();
    await page.goBack();
    expect(pathOf()).toBe('#map');
    expect(await textOf(status)).toBe(seen);
    await page.goBack();
    expect(await textOf(status)).toBe(without);
    await page.goBack();
    expect(await page.getByLabel('Colour by').inputValue()).toBe('class');
    await page.goBack();
    expect(await textOf(status)).toBe(all);
    await page.goForward();
    expect(await textOf(status)).toBe(without);
  });

  test('says what of a link it cannot show', async () => {
    const alert = page.getByRole('alert');
    await open('#map/999999');
    expect(await textOf(alert)).toContain(`There is no point 999,999: this map has ${rows.length} points`);
    await alert.getByRole('button', { name: 'Dismiss' }).click();
    expect(await alert.count()).toBe(0);
    await open('#map?at=here');
    expect(await textOf(alert)).toContain('cannot be read: at=here');
    await open('#map?colour=height');
    expect(await textOf(alert)).toContain('“height”, which is not a column of this map');
  });

  test('is moved, zoomed and selected from by keyboard', async () => {
    await open('#map');
    await map().focus();
    await page.keyboard.press('+');
    await page.keyboard.press('+');
    await expect.poll(() => zoomOf()).toBeCloseTo(2.25, 2);
    const before = await pixelsOf(page);
    await page.keyboard.press('ArrowRight');
    await expect.poll(async () => (await pixelsOf(page)).data.equals(before.data)).toBe(false);
    await page.keyboard.press('0');
    await expect.poll(() => zoomOf()).toBe(1);
    const index = loneliest(await screenPlaces(), (await map().boundingBox())!);
    await open(`#map/${index}`);
    await page.getByRole('button', { name: 'Zoom to' }).press('Enter');
    await expect.poll(() => zoomOf()).toBe(3);
    await map().focus();
    await page.keyboard.press('Escape');
    await expect.poll(() => pathOf()).toBe('#map');
    await page.keyboard.press('Enter');
    await expect.poll(() => pathOf()).toBe(`#map/${index}`);
    await expect.poll(() => focused()).toBe(headingOf(index));
  });

  test('keeps the focus of the keyboard while points are selected by buttons, and names each one', async () => {
    await open('#map');
    const onMap = () => map().evaluate((element) => element === element.ownerDocument.activeElement);
    const topFive = page.locator('.top-five button');
    expect(await namesOf(topFive)).toEqual(
      report.ranking.slice(0, 5).map((index, i) => `${spoken(index)}, rank ${i + 1}`),
    );
    const first = report.ranking[0]!;
    await topFive.first().press('Enter');
    await expect.poll(() => focused()).toBe(headingOf(first));
    const nearest = codes
      .nearest(codes.codeOf(first), 13)
      .map(({ index }) => index)
      .filter((index) => index !== first);
    const neighbours = page.locator('.neighbours button');
    await expect
      .poll(() => namesOf(neighbours))
      .toEqual(nearest.map((index, i) => `${spoken(index)}, neighbour ${i + 1} of 12`));
    await neighbours.first().press('Enter');
    await expect.poll(() => focused()).toBe(headingOf(nearest[0]!));
    await page.keyboard.press('Escape');
    await expect.poll(() => pathOf()).toBe('#map');
    await expect.poll(onMap).toBe(true);
    await topFive.first().press('Enter');
    await page.getByRole('button', { name: 'Close' }).press('Enter');
    await expect.poll(onMap).toBe(true);
  });

  test('is zoomed by the wheel alone', async () => {
    await open('#map');
    const box = (await map().boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.wheel(0, -300);
    await expect.poll(() => zoomOf()).toBeGreaterThan(1);
  });

  test('is drawn by WebGL2 on a graphics card, and comes back when the card lets go of it', async () => {
    const fast = await newPage();
    // The card of these tests is software under another name.
    await fast.addInitScript(
      `const get = WebGL2RenderingContext.prototype.getExtension;
       WebGL2RenderingContext.prototype.getExtension = function (name) {
         return name === 'WEBGL_debug_renderer_info' ? null : get.call(this, name);
       }`,
    );
    await open('#map', fast);
    expect(await map(fast).locator('canvas').first().getAttribute('data-renderer')).toBe('WebGL2');
    expect(await placesLeftOut(fast)).toEqual([]);
    const before = await pixelsOf(fast);
    await fast.evaluate(
      `globalThis.card = document.querySelector('[role=application] canvas').getContext('webgl2').getExtension('WEBGL_lose_context');
       globalThis.card.loseContext()`,
    );
    await fast.getByText('dropped the map').waitFor();
    await fast.evaluate('globalThis.card.restoreContext()');
    await fast.getByText('dropped the map').waitFor({ state: 'detached' });
    await expect.poll(async () => (await pixelsOf(fast)).data.equals(before.data)).toBe(true);
    await fast.close();
  });
});

describe('the anomalies', () => {
  test('are ranked as in report.json, and flagged by their p-values', async () => {
    await open('#anomalies');
    const tiles = page.locator('.gallery button');
    const first = report.ranking[0]!;
    expect(await tiles.count()).toBe(Math.min(120, rows.length));
    expect(await textOf(tiles.first())).toContain(`Digit ${rows[first]!.label}`);
    const flagged = page.getByTestId('flagged');
    const below = (level: number) => rows.filter((row) => row.p_value <= level + 1e-9).length;
    expect(await textOf(flagged)).toBe(`${below(0.01)} of ${rows.length}`);
    await page.getByRole('slider', { name: 'Significance' }).fill('1');
    expect(await textOf(flagged)).toBe(`${below(0.5)} of ${rows.length}`);
    await tiles.first().click();
    expect(pathOf()).toBe(`#map/${first}`);
    await page.getByRole('complementary', { name: 'Selected point' }).getByText('1 of').waitFor();
  });

  test('come by pages, and the focus goes to the first tile of the next', async () => {
    await open('#anomalies');
    const more = page.getByRole('button', { name: 'Show more' });
    for (let shown = 120; shown < rows.length; shown += 120) {
      await more.press('Enter');
      await expect
        .poll(() => focused())
        .toMatch(`BUTTON Digit ${rows[report.ranking[shown]!]!.label}${shown + 1}`);
    }
    expect(await more.count()).toBe(0);
  });

  for (const [hash, button] of [
    ['#anomalies', '.gallery button'],
    ['#draw', '.where .neighbours button'],
  ] as const) {
    test(`open on a map that ${hash} was loaded before, zoomed to the point, with the focus on its panel`, async () => {
      await open(hash);
      if (hash === '#draw') await page.getByRole('button', { name: 'Test digit' }).click();
      await page.locator(button).first().press('Enter');
      const index = Number(pathOf()!.split('/')[1]);
      await expect.poll(() => zoomOf()).toBe(3);
      const selected = map().locator('.selected');
      const { width, height } = (await map().boundingBox())!;
      expect(Number(await selected.getAttribute('cx'))).toBeCloseTo(width / 2, 0);
      expect(Number(await selected.getAttribute('cy'))).toBeCloseTo(height / 2, 0);
      expect(await focused()).toBe(headingOf(index));
    });
  }
});

describe('the report', () => {
  test('shows the numbers of report.json, as charts and as tables', async () => {
    await open('#report');
    await page.getByRole('heading', { name: 'Report' }).waitFor();
    expect(await page.locator('section.chart svg[role=img]').count()).toBe(8);
    const figure = (key: string) => textOf(page.locator(`[data-figure="${key}"] .value`));
    expect(await figure('test_mse')).toBe(report.reconstruction.test_mse.toPrecision(3));
    for (const { name, auroc } of report.detection.outliers) {
      expect(Number(await figure(`auroc_${name}`))).toBeCloseTo(auroc, 3);
    }
    const table = async (title: string) => {
      const card = page.locator('section.chart').filter({ has: page.getByRole('heading', { name: title }) });
      await card.getByRole('button', { name: 'Table' }).click();
      const text = await card.locator('tbody tr').allInnerTexts();
      return text.map((line) => line.split(/\s+/).filter(Boolean).map(Number));
    };
    const six = (values: number[]) => values.map((value) => Number(value.toPrecision(6)));
    expect(await table('Reconstruction error by digit')).toEqual(
      report.reconstruction.per_class.map((row) =>
        six([Number(row.label), row.count, row.autoencoder_mse, row.pca_mse]),
      ),
    );
    expect(await table('Training loss')).toEqual(
      report.training.train_loss.map((loss, i) =>
        six([i + 1, loss, report.training.validation_loss[i]!, report.training.learning_rate[i]!]),
      ),
    );
    expect(await table('Calibration of the p‑value')).toEqual(
      report.detection.calibration.map((row) => six([row.significance, row.threshold, row.flagged])),
    );
    expect(await table('Convergence of the map')).toEqual(
      report.map.kl_divergence.map((row) => six([row.iteration, row.value])),
    );
    const detectors = page.locator('section.chart').filter({
      has: page.getByRole('heading', { name: 'Detectors', exact: true }),
    });
    await detectors.getByRole('button', { name: 'Table' }).click();
    const cells = (await detectors.locator('tbody tr').allInnerTexts()).map((row) =>
      row.split('\t').slice(1),
    );
    const { outliers } = report.detection;
    const aurocs = outliers[0]!.detectors.map((_, i) => outliers.map((kind) => kind.detectors[i]!.auroc));
    expect(cells.map((row) => row.map(Number))).toEqual(
      [...aurocs, outliers.map(({ auroc }) => auroc)].map(six),
    );
    const scores = page.locator('section.chart').filter({ hasText: 'Scores of digits and of outliers' });
    for (const { name, description } of report.detection.outliers) {
      await scores.getByRole('button', { name, exact: true }).click();
      expect(await scores.locator('svg[role=img]').first().getAttribute('aria-label')).toContain(description);
    }
  });
});

test('pages come with headers that keep scripts of others out, and what only the Worker needs is not served', async () => {
  const response = await fetch(server.url);
  expect(response.headers.get('Content-Security-Policy')).toMatch(
    /script-src 'self' 'wasm-unsafe-eval';.*frame-ancestors 'none'/,
  );
  expect(response.headers.get('X-Content-Type-Options')).toBe('nosniff');
  const script = /assets\/[\w.-]+\.js/.exec(await response.text())![0];
  const asset = await fetch(new URL(script, server.url));
  expect(asset.headers.get('Cache-Control')).toContain('immutable');
  expect((await fetch(new URL('/deployment.js', server.url))).status).toBe(404);
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
    await open('#draw');
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
    await open('#draw');
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
      await open(hash, phone);
      await phone.waitForTimeout(150);
      expect(await phone.evaluate('document.documentElement.scrollWidth'), hash).toBe(360);
    }
    await phone.close();
  });

  test('has one heading of the first level', async () => {
    for (const hash of ['#map', '#anomalies', '#report', '#draw']) {
      await open(hash);
      await page.getByRole('heading', { level: 1 }).waitFor();
      expect(await page.getByRole('heading', { level: 1 }).count(), hash).toBe(1);
    }
  });

  test('leads to the description of the API', async () => {
    await open('#map');
    await page.getByRole('link', { name: /^API/ }).click();
    await page.getByText('/api/v1/score').first().waitFor();
  });
});

async function testDigits(): Promise<{ data: Uint8Array; features: number }> {
  const { data, height, width } = await loadMnist('test');
  return { data, features: height * width };
}
