import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { openFolder } from '../../bundle/node/folder.ts';
import { Camera, extentOf, type Place } from '../../dashboard/map/camera.ts';
import { loadMnist } from '../../training/data/readers/mnist.ts';
import { Scorer } from '../../training/scorer/scorer.ts';
import {
  codes,
  focused,
  headingOf,
  map,
  namesOf,
  newPage,
  open,
  page,
  pathOf,
  pixelsOfTile,
  report,
  rows,
  textOf,
  useDigits,
  visit,
  zoomOf,
} from '../support/digits-page.ts';
import { TEST_BUNDLE } from '../support/paths.ts';

useDigits();

const column = (name: 'x' | 'y') => Float32Array.from(rows, (row) => row[name]);

/** Where each point must be on screen when the whole map is shown, from the map's top left. */
async function screenPlaces(on = page): Promise<Place[]> {
  const { width, height } = (await map(on).boundingBox())!;
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
    content: '.frame svg, .frame .buttons, .replay, .legend { visibility: hidden !important }',
  });
  const image = await map(on).screenshot();
  await style.evaluate((element) => element.remove());
  const { data, info } = await sharp(image).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const corner = 3 * (info.width * 20 + 20);
  return { data, width: info.width, ground: [...data.subarray(corner, corner + 3)] };
}

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
  return (await screenPlaces(on)).filter((place) => !drawn(place));
};

const spoken = (index: number) => `Digit ${rows[index]!.label}, number ${rows[index]!.id}`;

const labelled = (label: string) => rows.filter((row) => row.label === label).length;

describe('the map', () => {
  test('draws every point where its row of map.parquet says, without a graphics card in memory', async () => {
    await open('#map');
    const canvas = map().locator('canvas').first();
    expect(await canvas.getAttribute('data-renderer')).toBe('Canvas');
    expect(await canvas.getAttribute('data-points')).toBe(String(rows.length));
    expect(await placesLeftOut(page)).toEqual([]);
  });

  test('is replayed frame by frame, and ends as it was', async () => {
    await open('#map');
    const { manifest } = await openFolder(TEST_BUNDLE);
    const { frames, iterations } = manifest.map;
    const drawn = () =>
      map()
        .locator('canvas')
        .first()
        .evaluate((canvas) => canvas.toDataURL());
    await expect.poll(() => placesLeftOut(page)).toEqual([]);
    const before = await drawn();
    const fetched: string[] = [];
    page.on('request', (request) => fetched.push(request.url()));
    await page.getByRole('button', { name: 'Replay' }).click();
    const slider = page.getByRole('slider', { name: 'Frame' });
    // Who wants less motion starts it: until then, the first frame is shown.
    const name = (iteration: number) =>
      `${iteration.toLocaleString('en')} of ${iterations.toLocaleString('en')}`;
    const at = (iteration: number) => `[aria-valuetext="Iteration ${name(iteration)}"]`;
    await slider.and(page.locator(at(0))).waitFor();
    expect(fetched.filter((url) => url.endsWith('map-frames.bin'))).toHaveLength(1);
    // The button to play has the focus.
    expect(await focused()).toBe('BUTTON ');
    expect((await drawn()) === before).toBe(false);
    await slider.press('ArrowRight');
    await slider.and(page.locator(at(Math.ceil(iterations / frames!)))).waitFor();
    await slider.press('End');
    await slider.and(page.locator(at(iterations))).waitFor();
    await expect.poll(async () => (await drawn()) === before).toBe(true);
    await slider.press('Home');
    await slider.press('Escape');
    await expect.poll(() => focused()).toBe('BUTTON Replay');
    await expect.poll(async () => (await drawn()) === before).toBe(true);
  });

  test('shows the thumbnail, label and id of the point under the pointer', async () => {
    await visit('#map');
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
    await visit('#map');
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
    await visit('#map');
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
    await visit('#map');
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
    await visit('#map?at=here');
    expect(await textOf(alert)).toContain('cannot be read: at=here');
    await visit('#map?colour=height');
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
    await visit(`#map/${index}`);
    await page.getByRole('button', { name: 'Zoom to' }).press('Enter');
    await expect.poll(() => zoomOf()).toBe(3);
    const { width, height } = (await map().boundingBox())!;
    const ring = map().locator('.selected');
    expect(Number(await ring.getAttribute('cx'))).toBeCloseTo(width / 2, 0);
    expect(Number(await ring.getAttribute('cy'))).toBeCloseTo(height / 2, 0);
    await map().focus();
    await page.keyboard.press('Escape');
    await expect.poll(() => pathOf()).toBe('#map');
    await page.keyboard.press('Enter');
    await expect.poll(() => pathOf()).toBe(`#map/${index}`);
    await expect.poll(() => focused()).toBe(headingOf(index));
  });

  test('keeps the focus of the keyboard while points are selected by buttons, and names each one', async () => {
    await visit('#map');
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

  test('is rid of a search by Escape, on its panel or on the map, which then has the focus', async () => {
    const panel = page.getByRole('complementary', { name: 'Points found' });
    const hash = () => new URL(page.url()).hash;
    const onMap = () => map().evaluate((element) => element === element.ownerDocument.activeElement);
    for (const leave of [
      () =>
        panel
          .getByRole('button', { name: /^Digit 7/ })
          .first()
          .press('Escape'),
      () => panel.getByRole('button', { name: 'Clear the search' }).press('Enter'),
      () => map().press('Escape'),
    ]) {
      await visit('#map?find=7');
      await panel.getByRole('heading', { name: /found$/ }).waitFor();
      await leave();
      await expect.poll(hash).toBe('#map');
      await expect.poll(onMap).toBe(true);
      await panel.waitFor({ state: 'detached' });
    }
  });

  test('shows what a link says, also if the link is followed while the map moves', async () => {
    await visit('#map');
    await page.evaluate(`new Promise((done) => {
      const map = document.querySelector('[role=application]');
      map.dispatchEvent(new WheelEvent('wheel', { deltaY: -600, bubbles: true, cancelable: true }));
      const wait = () => {
        if (map.querySelector('canvas').dataset.zoom === '1.000') return requestAnimationFrame(wait);
        location.hash = '#map?find=7';
        done();
      };
      wait();
    })`);
    await page.getByRole('complementary', { name: 'Points found' }).waitFor();
    await expect.poll(() => zoomOf()).toBe(1);
    expect(new URL(page.url()).hash).toBe('#map?find=7');
  });

  test('is zoomed by the wheel alone', async () => {
    await visit('#map');
    const box = (await map().boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.wheel(0, -300);
    await expect.poll(() => zoomOf()).toBeGreaterThan(1);
  });

  test('is drawn by WebGL2 on a graphics card, and comes back when the card lets go of it', async () => {
    // Without a graphics card, each pixel costs.
    const fast = await newPage({ viewport: { width: 960, height: 600 } });
    await fast.addInitScript(
      `const { set } = Object.getOwnPropertyDescriptor(Worker.prototype, 'onmessage');
       Object.defineProperty(Worker.prototype, 'onmessage', { set(listener) {
         set.call(this, (event) => {
           if (event.data.result?.points) event.data.result.graphicsCard = true;
           listener(event);
         });
       } })`,
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

async function testDigits(): Promise<{ data: Uint8Array; features: number }> {
  const { data, height, width } = await loadMnist('test');
  return { data, features: height * width };
}
