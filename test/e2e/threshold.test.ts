import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { benjaminiHochberg } from '../../bundle/multiple-testing.ts';
import { openFolder } from '../../bundle/node/folder.ts';
import { exactPValue } from '../../bundle/p-value.ts';
import { formatInterval, formatNumber, formatPercent } from '../../dashboard/common/format.ts';
import { type EvaluateFlags, evaluate } from '../../training/commands/evaluate.ts';
import type { Evaluation } from '../../training/commands/evaluation-lines.ts';
import { autoencoder, train } from '../../training/index.ts';
import { launchBrowser } from '../support/browser.ts';
import { openView, type Site, serveDashboard } from '../support/dashboard.ts';
import { readMapRows } from '../support/map-rows.ts';
import { ROOT } from '../support/paths.ts';

let folder: string;
let model: string;
let site: Site;
let browser: Browser;
let page: Page;
let pValues: number[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'offmanifold-threshold-'));
  model = join(folder, 'model');
  execFileSync(process.execPath, [join(ROOT, 'docs/examples/pumps.mjs')], { cwd: folder, stdio: 'ignore' });
  const table = join(folder, 'pumps.csv');
  await train(autoencoder({ label: 'fault', epochs: 3, iterations: 250, seed: 5 }), table, { out: model });
  // The rows that the report shows: those of the map.
  const { manifest, file } = await openFolder(model);
  const rows = (await readMapRows(await file('map.parquet'))).filter(({ split }) => split === 'test');
  pValues = rows.map((row) => exactPValue(row.p_value, manifest.scorer.calibration_count));
  const [header, ...lines] = (await readFile(table, 'utf8')).split('\n');
  await writeFile(join(folder, 'test.csv'), `${[header, ...rows.map(({ id }) => lines[id])].join('\n')}\n`);
  [site, browser] = await Promise.all([serveDashboard(model), launchBrowser()]);
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  page = await context.newPage();
  await openView(page, site, '#report');
  await figure('recall').waitFor();
});

afterAll(async () => {
  await browser?.close();
  await site?.stop();
  await rm(folder, { recursive: true, force: true });
});

const bench = () => page.getByTestId('threshold');
const figure = (name: string) => bench().locator(`[data-figure="${name}"]`);
const textOf = async (name: string) => (await figure(name).innerText()).replace(/\s+/g, ' ').trim();
const field = () => bench().getByLabel('Significance, typed');
const line = () => page.getByRole('slider', { name: 'Threshold on the score' });
const levelOf = async () => Number(await field().inputValue());

async function evaluated(flags: EvaluateFlags = {}): Promise<Evaluation> {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  try {
    return await evaluate(join(folder, 'test.csv'), model, flags);
  } finally {
    log.mockRestore();
  }
}

describe('the threshold of the report', () => {
  test('has the figures of `evaluate` at every level', async () => {
    const { levels, rows, anomalous } = await evaluated();
    expect(levels.length).toBeGreaterThan(2);
    for (const level of levels) {
      await field().fill(String(level.significance));
      expect(await textOf('flagged')).toContain(`${level.flagged} of ${rows.toLocaleString('en')} test rows`);
      if (level.precision_interval) {
        expect(await textOf('precision')).toBe(
          `${formatPercent(level.precision!)} of the alarms are right (${formatInterval(level.precision_interval, formatPercent)})`,
        );
      } else expect(await textOf('precision')).toBe('nothing is flagged');
      expect(await textOf('recall')).toBe(
        `${formatPercent(level.recall)} of the anomalies are found (${formatInterval(level.recall_interval, formatPercent)})`,
      );
      expect(await textOf('f1')).toBe(formatNumber(level.f1));
      const matrix = await bench().locator('tbody td').allInnerTexts();
      expect(matrix.map((cell) => Number.parseInt(cell.replace(',', ''), 10))).toEqual([
        level.true_positives,
        anomalous - level.true_positives,
        level.false_positives,
        rows - anomalous - level.false_positives,
      ]);
      const cost = level.false_positives + 20 * (anomalous - level.true_positives);
      expect(await textOf('cost')).toBe(`cost ${formatNumber(cost)}`);
    }
  });

  test('has the areas under the curves of `evaluate`, with their intervals', async () => {
    const found = await evaluated();
    const images = await page
      .locator('svg[role=img]')
      .evaluateAll((all) => all.map((svg) => svg.getAttribute('aria-label')));
    const roc = images.find((name) => name?.startsWith('ROC curve. AUROC'))!;
    const [area, low, high] = roc.match(/\d\.\d+/g)!.map(Number);
    expect(area).toBeCloseTo(found.auroc, 2);
    expect(low).toBeCloseTo(found.auroc_interval[0], 2);
    expect(high).toBeCloseTo(found.auroc_interval[1], 2);
    const precision = images.find((name) => name?.startsWith('Precision–recall'))!;
    expect(Number(precision.match(/\d\.\d+/)![0])).toBeCloseTo(found.average_precision, 2);
  });

  test('finds the best level by F1 and by cost that `evaluate` finds', async () => {
    const f1 = (await evaluated({ target: { f1: true } })).target!.significance!;
    await bench()
      .getByRole('button', { name: /^Best F1/ })
      .click();
    expect(await levelOf()).toBeCloseTo(f1.threshold!, 5);
    expect(await textOf('recall')).toContain(formatPercent(f1.recall));
    await bench().getByLabel('a miss').fill('7');
    const cost = (await evaluated({ target: { cost: { false_positive: 1, false_negative: 7 } } })).target!
      .significance!;
    const button = bench().getByRole('button', { name: /^Lowest cost/ });
    expect(await button.innerText()).toContain(`cost ${formatNumber(cost.cost!)}`);
    if (cost.threshold !== null) {
      await button.click();
      expect(await textOf('cost')).toBe(`cost ${formatNumber(cost.cost!)}`);
    }
  });

  test('says how many alarms a day it means, and how many of them are false', async () => {
    await field().fill('0.05');
    await bench().getByLabel('rows a day').fill('24000');
    const flagged = pValues.filter((p) => p <= 0.05).length;
    expect(await textOf('alarms')).toContain(
      `${formatNumber((24_000 * flagged) / pValues.length)} alarms a day`,
    );
    expect(await textOf('alarms')).toContain('at most 1,200 on average');
    const rate = Math.min(1, (0.05 * pValues.length) / flagged);
    expect(await textOf('fdr')).toContain(formatPercent(rate));
    if (rate < 1) expect(benjaminiHochberg(pValues, rate).count).toBeGreaterThanOrEqual(flagged);
  });

  test('is dragged, moved by the keyboard and typed', async () => {
    await field().fill('0.05');
    const box = (await line().boundingBox())!;
    const [low, value, high] = await line().evaluate((input) =>
      [input.min, input.value, input.max].map(Number),
    );
    const x = box.x + 14 + ((value! - low!) / (high! - low!)) * (box.width - 28);
    await page.mouse.move(x, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(x - 60, box.y + box.height / 2, { steps: 6 });
    await page.mouse.up();
    const dragged = await levelOf();
    expect(dragged).toBeGreaterThan(0.05);
    await line().focus();
    for (let press = 0; press < 12; press++) await page.keyboard.press('ArrowRight');
    const stricter = await levelOf();
    expect(stricter).toBeLessThan(dragged);
    expect(await line().getAttribute('aria-valuetext')).toContain(`significance ${stricter}, `);
    await field().fill('0.0000001');
    expect(await bench().locator('.problem').innerText()).toContain('nothing can be flagged');
    await field().press('Tab');
    expect(await levelOf()).toBe(stricter);
  });

  test('is copied as a query parameter and as a command', async () => {
    await field().fill('0.02');
    const clipboard = () => page.evaluate<string>('navigator.clipboard.readText()');
    await bench().getByRole('button', { name: 'Copy the query parameter' }).click();
    await expect.poll(clipboard).toBe('?significance=0.02');
    await bench().getByRole('button', { name: 'Copy the command' }).click();
    await expect.poll(clipboard).toBe('npx offmanifold score FILE --significance 0.02');
    expect(await bench().getByRole('status').last().innerText()).toBe('Copied the command.');
  });
});
