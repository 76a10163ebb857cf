import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { createServer } from 'vite';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { drawSeven, ready, type Site, serveDashboard } from '../support/dashboard.ts';
import { ROOT, TEST_BUNDLE } from '../support/paths.ts';

let bundle: string;
let site: Site;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  bundle = await mkdtemp(join(tmpdir(), 'offmanifold-bundle-'));
  await cp(TEST_BUNDLE, bundle, { recursive: true });
  [site, browser] = await Promise.all([serveDashboard(bundle, '/some/where/'), launchBrowser()]);
  page = await browser.newPage();
});

afterAll(async () => {
  await browser?.close();
  await site?.stop();
  await rm(bundle, { recursive: true, force: true });
});

test('every view works from a static host at a sub-path, and the pad answers without the API', async () => {
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  await page.goto(`${site.url}#map`);
  await ready(page);
  for (const [tab, text] of [
    ['Anomalies', 'Threshold on the score'],
    ['Report', 'Convergence of the map'],
    ['Draw', 'Most surprising pixels'],
  ] as const) {
    await page.getByRole('navigation').getByRole('link', { name: tab }).click();
    await page.getByText(text).first().waitFor();
  }
  await drawSeven(page);
  await page.getByTestId('answer-browser').locator('.verdict').waitFor();
  await page.getByTestId('answer-api').getByText('The API is not reachable from this page').waitFor();
  expect(await page.getByTestId('said').textContent()).toMatch(
    /^The API is not reachable.* Browser: (normal|anomalous), p-value [\d.]+\.$/,
  );
  expect(errors).toEqual([]);
});

test('the page of the API says in a sentence that there is none', async () => {
  await page.goto(`${site.url}docs/`);
  await page.getByText('served without the API').waitFor();
});

test('the development server shows the bundle and asks the API that the environment names', async () => {
  const problem = { title: 'Teapot', detail: 'this one makes tea.' };
  const api = createHttpServer((_request, response) => {
    response.writeHead(418).end(JSON.stringify(problem));
  }).listen(0, '127.0.0.1');
  await once(api, 'listening');
  vi.stubEnv('OFFMANIFOLD_MODEL', TEST_BUNDLE);
  vi.stubEnv('OFFMANIFOLD_API', `http://127.0.0.1:${(api.address() as AddressInfo).port}`);
  const configFile = join(ROOT, 'dashboard/vite.config.ts');
  const server = await createServer({ configFile, logLevel: 'silent', server: { port: 0 } });
  try {
    await server.listen();
    const [url] = server.resolvedUrls!.local;
    await page.goto(`${url}#draw`);
    await ready(page);
    await drawSeven(page);
    await page.getByTestId('answer-browser').locator('.verdict').waitFor();
    await page.getByTestId('answer-api').getByText('The API refused: this one makes tea.').waitFor();
  } finally {
    await server.close();
    api.closeAllConnections();
    api.close();
    vi.unstubAllEnvs();
  }
});

test('a damaged file is named in one sentence', async () => {
  const path = join(bundle, 'map.parquet');
  const whole = await readFile(path);
  const flipped = Buffer.from(whole);
  flipped[5000]! ^= 1;
  await writeFile(path, flipped);
  await page.goto('about:blank');
  await page.goto(site.url);
  expect(await page.getByRole('alert').textContent()).toBe(
    'This model cannot be shown: map.parquet is damaged: its SHA-256 is not the one in the manifest.',
  );
  await writeFile(path, whole);
});

test('a missing bundle is said to be missing in one sentence', async () => {
  await rm(bundle, { recursive: true });
  await page.goto('about:blank');
  await page.goto(site.url);
  expect(await page.getByRole('alert').textContent()).toBe(
    'This model cannot be shown: manifest.json cannot be read: HTTP 404.',
  );
});
