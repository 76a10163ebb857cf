import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Browser, Page, Route } from 'playwright-core';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { compare } from '../../training/commands/compare.ts';
import { autoencoder, train } from '../../training/index.ts';
import { launchBrowser } from '../support/browser.ts';
import { ready } from '../support/dashboard.ts';
import { copyBuiltProject } from '../support/server.ts';
import { serveStatic } from '../support/static.ts';
import { TABLE_EXPECTED, type TableExpected } from '../support/table-bundle.ts';

const ROWS = 1500;
const PATIENCE = { timeout: 60_000 };
const ids: Record<string, string> = {};
let folder: string;
let project: string;
let table: string;
let site: { url: string; stop(): Promise<void> };
let browser: Browser;
let page: Page;

const model = (name: string) => join(folder, name);
const build = (...names: string[]) =>
  promisify(execFile)(
    process.execPath,
    ['bin/offmanifold.js', 'build', ...names.flatMap((name) => ['--model', model(name)])],
    { cwd: project },
  );

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'offmanifold-two-'));
  table = join(folder, 'orders.csv');
  const { csv } = JSON.parse(await readFile(TABLE_EXPECTED, 'utf8')) as TableExpected;
  await writeFile(table, csv);
  for (const [seed, name] of ['monday', 'friday'].entries()) {
    const options = { epochs: 6, map_points: ROWS, iterations: 250, seed };
    ids[name] = (await train(autoencoder(options), table, { out: model(name) })).model_id;
  }
  project = await copyBuiltProject();
  await build('monday', 'friday');
  site = await serveStatic(join(project, 'dist'), '/');
  browser = await launchBrowser();
  page = await browser.newPage({ viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce' });
});

afterAll(async () => {
  await browser?.close();
  await site?.stop();
  for (const path of [folder, project]) await rm(path, { recursive: true, force: true });
});

const idIn = async (path: string): Promise<string> =>
  JSON.parse(await readFile(join(project, 'dist', path, 'manifest.json'), 'utf8')).model_id;

test('the first model has the place of an only one, and the list names both', async () => {
  expect(await idIn('bundle')).toBe(ids.monday);
  expect(await idIn('bundle/models/friday')).toBe(ids.friday);
  expect(JSON.parse(await readFile(join(project, 'dist/models.json'), 'utf8'))).toEqual(['monday', 'friday']);
});

test('the page turns to the other model, whose name the address keeps, and Back returns', async () => {
  await page.goto(`${site.url}#map?colour=score`);
  const shown = (name: string) => page.getByTitle(`Model ${ids[name]}`).waitFor();
  await shown('monday');
  await page.getByLabel('Model').selectOption('friday');
  await shown('friday');
  expect(new URL(page.url()).hash).toBe('#map?model=friday');
  await page.getByRole('navigation').getByRole('link', { name: 'Anomalies' }).click();
  expect(new URL(page.url()).hash).toBe('#anomalies?model=friday');
  await page.goBack();
  await page.goBack();
  await shown('monday');
  expect(new URL(page.url()).hash).toBe('#map?colour=score');
  await page.goto(`${site.url}#map?model=sunday`);
  await page.getByText('there is no model sunday here').waitFor();
});

test('the page compares both as the command does, row by row, and a row is shown on both maps', async () => {
  vi.spyOn(console, 'log').mockImplementation(() => {});
  const { scores, headline, differences } = await compare(model('monday'), model('friday'), {
    data: table,
    json: true,
  });
  await page.goto('about:blank');
  await page.goto(`${site.url}#compare`);
  await ready(page);
  const text = async (id: string) => (await page.getByTestId(id).innerText()).replaceAll(',', '');
  await expect.poll(() => text('shared-rows'), PATIENCE).toBe(String(ROWS));
  expect(await text('shared-spearman')).toBe(scores!.spearman!.toFixed(4));
  expect(Number.parseFloat(await text('shared-agreement')) / 100).toBeCloseTo(scores!.agreement, 3);
  for (const [verdict, count] of Object.entries(scores!.verdicts)) {
    expect(await text(`verdict-${verdict}`)).toBe(String(count));
  }
  const listed = page.getByTestId('most-different').locator('tbody tr');
  await expect.poll(() => listed.first().innerText(), PATIENCE).toMatch(/^1\d{4}\b/);
  const rows = await listed.evaluateAll((all) => all.map((row) => row.innerText.replace(/\s+/g, ' ')));
  for (const [i, { row, place }] of scores!.most_different.entries()) {
    // Rows count from 1 in the messages of the command line; the first order has the id 10000.
    expect(rows[i]).toMatch(new RegExp(`^${9999 + row} .*${(100 * place[0]).toFixed(1)}% p`));
    expect(rows[i]).toContain(`${(100 * place[1]).toFixed(1)}% p`);
  }
  expect(await page.getByTestId('headlines').locator('tbody tr').count()).toBe(headline.length);
  expect(await page.getByTestId('manifests').locator('tbody tr').count()).toBe(differences.length);
  await listed.first().getByRole('button').click();
  const name = `#${scores!.most_different[0]!.row - 1}`;
  for (const map of ['monday', 'friday']) {
    const said = page.getByRole('region', { name: `Map of ${map}` }).getByRole('status');
    await expect.poll(() => said.innerText(), PATIENCE).toContain(name);
  }
  expect(await page.getByRole('application').locator('circle.selected').count()).toBe(2);
});

/** The comparison in a page of its own, on which a file is answered in another way. */
async function compareWith(file: string, answer: (route: Route) => Promise<void>): Promise<Page> {
  const other = await browser.newPage({ reducedMotion: 'reduce', serviceWorkers: 'block' });
  await other.route(`**/${file}`, answer);
  await other.goto(`${site.url}#compare`);
  return other;
}

/** Selects a point near the middle of the first map. Returns what the second map says. */
async function selectPoint(shown: Page): Promise<() => Promise<string>> {
  const map = (name: string) => shown.getByRole('region', { name: `Map of ${name}` });
  const said = (name: string) => map(name).getByRole('status').innerText();
  const drawn = map('monday').locator('canvas').first();
  await expect.poll(() => drawn.getAttribute('data-points'), PATIENCE).toBe(String(ROWS));
  const { width, height } = (await drawn.boundingBox())!;
  for (let step = 0; step < 30 && !(await said('monday')).includes('score'); step++) {
    await map('monday')
      .getByRole('application')
      .click({ position: { x: width / 2 + 8 * step - 120, y: height / 2 } });
  }
  expect(await said('monday')).toContain('score');
  return () => said('friday');
}

test('the other map says nothing of a point until the rows are compared, and then shows it', async () => {
  let release = () => {};
  const gate = new Promise<void>((open) => {
    release = open;
  });
  const shown = await compareWith('friday/rows.parquet', async (route) => {
    await gate;
    await route.continue();
  });
  const other = await selectPoint(shown);
  expect(await other()).toBe('Select a point: the other map shows it, too.');
  release();
  await expect.poll(other, PATIENCE).toContain('score');
  await shown.close();
});

test('where the rows cannot be compared, the page says why, and the other map does not deny the point', async () => {
  const shown = await compareWith('friday/rows.parquet', (route) => route.fulfill({ status: 500 }));
  await shown.getByRole('alert').getByText('rows.parquet cannot be read: HTTP 500').waitFor();
  const other = await selectPoint(shown);
  expect(await other()).toBe('Select a point.');
  await shown.close();
});

test('a list of models that cannot be read is not taken for a site with one model', async () => {
  const shown = await compareWith('models.json', (route) => route.fulfill({ status: 500 }));
  await shown.getByRole('alert').getByText('models.json cannot be read: HTTP 500').waitFor();
  await shown.getByRole('button', { name: 'Load the page again' }).waitFor();
  await shown.close();
});

test('a copy of a model is called by its folder', async () => {
  await cp(model('monday'), model('monday-copy'), { recursive: true });
  await build('monday', 'monday-copy');
  expect(await idIn('bundle/models/monday-copy')).toBe(ids.monday);
  const list = await readFile(join(project, 'dist/models.json'), 'utf8');
  expect(JSON.parse(list)).toEqual(['monday', 'monday-copy']);
});

test.each([
  [['monday', 'monday'], /--model names .*monday twice/],
  [
    ['monday', 'other/monday'],
    /monday and .*monday hold models of the same name: give their folders different names/,
  ],
  [['monday', 'places'], /places is a map without a model/],
  [['monday', 'narrow'], /cannot be shown together: the first takes rows with .*, the second rows with/],
])('%j is refused in a sentence', async (names, message) => {
  const { csv } = JSON.parse(await readFile(TABLE_EXPECTED, 'utf8')) as TableExpected;
  const quick = { epochs: 1, map_points: 100, iterations: 250 };
  if (names.includes('other/monday')) await train(autoencoder(quick), table, { out: model('other/monday') });
  if (names.includes('narrow')) {
    const narrow = csv.replaceAll(/^([^,]*),[^,]*,/gm, '$1,');
    await writeFile(join(folder, 'narrow.csv'), narrow);
    await train(autoencoder(quick), join(folder, 'narrow.csv'), { out: model('narrow') });
  }
  if (names.includes('places')) {
    const vectors = join(folder, 'vectors.csv');
    const rows = Array.from({ length: 40 }, (_, i) => `${i},${i % 7},${i % 11}\n`);
    await writeFile(vectors, ['a,b,c\n', ...rows].join(''));
    const args = ['bin/offmanifold.js', 'map', vectors, '--out', model('places'), '--quiet'];
    await promisify(execFile)(process.execPath, args, { cwd: project });
  }
  await expect(build(...names)).rejects.toThrow(message);
});
