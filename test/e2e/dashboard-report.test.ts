import { describe, expect, test } from 'vitest';
import {
  focused,
  headingOf,
  map,
  open,
  page,
  pathOf,
  report,
  rows,
  textOf,
  useDigits,
  visit,
  zoomOf,
} from '../support/digits-page.ts';

useDigits();

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
    await visit('#anomalies');
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
      await expect.poll(() => focused()).toBe(headingOf(index));
    });
  }
});

describe('the report', () => {
  test('shows the numbers of report.json, as charts and as tables', async () => {
    await visit('#report');
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
