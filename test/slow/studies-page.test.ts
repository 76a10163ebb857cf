import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openFolder } from '../../bundle/node/folder.ts';
import { parseReport } from '../../bundle/report.ts';
import type { Studies } from '../../bundle/studies.ts';
import { launchBrowser } from '../support/browser.ts';
import { builtDashboard, ready } from '../support/dashboard.ts';
import { STUDIED_BUNDLE, TEST_BUNDLE } from '../support/paths.ts';
import { serveStatic } from '../support/static.ts';

let folder: string;
let studies: Studies;
let host: Awaited<ReturnType<typeof serveStatic>>;
let browser: Browser;
const complaints: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'offmanifold-studies-'));
  studies = parseReport(await (await openFolder(STUDIED_BUNDLE)).json('report.json')).studies!;
  const site = join(folder, 'site');
  const dashboard = await builtDashboard();
  for (const name of ['before', 'after']) await cp(dashboard, join(site, name), { recursive: true });
  await cp(TEST_BUNDLE, join(site, 'before', 'bundle'), { recursive: true });
  await cp(STUDIED_BUNDLE, join(site, 'after', 'bundle'), { recursive: true });
  host = await serveStatic(site, '/');
  browser = await launchBrowser();
}, 300_000);

afterAll(async () => {
  await browser?.close();
  await host?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function opened(site: 'before' | 'after', width = 1280): Promise<Page> {
  const page = await browser.newPage({ viewport: { width, height: 800 }, reducedMotion: 'reduce' });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.goto(`${host.url}${site}/#map`);
  await ready(page);
  await page.getByRole('navigation').getByRole('link', { name: 'Studies' }).click();
  await page.getByRole('heading', { level: 1, name: 'Studies' }).waitFor();
  return page;
}

test('before they are run, the command that runs them is shown', async () => {
  const page = await opened('before');
  await page.getByText('npm run studies -- --model models/test-bundle').waitFor();
  expect(await page.locator('.chart').count()).toBe(0);
  await page.close();
});

test('afterwards the numbers of report.json are shown, as charts, tables and pictures', async () => {
  const page = await opened('after');
  await page.getByRole('note').getByText('--quick').waitFor();
  const best = Math.max(...studies.classifiers.map(({ accuracy }) => accuracy));
  const figure = page.locator('[data-figure=best_classifier_accuracy] .value');
  expect(await figure.textContent()).toBe(`${Number((100 * best).toPrecision(3))}%`);
  const card = (name: string) => page.getByRole('region', { name, exact: true });
  const cells = async (name: string) => {
    await card(name).getByRole('button', { name: 'Table' }).click();
    const rows = await card(name).locator('tbody tr').allInnerTexts();
    return rows.map((row) => row.split('\t').map((text) => text.trim()));
  };
  const six = (value: number) => String(Number(value.toPrecision(6)));
  expect((await cells('Classifying the digits')).map((row) => row[2])).toEqual(
    studies.classifiers.map(({ accuracy }) => six(accuracy)),
  );
  expect(await cells('Code size')).toEqual(
    studies.code_sizes.map((row) => [row.code, row.autoencoder_mse, row.pca_mse].map(six)),
  );
  expect((await cells('Intrinsic dimension')).map((row) => row.slice(3))).toEqual(
    studies.dimension.map((row) => [row.two_nn, row.maximum_likelihood].map(six)),
  );
  await page
    .getByRole('combobox', { name: /^Classifier/ })
    .selectOption({ label: 'softmax regression, PCA-64' });
  const softmax = studies.classifiers.find((c) => c.method === 'softmax regression' && c.features === 'PCA')!;
  expect((await cells('Confusion matrix')).map((row) => row.slice(1))).toEqual(
    softmax.confusion.map((row) => row.map(six)),
  );
  await page.getByRole('button', { name: 'Reconstruction', exact: true }).click();
  await page.getByRole('img', { name: /^Histograms.*noise 0\.\d/ }).waitFor();
  expect(await page.locator('figure img').count()).toBe(4);
  await page.close();
});

test('a phone shows them without scrolling sideways', async () => {
  const page = await opened('after', 360);
  await page.waitForTimeout(150);
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
  await page.close();
});

test('nothing was complained of', () => expect(complaints).toEqual([]));
