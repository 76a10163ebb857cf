import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openFolder } from '../../bundle/node/folder.ts';
import { parseReport } from '../../bundle/report.ts';
import type { Studies } from '../../bundle/studies.ts';
import { launchBrowser } from '../support/browser.ts';
import { openView, type Site, serveDashboard } from '../support/dashboard.ts';
import { STUDIED_BUNDLE, TEST_BUNDLE } from '../support/paths.ts';

let studies: Studies;
let before: Site;
let after: Site;
let browser: Browser;
const complaints: string[] = [];

beforeAll(async () => {
  studies = parseReport(await (await openFolder(STUDIED_BUNDLE)).json('report.json')).studies!;
  [before, after, browser] = await Promise.all([
    serveDashboard(TEST_BUNDLE),
    serveDashboard(STUDIED_BUNDLE),
    launchBrowser(),
  ]);
}, 300_000);

afterAll(async () => {
  await browser?.close();
  await before?.stop();
  await after?.stop();
});

async function opened(site: Site, width = 1280): Promise<Page> {
  const page = await browser.newPage({ viewport: { width, height: 800 }, reducedMotion: 'reduce' });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await openView(page, site, '#map');
  await page.getByRole('navigation').getByRole('link', { name: 'Studies' }).click();
  await page.getByRole('heading', { level: 1, name: 'Studies' }).waitFor();
  return page;
}

test('before they are run, the command that runs them is shown', async () => {
  const page = await opened(before);
  await page.getByText('npm run studies -- --model models/test-bundle').waitFor();
  expect(await page.locator('.chart').count()).toBe(0);
  await page.close();
});

test('afterwards the numbers of report.json are shown, as charts, tables and pictures', async () => {
  const page = await opened(after);
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
  const page = await opened(after, 360);
  await page.waitForTimeout(150);
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
  await page.close();
});

test('nothing was complained of', () => expect(complaints).toEqual([]));
