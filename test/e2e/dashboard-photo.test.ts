import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Random } from '../../kernels/random.ts';
import { launchBrowser } from '../support/browser.ts';
import { openView, type Site, serveDashboard } from '../support/dashboard.ts';
import { ROOT } from '../support/paths.ts';

let folder: string;
let site: Site;
let browser: Browser;
let page: Page;
/** The scores of the command line, by file. */
let scores: Map<string, number>;

const SIDE = 24;
const NEW = ['photo.jpg', 'photo.png', 'photo.webp', 'wide.jpg'];

/** A slope of brown, as raw RGB. */
function slope(width: number, height: number, random: Random): Uint8Array {
  const [x, y, tone] = [random.uniform(), random.uniform(), 90 + 60 * random.uniform()];
  return Uint8Array.from({ length: width * height * 3 }, (_, p) => {
    const [column, row] = [Math.floor(p / 3) % width, Math.floor(p / 3 / width)];
    const light = tone + (60 * x * column) / width + (60 * y * row) / height + 6 * random.uniform();
    return light * [1, 0.7, 0.4][p % 3]!;
  });
}

const photo = (width: number, height: number, random: Random) =>
  sharp(slope(width, height, random), { raw: { width, height, channels: 3 } });

async function run(...args: string[]): Promise<void> {
  await promisify(execFile)(process.execPath, ['training/cli.ts', ...args, '--quiet'], { cwd: ROOT });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'offmanifold-photo-'));
  const random = new Random(5);
  const [known, fresh, model] = ['known', 'new', 'model'].map((name) => join(folder, name));
  await mkdir(known!);
  await mkdir(fresh!);
  for (let i = 0; i < 140; i++)
    await photo(SIDE, SIDE, random)
      .png()
      .toFile(join(known!, `${i}.png`));
  await photo(60, 60, random).jpeg().toFile(join(fresh!, 'photo.jpg'));
  await photo(60, 60, random).png().toFile(join(fresh!, 'photo.png'));
  await photo(60, 60, random).webp({ lossless: true }).toFile(join(fresh!, 'photo.webp'));
  // Turned on its side, and to be shown upright.
  await photo(80, 40, random).withMetadata({ orientation: 6 }).jpeg().toFile(join(fresh!, 'wide.jpg'));
  await run('train', known!, '--out', model!, '--epochs', '4', '--architecture', 'dense', '--code', '8');
  await run('score', fresh!, '--model', model!, '--out', join(folder, 'scores.csv'));
  const [, ...lines] = (await readFile(join(folder, 'scores.csv'), 'utf8')).trim().split('\n');
  scores = new Map(lines.map((line) => [line.split(',')[0]!, Number(line.split(',')[1])]));
  [site, browser] = await Promise.all([serveDashboard(model!), launchBrowser()]);
  page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
});

afterAll(async () => {
  await browser?.close();
  await site?.stop();
  await rm(folder, { recursive: true, force: true });
});

const open = (hash: string) => openView(page, site, hash);

const view = (name: string) => page.locator(`section[aria-label="${name}"]`).first();
const scoreShown = async () => Number(await page.getByTestId('answer-browser').getAttribute('data-score'));

test('a photo that is chosen gets the score of the command line, a heat map and its neighbours', async () => {
  await open('#photo');
  for (const name of NEW) {
    await view('Photo')
      .locator('input[type=file]')
      .first()
      .setInputFiles(join(folder, 'new', name));
    await page.getByRole('img', { name: `${name}, as the model sees it` }).waitFor();
    await expect
      .poll(async () => (await scoreShown()) / scores.get(name)!, { message: name })
      .toBeCloseTo(1, 1);
  }
  await page.getByRole('img', { name: 'Heat map of each pixel' }).waitFor();
  expect(await page.getByRole('button', { name: /neighbour 1 of 10/ }).count()).toBe(1);
});

test('a picture can be pasted, and a file that is no image is refused in a sentence', async () => {
  const png = (await readFile(join(folder, 'new', 'photo.png'))).toString('base64');
  await page.evaluate(`(async () => {
    const blob = await (await fetch('data:image/png;base64,${png}')).blob();
    const clipboardData = new DataTransfer();
    clipboardData.items.add(new File([blob], 'pasted.png', { type: 'image/png' }));
    window.dispatchEvent(new ClipboardEvent('paste', { clipboardData }));
  })()`);
  await page.getByRole('img', { name: 'pasted.png, as the model sees it' }).waitFor();
  await expect.poll(async () => (await scoreShown()) / scores.get('photo.png')!).toBeCloseTo(1, 3);
  const text = { name: 'notes.png', mimeType: 'image/png', buffer: Buffer.from('hello') };
  await view('Photo').locator('input[type=file]').first().setInputFiles(text);
  await page.getByText('notes.png is no image that this browser decodes').waitFor();
});

test('the camera is off once its view is left, also if it was permitted only then', async () => {
  await open('#photo');
  await page.evaluate(`{
    globalThis.tracks = [];
    globalThis.permits = [];
    navigator.mediaDevices.getUserMedia = () => new Promise((permit) => permits.push(() => {
      const canvas = document.createElement('canvas');
      canvas.getContext('2d');
      const stream = canvas.captureStream();
      tracks.push(...stream.getTracks());
      permit(stream);
    }));
  }`);
  const states = () => page.evaluate<string[]>('tracks.map(({ readyState }) => readyState)');
  const press = () => view('Photo').getByRole('button', { name: 'Camera', exact: true }).click();
  const leave = async () => {
    await page.getByRole('link', { name: 'Map' }).click();
    await view('Photo').waitFor({ state: 'hidden' });
  };
  const come = () => page.getByRole('link', { name: 'Photo' }).click();
  await press();
  await press();
  expect(await page.evaluate('permits.length')).toBe(1);
  await page.evaluate('permits[0]()');
  await page.getByLabel('What the camera sees').waitFor();
  expect(await states()).toEqual(['live']);
  await leave();
  await expect.poll(states).toEqual(['ended']);
  await come();
  await press();
  await leave();
  await page.evaluate('permits[1]()');
  await expect.poll(states).toEqual(['ended', 'ended']);
});

test('several photos are ranked, with the scores of the command line', async () => {
  await open('#file');
  const files = NEW.map((name) => join(folder, 'new', name));
  await view('Score a file').locator('input[type=file]').setInputFiles(files);
  await page.getByTestId('file-rows').getByText('4').waitFor();
  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export as CSV' }).click();
  const [head, ...lines] = (await readFile(await (await saving).path(), 'utf8')).trim().split('\n');
  expect(head).toMatch(/^file,score,p_value,anomalous,/);
  for (const line of lines) {
    const [file, score] = line.split(',');
    // A decoder of JPEG may round differently; a PNG is decoded exactly.
    const digits = file!.endsWith('.jpg') ? 1 : 3;
    expect(Number(score) / scores.get(file!)!, file).toBeCloseTo(1, digits);
  }
});
