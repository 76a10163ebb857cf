import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FRAMES_FILE } from '../../bundle/frames-file.ts';
import { launchBrowser } from '../support/browser.ts';
import { drawSeven, ready } from '../support/dashboard.ts';
import { TEST_BUNDLE } from '../support/paths.ts';
import { builtPrograms } from '../support/server.ts';
import { serveStatic } from '../support/static.ts';

const APP = 'offmanifold-app';
const PATIENCE = { timeout: 60_000 };

let folder: string;
let host: { url: string; stop(): Promise<void> };
let browser: Browser;
let visitor: BrowserContext;
let page: Page;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'offmanifold-offline-'));
  await cp(join(await builtPrograms(), 'dist'), folder, { recursive: true });
  await cp(TEST_BUNDLE, join(folder, 'bundle'), { recursive: true });
  const [, policy] = /Content-Security-Policy: (.+)/.exec(await readFile(join(folder, '_headers'), 'utf8'))!;
  host = await serveStatic(folder, '/some/where/', { 'content-security-policy': policy! });
  browser = await launchBrowser();
  visitor = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  page = await visitor.newPage();
});

afterAll(async () => {
  await browser?.close();
  await host?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** The addresses of what the browser keeps, by cache. */
const kept = () =>
  page.evaluate<Record<string, string[]>>(`(async () => {
    const kept = {};
    for (const name of await caches.keys()) {
      kept[name] = (await (await caches.open(name)).keys()).map(({ url }) => url);
    }
    return kept;
  })()`);

/** The caches of one kind. */
const keptOf = async (kind: string) => Object.entries(await kept()).filter(([name]) => name.startsWith(kind));

async function show(hash: string): Promise<void> {
  await page.goto('about:blank');
  await page.goto(host.url + hash);
  await ready(page);
}

test('a new deployment is shown at the next visit, and what was kept of the older one is removed', async () => {
  await show('#map');
  await expect.poll(async () => (await keptOf(APP))[0]?.[1].length, PATIENCE).toBeGreaterThan(50);
  const [index, worker] = ['index.html', 'service-worker.js'].map((name) => join(folder, name));
  await writeFile(
    index!,
    (await readFile(index!, 'utf8')).replace('<html lang="en">', '<html lang="en" id="new">'),
  );
  await writeFile(worker!, (await readFile(worker!, 'utf8')).replace(/["'`][0-9a-f]{16}["'`]/, '"new"'));
  await show('#map');
  expect(await page.locator('html').getAttribute('id')).toBe('new');
  await expect
    .poll(async () => (await keptOf(APP)).map(([name]) => name.split(' ').at(-1)), PATIENCE)
    .toEqual(['new']);
});

test('the list of models that is kept is the newest, and files of a model that has gone are removed', async () => {
  const bundle = `${host.url}bundle/models/`;
  await page.evaluate(`(async () => {
    for (const name of ['other', 'gone']) {
      await (await caches.open('offmanifold-bundle ${bundle}' + name + '/')).put('${bundle}' + name + '/manifest.json', new Response());
    }
  })()`);
  const models = JSON.stringify([basename(TEST_BUNDLE), 'other']);
  await writeFile(join(folder, 'models.json'), models);
  await show('#map');
  const listed = () => page.evaluate<string>(`caches.match('models.json').then((kept) => kept.text())`);
  await expect.poll(listed, PATIENCE).toBe(models);
  const ofOthers = async () => (await keptOf(`offmanifold-bundle ${bundle}`)).map(([name]) => name.slice(-6));
  await expect.poll(ofOthers, PATIENCE).toEqual(['other/']);
});

test('the map, the anomalies and a drawn digit work without a connection after the first visit', async () => {
  // The frames of the replay are kept once it is played.
  const files = (await readdir(TEST_BUNDLE)).filter((name) => name !== FRAMES_FILE).length;
  await expect.poll(async () => (await keptOf('offmanifold-bundle'))[0]?.[1].length, PATIENCE).toBe(files);
  await host.stop();
  await show('#map');
  await page.getByText('Offline', { exact: true }).waitFor();
  expect(await page.getByRole('application').locator('canvas').first().getAttribute('data-points')).toBe(
    '600',
  );
  const tab = (name: string) => page.getByRole('navigation').getByRole('link', { name }).click();
  await tab('Anomalies');
  await page.getByText('Threshold on the score').waitFor();
  await tab('Draw');
  await drawSeven(page);
  await page.getByTestId('answer-browser').locator('.verdict').waitFor();
  await page.getByTestId('answer-api').getByText('The API is not reachable').waitFor();
});

test('what is not kept is named in a sentence, with a button to try again', async () => {
  await page.evaluate(`(async () => {
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const { url } of await cache.keys()) if (url.includes('report.json')) await cache.delete(url);
    }
  })()`);
  await show('#map');
  await page.getByRole('navigation').getByRole('link', { name: 'Report' }).click();
  await page.getByText('report.json cannot be read: there is no connection').waitFor();
  await page.getByRole('button', { name: 'Load the page again' }).waitFor();
});
