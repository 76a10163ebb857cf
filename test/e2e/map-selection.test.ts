import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { openFolder } from '../../bundle/node/folder.ts';
import { Camera, extentOf } from '../../dashboard/map/camera.ts';
import { mapFile } from '../../training/commands/map-file.ts';
import { launchBrowser } from '../support/browser.ts';
import { openView, type Site, serveDashboard, visitView } from '../support/dashboard.ts';
import { type MapRow, readMapRows } from '../support/map-rows.ts';
import { TEST_BUNDLE } from '../support/paths.ts';

let site: Site;
let browser: Browser;
let page: Page;
let rows: MapRow[];

beforeAll(async () => {
  [site, browser] = await Promise.all([serveDashboard(TEST_BUNDLE), launchBrowser()]);
  rows = await readMapRows(await (await openFolder(TEST_BUNDLE)).file('map.parquet'));
  page = await browser.newPage({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' });
});

afterAll(async () => {
  await browser?.close();
  await site?.stop();
});

const open = (hash: string) => openView(page, site, hash);
const visit = (hash: string) => visitView(page, site, hash);

const map = () => page.getByRole('application');
const panel = () => page.getByRole('complementary', { name: 'Selected points' });
const selectedCount = async () =>
  Number((await panel().getByRole('heading').first().innerText()).split(' ')[0]);

async function dragOnMap(places: [x: number, y: number][]): Promise<void> {
  const box = (await map().boundingBox())!;
  const [first, ...rest] = places.map(([x, y]) => [box.x + x, box.y + y] as const);
  await page.mouse.move(...first!);
  await page.mouse.down();
  for (const place of rest) await page.mouse.move(...place, { steps: 4 });
  await page.mouse.up();
}

/** How many points are on screen between two places, when the whole map is shown. */
async function countBetween(
  [left, top]: [number, number],
  [right, bottom]: [number, number],
): Promise<number> {
  const { width, height } = (await map().boundingBox())!;
  const column = (name: 'x' | 'y') => Float32Array.from(rows, (row) => row[name]);
  const camera = new Camera(extentOf(column('x'), column('y')));
  camera.resize(width, height, Math.min(28, 0.05 * width));
  const places = rows.map((row) => camera.toScreen(row));
  return places.filter(({ x, y }) => x > left && x < right && y > top && y < bottom).length;
}

test('a box holds what is inside it, is in the address, and Back takes it away', async () => {
  await open('#map');
  await page.getByRole('button', { name: 'Box' }).click();
  await dragOnMap([
    [300, 200],
    [620, 480],
  ]);
  const expected = await countBetween([300, 200], [620, 480]);
  expect(expected).toBeGreaterThan(10);
  expect(await selectedCount()).toBe(expected);
  await panel().getByRole('img', { name: 'Mean picture of the selection' }).waitFor();
  // This browser has no graphics card, where density lines would hold up every frame.
  expect(await page.locator('.map svg g path').count()).toBe(0);
  const address = new URL(page.url()).hash;
  await page.goBack();
  expect(await panel().count()).toBe(0);
  await open(address);
  expect(await selectedCount()).toBe(expected);
  await map().focus();
  await page.keyboard.press('Escape');
  expect(await panel().count()).toBe(0);
});

test('a lasso holds what it goes around, and the Shift key draws a box with any tool', async () => {
  await visit('#map');
  const { width, height } = (await map().boundingBox())!;
  await page.getByRole('button', { name: 'Lasso' }).click();
  await dragOnMap([
    [5, 60],
    [width / 2, 60],
    [width / 2, height - 5],
    [5, height - 5],
  ]);
  expect(await selectedCount()).toBe(await countBetween([5, 60], [width / 2, height - 5]));
  await page.getByRole('button', { name: 'Move' }).click();
  await page.keyboard.down('Shift');
  await dragOnMap([
    [300, 200],
    [620, 480],
  ]);
  await page.keyboard.up('Shift');
  expect(await selectedCount()).toBe(await countBetween([300, 200], [620, 480]));
});

test('by keyboard: what the filters show, and what is visible', async () => {
  await visit('#map');
  const sevens = rows.filter(({ label }) => label === '7').length;
  await page.getByRole('button', { name: /^7, / }).dblclick();
  await page.getByRole('button', { name: 'Select all shown' }).press('Enter');
  expect(await selectedCount()).toBe(sevens);
  expect(await page.evaluate('document.activeElement.textContent')).toContain(`${sevens} selected`);
  const apart = panel().getByRole('row').filter({ hasText: 'Digit: 7' });
  expect(await apart.innerText()).toContain('100%');
  await page.getByRole('button', { name: 'Remove the filter Digit: only 7' }).click();
  await page.getByRole('button', { name: 'Select visible' }).press('Enter');
  expect(await selectedCount()).toBe(rows.length);
});

test('a selection is saved as CSV and Parquet, and the map as PNG and SVG', async () => {
  await visit('#map?hide=class:0,1,2&select=shown');
  const expected = rows.flatMap(({ label }, i) => ('012'.includes(label!) ? [] : [i]));
  const save = async (format: string) => {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      panel().getByRole('button', { name: format, exact: true }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(new RegExp(`-selection\\.${format.toLowerCase()}$`));
    return readFile(await download.path());
  };
  const lines = (await save('CSV')).toString().trim().split('\r\n');
  expect(lines[0]).toMatch(/^point,row,x,y,class,score,p-value/);
  expect(lines.slice(1).map((line) => Number(line.split(',')[0]))).toEqual(expected);
  const file = (await save('Parquet')).buffer as ArrayBuffer;
  const records = await parquetReadObjects({ file: file.slice(0) });
  expect(records.map(({ point, score }) => [point, score])).toEqual(expected.map((i) => [i, rows[i]!.score]));
  const { width, height } = (await map().boundingBox())!;
  const image = sharp(await save('PNG'));
  expect(await image.metadata()).toMatchObject({ width: Math.round(width), height: Math.round(height) });
  expect((await image.stats()).channels[0]!.stdev).toBeGreaterThan(5);
  const svg = (await save('SVG')).toString();
  expect([...svg.matchAll(/M[\d.-]+ [\d.-]+h0/g)].length).toBe(rows.length);
});

test('a map without a model is searched, selected and exported, and its links keep what it shows', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'offmanifold-plain-'));
  const lines = Array.from({ length: 40 }, (_, i) => `d${i},${i < 20 ? 'art' : 'sport'},${i % 7},${i * i}`);
  await writeFile(join(folder, 'plain.csv'), `article,topic,a,b\n${lines.join('\n')}\n`);
  const bundle = join(folder, 'plain');
  await mapFile(join(folder, 'plain.csv'), { metric: 'euclidean', iterations: 250, out: bundle });
  const plain = await serveDashboard(bundle);
  try {
    await openView(page, plain, '#map?hide=data.topic:1&select=shown');
    expect(await selectedCount()).toBe(20);
    expect(await panel().getByRole('row').filter({ hasText: 'topic: art' }).innerText()).toContain('100%');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      panel().getByRole('button', { name: 'CSV' }).click(),
    ]);
    const [head, first] = (await readFile(await download.path(), 'utf8')).split('\r\n');
    expect([head, first]).toEqual(['row,x,y,article,topic', expect.stringMatching(/^0,.*,d0,art$/)]);
    await page.getByRole('searchbox', { name: 'Search article, topic' }).fill('art d1');
    const found = page.getByRole('complementary', { name: 'Points found' });
    await found.getByRole('heading', { name: '11 found' }).waitFor();
    await found.getByRole('button', { name: /^d12/ }).press('Enter');
    const row = page.getByRole('complementary', { name: 'Selected point' });
    await row.getByText('12 of 40').waitFor();
    expect(await page.evaluate('document.activeElement.textContent.trim()')).toBe('d12');
    expect(new URL(page.url()).hash).toMatch(/^#map\/12\?(at=[^&]+&)?hide=data.topic:1&find=art%20d1$/);
  } finally {
    await plain.stop();
    await rm(folder, { recursive: true });
  }
});
