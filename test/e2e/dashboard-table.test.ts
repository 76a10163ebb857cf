import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { displayExpected, displayValue } from '../../bundle/column-display.ts';
import { parseRecord } from '../../bundle/column-parsing.ts';
import type { TableColumn } from '../../bundle/column-schema.ts';
import type { Manifest } from '../../bundle/manifest.ts';

import { openFolder } from '../../bundle/node/folder.ts';
import { type TableRecord, typicalRow } from '../../bundle/record.ts';
import { parseReport } from '../../bundle/report.ts';
import { readableDate } from '../../dashboard/common/format.ts';
import { Scorer } from '../../training/scorer/scorer.ts';
import { launchBrowser } from '../support/browser.ts';
import { runHere } from '../support/command-here.ts';
import { openView, visitView } from '../support/dashboard.ts';
import { readMapRows } from '../support/map-rows.ts';
import { type ProductionServer, serveBundle } from '../support/production.ts';
import { TABLE_BUNDLE, TABLE_EXPECTED, type TableExpected } from '../support/table-bundle.ts';

let server: ProductionServer;
let browser: Browser;
let page: Page;
let manifest: Manifest;
let columns: TableColumn[];
let expected: TableExpected;
let scorer: Scorer;
let complaints: string[] = [];

beforeAll(async () => {
  [server, browser] = await Promise.all([serveBundle(TABLE_BUNDLE), launchBrowser()]);
  ({ manifest } = await openFolder(TABLE_BUNDLE));
  if (manifest.data.scaling.kind === 'columns') columns = manifest.data.scaling.columns;
  expected = JSON.parse(await readFile(TABLE_EXPECTED, 'utf8')) as TableExpected;
  scorer = await Scorer.load(await readFile(`${TABLE_BUNDLE}/scorer.onnx`));
  page = await browser.newPage({ viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce' });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
});

afterAll(async () => {
  await scorer?.release();
  await browser?.close();
  await server?.stop();
});

afterEach(() => {
  const heard = complaints;
  complaints = [];
  expect(heard).toEqual([]);
});

const open = (hash: string) => openView(page, server, hash);
const visit = (hash: string) => visitView(page, server, hash);

const form = () => page.getByRole('form', { name: 'Record' });
const field = (name: string) => form().getByLabel(name, { exact: true });
const agreement = () => page.getByTestId('agreement');

/** The score that a side shows; not a number before it has answered. */
const scoreOf = async (side: 'api' | 'browser') =>
  Number((await page.getByTestId(`answer-${side}`).getAttribute('data-score')) ?? Number.NaN);

async function outputOf(record: TableRecord) {
  const raw = new Float32Array(columns.length);
  expect(parseRecord(columns, record, raw)).toEqual([]);
  return scorer.run(raw, 1, ['score', 'detectors', 'feature_share', 'reconstruction']);
}

/** Both sides show the score that onnxruntime-node gives the record. */
async function expectScoreOf(record: TableRecord): Promise<void> {
  const { score } = await outputOf(record);
  for (const side of ['browser', 'api'] as const) {
    await expect
      .poll(async () => (await scoreOf(side)) / score[0]!, { timeout: 15_000, message: side })
      .toBeCloseTo(1, 3);
  }
  await agreement().getByText('Both agree').waitFor();
}

/** Fills the form as a person does. */
async function fill(record: TableRecord): Promise<void> {
  for (const { kind, name } of columns) {
    const value = record[name] ?? null;
    if (kind === 'category') {
      const known =
        value !== null && (await field(name).locator('option').allInnerTexts()).includes(String(value));
      await field(name).selectOption({
        label: value === null ? '(missing)' : known ? String(value) : '(unknown)',
      });
    } else if (kind === 'flag') {
      await form()
        .getByLabel(`${name} is missing`)
        .setChecked(value === null);
      if (value !== null) await field(name).setChecked(value === true);
    } else await field(name).fill(value === null ? '' : String(value));
  }
}

describe('the form of a record', () => {
  test('begins with a typical record, which both engines score alike', async () => {
    await open('#row');
    const typical = typicalRow(columns);
    for (const [j, column] of columns.entries()) {
      const shown = displayValue(column, typical[j]!);
      if (column.kind === 'flag') expect(await field(column.name).isChecked()).toBe(shown === 'true');
      else if (column.kind === 'category') {
        expect(await field(column.name).locator('option:checked').innerText()).toBe(shown);
      } else expect(await field(column.name).inputValue()).toBe(shown);
    }
    await agreement().getByText('Both agree').waitFor();
  });

  test('has the score of what is filled in, on and off the manifold', async () => {
    await visit('#row');
    for (const record of [expected.records[0]!, expected.records.at(-1)!]) {
      await fill(record);
      await expectScoreOf(record);
    }
  });

  test('has values that are missing and a category that is unknown', async () => {
    await visit('#row');
    const nothing = Object.fromEntries(columns.map(({ name }) => [name, null]));
    for (const record of [
      { ...expected.records[0]!, income: null, city: 'Atlantis', member: null },
      nothing,
    ]) {
      await fill(record);
      await expectScoreOf(record);
    }
    await page.getByRole('button', { name: 'Typical' }).click();
    await page.getByRole('button', { name: 'Clear' }).click();
    expect(await field('age').inputValue()).toBe('');
    await expectScoreOf(nothing);
  });

  test('says beside a field what is wrong with it, and gives no score until it is right', async () => {
    await visit('#row');
    await fill(expected.records[0]!);
    await field('amount').fill('1e300');
    await form().getByText('expected a number within ±3.4e38, got 1e+300').waitFor();
    expect(await field('amount').getAttribute('aria-invalid')).toBe('true');
    await field('age').press('End');
    await field('age').pressSequentially('e');
    await form().getByText('this is not a number').waitFor();
    await page
      .getByText('2 fields are wrong: amount, age.')
      .or(page.getByText('2 fields are wrong: age, amount.'))
      .waitFor();
    expect(await page.getByTestId('answer-browser').getAttribute('data-score')).toBeNull();
    await field('age').press('Backspace');
    await field('amount').fill(String(expected.records[0]!.amount));
    expect(await field('amount').getAttribute('aria-invalid')).toBe('false');
    await expectScoreOf(expected.records[0]!);
  });

  test('is filled by keyboard alone', async () => {
    await visit('#row');
    await fill(expected.records[0]!);
    await field('age').focus();
    await page.keyboard.press('Control+A');
    await page.keyboard.type('33');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    expect(await field('city').evaluate((element) => element === element.ownerDocument.activeElement)).toBe(
      true,
    );
    await page.keyboard.press('Tab');
    const member = expected.records[0]!.member === true;
    await page.keyboard.press('Space');
    await expectScoreOf({ ...expected.records[0]!, age: 33, member: !member });
  });

  test('takes rows from the map and random ones', async () => {
    await visit('#row');
    for (const name of ['Reconstruction', 'Random']) {
      const before = await field('amount').inputValue();
      await page.getByRole('button', { name }).click();
      await expect.poll(() => field('amount').inputValue()).not.toBe(before);
      await agreement().getByText('Both agree').waitFor();
    }
  });
});

test('an answer says how surprised each detector is, and which columns make up the score', async () => {
  await visit('#row');
  const record = expected.records.at(-1)!;
  await fill(record);
  await expectScoreOf(record);
  const { detectors, feature_share, reconstruction } = await outputOf(record);
  const bars = page.getByTestId('surprises').locator('li');
  const found = await bars.evaluateAll((all) =>
    all.map((li) => [li.dataset.detector, Number(li.dataset.surprise)] as const),
  );
  const wanted = manifest.scorer.detectors
    .map(({ name }, j) => [name, detectors[j]!] as const)
    .toSorted(([, a], [, b]) => b - a);
  expect(found.map(([name]) => name)).toEqual(wanted.map(([name]) => name));
  for (const [i, [, surprise]] of wanted.entries()) expect(found[i]![1] / surprise).toBeCloseTo(1, 2);
  const order = [...feature_share.keys()].toSorted((a, b) => feature_share[b]! - feature_share[a]!);
  const table = page.locator('table').filter({ hasText: 'share of the score' });
  const [first] = await table.locator('tbody tr').all();
  const column = columns[order[0]!]!;
  expect(await first!.locator('th .name').innerText()).toBe(column.name);
  const [value, expectedValue] = await first!.locator('td').allInnerTexts();
  const raw = new Float32Array(columns.length);
  parseRecord(columns, record, raw);
  expect(value).toBe(readableDate(displayValue(column, raw[order[0]!]!)));
  const estimate = reconstruction[order[0]!]!;
  const shown = column.kind === 'number' ? Number(estimate.toPrecision(4)) : estimate;
  expect(expectedValue).toBe(readableDate(displayExpected(column, shown)));
});

test('a point of the map shows its row: its id, each column as the data has it, and its nearest rows', async () => {
  await visit('#map/3');
  const { id } = (await readMapRows(await (await openFolder(TABLE_BUNDLE)).file('map.parquet')))[3]!;
  const [header, ...lines] = expected.csv.trim().split('\n');
  const row = Object.fromEntries(header!.split(',').map((name, j) => [name, lines[id]!.split(',')[j]!]));
  const panel = page.getByRole('complementary', { name: 'Selected point' });
  await panel.getByRole('heading', { level: 2 }).getByText(row.order_id!, { exact: true }).waitFor();
  const table = panel.locator('table').filter({ hasText: 'share of the score' });
  await table.locator('tbody tr').first().waitFor();
  const shown = await table
    .locator('tbody tr')
    .evaluateAll((all) =>
      all.map((tr) => [tr.querySelector('.name')!.textContent, tr.querySelector('td')!.textContent] as const),
    );
  const wanted = columns.map(({ name }) => [
    name,
    row[name] === '' ? 'missing' : String(Number(row[name]) || row[name]),
  ]);
  expect(Object.fromEntries(shown)).toEqual(Object.fromEntries(wanted));
  await table
    .getByText(/quarter|middle half|highest|lowest/)
    .first()
    .waitFor();
  const nearest = panel.getByRole('region', { name: /column by column/ });
  expect(await nearest.getByRole('columnheader').count()).toBe(2 + 5);
  const own = await nearest
    .locator('tbody tr')
    .evaluateAll((all) =>
      all.map(
        (tr) => [tr.querySelector('th')!.textContent, tr.querySelector('td')!.textContent!.trim()] as const,
      ),
    );
  expect(Object.fromEntries(own)).toEqual(Object.fromEntries(wanted));
  await nearest.getByRole('button').first().click();
  await page.waitForURL(/#map\/\d+/);
  expect(page.url()).not.toMatch(/#map\/3$/);
});

describe('the anomalies as a table', () => {
  const region = () => page.getByRole('region', { name: 'Points by rank' });
  const cells = async (column: number) =>
    region().locator(`tbody tr[data-point] > *:nth-child(${column})`).allInnerTexts();
  const orders = () => {
    const [header, ...lines] = expected.csv.trim().split('\n');
    const names = header!.split(',');
    return lines.map((line) => Object.fromEntries(line.split(',').map((value, j) => [names[j]!, value])));
  };

  test('have rank, id, score, p-value, label, reasons in words and columns; rows that are not on the screen are not made', async () => {
    await visit('#anomalies');
    await region()
      .getByText(/, expected /)
      .first()
      .waitFor();
    const points = await readMapRows(await (await openFolder(TABLE_BUNDLE)).file('map.parquet'));
    const ranked = points.toSorted((a, b) => b.score - a.score);
    const shown = await cells(2);
    expect(shown.length).toBeLessThan(points.length / 2);
    expect(shown).toEqual(ranked.slice(0, shown.length).map(({ id }) => orders()[id]!.order_id));
    expect(await region().getByRole('table').getAttribute('aria-rowcount')).toBe(String(points.length + 1));
    const first = orders()[ranked[0]!.id]!;
    const reason = (await cells(6))[0]!;
    const [, name, value] = /^(\w+) ([\w.-]+)/.exec(reason)!;
    expect(value).toBe(first[name!] === '' ? 'missing' : first[name!]);
    await region().evaluate((element) => element.scrollTo(0, element.scrollHeight));
    await expect.poll(async () => (await cells(2)).at(-1)).toBe(orders()[ranked.at(-1)!.id]!.order_id);
  });

  test('are sorted, searched and filtered; the map shows what is left', async () => {
    await visit('#anomalies');
    await page.getByRole('searchbox').waitFor();
    await region().getByRole('button', { name: 'age' }).click();
    await expect
      .poll(async () => (await cells(8)).slice(0, 10).map(Number))
      .toEqual(
        (await cells(8))
          .slice(0, 10)
          .map(Number)
          .toSorted((a, b) => a - b),
      );
    expect(await region().getByRole('columnheader', { name: 'age' }).getAttribute('aria-sort')).toBe(
      'ascending',
    );
    await page.getByRole('searchbox').fill('oslo');
    const city =
      (await region().getByRole('columnheader').allInnerTexts()).findIndex((text) =>
        text.startsWith('city'),
      ) + 1;
    await expect.poll(async () => new Set(await cells(city))).toEqual(new Set(['Oslo']));
    await page.getByRole('searchbox').fill('');
    await page.getByText('Filters', { exact: true }).click();
    await page.getByRole('button', { name: /^Rome, \d+ points$/ }).click({ modifiers: ['Alt'] });
    await expect.poll(async () => new Set(await cells(city))).toEqual(new Set(['Rome']));
    const left = await page
      .getByText(/^\d+ of 160 points$/)
      .first()
      .innerText();
    await page.getByRole('link', { name: 'Map' }).click();
    await page.getByRole('region', { name: 'Colours and filters' }).getByText(left).waitFor();
    await page.getByRole('button', { name: 'Remove the filter city: only Rome' }).click();
    await page.getByRole('region', { name: 'Colours and filters' }).getByText('160 of 160 points').waitFor();
  });

  test('are listed beside the map, the most anomalous first, by their ids', async () => {
    const points = await readMapRows(await (await openFolder(TABLE_BUNDLE)).file('map.parquet'));
    const tested = points.filter(({ split }) => split === 'test').sort((a, b) => b.score - a.score);
    await visit('#map');
    const top = page.getByRole('complementary', { name: 'About the map' }).getByRole('listitem');
    const ids = tested.slice(0, 5).map(({ id }) => String(orders()[id]!.order_id));
    await expect.poll(() => top.locator('strong').allInnerTexts()).toEqual(ids);
    await top.first().getByRole('button').click();
    await page.getByRole('complementary', { name: 'Selected point' }).getByText(ids[0]!).first().waitFor();
  });

  test('are found on the map by ids and words; the address keeps the search, and the table has it, too', async () => {
    const points = await readMapRows(await (await openFolder(TABLE_BUNDLE)).file('map.parquet'));
    const inOslo = points.filter(({ id }) => orders()[id]!.city === 'Oslo');
    const order = orders()[inOslo[0]!.id]!.order_id!;
    const panel = page.getByRole('complementary', { name: 'Points found' });
    await visit('#map?find=oslo');
    await panel.getByRole('heading', { name: `${inOslo.length} found` }).waitFor();
    await page.getByRole('searchbox').fill(`Oslo ${order}`);
    await panel.getByRole('heading', { name: '1 found' }).waitFor();
    expect(decodeURIComponent(new URL(page.url()).hash)).toBe(`#map?find=Oslo ${order}`);
    await panel.getByRole('button', { name: order }).click();
    await page.getByRole('complementary', { name: 'Selected point' }).getByText(order).first().waitFor();
    await page.getByRole('link', { name: 'Anomalies' }).click();
    await expect.poll(() => cells(2)).toEqual([order]);
  });

  test('stay where they are scrolled to, with the focus, while one is marked there or in another tab', async () => {
    await open('#anomalies');
    await region()
      .getByText(/, expected /)
      .first()
      .waitFor();
    await region().evaluate((element) => element.scrollTo(0, 2000));
    await expect.poll(async () => (await cells(1)).map(Number)).toContain(60);
    const select = region()
      .getByRole('combobox', { name: /^Mark of / })
      .nth(12);
    const scrolled = () => region().evaluate((element) => element.scrollTop);
    const at = await scrolled();
    await select.focus();
    await select.selectOption('unsure');
    const marks = page.getByRole('region', { name: 'Your marks' });
    await marks.getByText('1 unsure').waitFor();
    expect(await scrolled()).toBe(at);
    expect(await select.and(page.locator(':focus')).count()).toBe(1);
    // A frame is another document of the same site, as a tab is.
    await page.evaluate(`{
      const frame = document.body.appendChild(document.createElement('iframe'));
      const [key] = Object.keys(localStorage).filter((name) => name.startsWith('offmanifold-marks-'));
      const marks = JSON.parse(localStorage.getItem(key));
      frame.contentWindow.localStorage.setItem(key, JSON.stringify([...marks, [0, 'normal', '']]));
      frame.remove();
    }`);
    await marks.getByText('1 normal, 1 unsure').waitFor();
    expect(await scrolled()).toBe(at);
    await page.evaluate('localStorage.clear()');
  });

  test('are marked; the marks stay, and the command line takes them', async () => {
    await open('#anomalies');
    const select = (order: string) =>
      region().getByRole('combobox', { name: `Mark of ${order}`, exact: true });
    await region()
      .getByText(/, expected /)
      .first()
      .waitFor();
    const ids = (await cells(2)).slice(0, 6);
    for (const [i, id] of ids.entries())
      await select(id).selectOption(i < 4 ? 'true alarm' : i === 4 ? 'normal' : 'unsure');
    await open('#anomalies');
    expect(await select(ids[4]!).inputValue()).toBe('normal');
    await region()
      .getByRole('button', { name: new RegExp(`^${ids[0]} `) })
      .click();
    const panel = page.getByRole('complementary', { name: 'Selected point' });
    await panel.getByRole('button', { name: 'true alarm', pressed: true }).waitFor();
    await panel.getByLabel('Note').fill('not, "his" card');
    await page.getByRole('link', { name: 'Anomalies' }).click();
    const marks = page.getByRole('region', { name: 'Your marks' });
    await marks.getByText('4 true alarms, 1 normal, 1 unsure').waitFor();
    await marks.getByLabel('with the other points as normal').check();
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      marks.getByRole('button', { name: 'Export marks (CSV)' }).click(),
    ]);
    const folder = await mkdtemp(join(tmpdir(), 'offmanifold-'));
    try {
      await file.saveAs(join(folder, file.suggestedFilename()));
      const commands = (await marks.locator('code').allInnerTexts()).map((text) =>
        [...text.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => quoted ?? word!).slice(2),
      );
      const [evaluate, train] = commands;
      const model = evaluate!.with(evaluate!.indexOf('--model') + 1, TABLE_BUNDLE);
      const found = await runHere(folder, ...model, '--json');
      expect(found.error).toBe('');
      // The most anomalous row that is not unsure is an alarm, and so are the next three.
      expect(JSON.parse(found.out)).toMatchObject({ rows: 159, anomalous: 4, auroc: 1 });
      const trained = await runHere(folder, ...train!, '--dry-run');
      expect(trained.code, trained.error).toBe(0);
      expect(trained.error).toMatch(/mark +label +anomalous: true alarm/);
      expect(trained.error).toMatch(/note +left out/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

test('the report says how columns were scaled, and how well the score finds what labels call anomalous', async () => {
  await visit('#report');
  await page.getByText('3 numbers, 1 flag, 1 category, 1 date').waitFor();
  const report = parseReport(await (await openFolder(TABLE_BUNDLE)).json('report.json'));
  const { auroc, average_precision, class: anomalous } = report.detection.labelled!;
  expect(anomalous).toBe('true');
  const figure = (key: string) => page.locator(`[data-figure="${key}"] .value`).innerText();
  expect(Number(await figure('auroc_labelled'))).toBeCloseTo(auroc, 3);
  expect(Number(await figure('average_precision'))).toBeCloseTo(average_precision, 3);
  const chart = page.locator('section.chart').filter({ hasText: 'Fused score' });
  expect(await chart.innerText()).toContain('labelled anomalies');
  // Who is a member for longer is older and earns more.
  const time = page.getByRole('region', { name: 'Over time' });
  await time.getByText(/The largest move is (age|income|city|member)/).waitFor();
  expect(await time.getByRole('img').count()).toBe(3);
});

test('columns that cannot be read are counted in one sentence, which names the file', async () => {
  await page.route('**/rows.parquet', (route) => route.fulfill({ status: 404 }));
  await open('#map');
  await page
    .getByRole('alert')
    .getByText(/ and \d+ more cannot be read: rows\.parquet cannot be read: HTTP 404/)
    .waitFor();
  await page.unroute('**/rows.parquet');
  await open('#map');
});

test('a selection is exported once all columns are read; those that cannot be are named', async () => {
  const held = Promise.withResolvers<void>();
  await page.route('**/rows.parquet', async (route) => {
    await held.promise;
    await route.continue();
  });
  await open('#map?select=shown');
  const panel = page.getByRole('complementary', { name: 'Selected points' });
  await panel.getByText('Reading columns…').waitFor();
  const enabled = () =>
    panel.locator('.formats button').evaluateAll((all) => all.map((button) => !button.disabled));
  expect(await enabled()).toEqual([false, false, true, true]);
  held.resolve();
  await expect.poll(enabled).toEqual([true, true, true, true]);
  await page.unroute('**/rows.parquet');
  await page.route('**/rows.parquet', (route) => route.fulfill({ status: 404 }));
  await open('#map?select=shown');
  await panel.getByText(/^CSV and Parquet lack columns: .* cannot be read: rows\.parquet/).waitFor();
  await page.unroute('**/rows.parquet');
});

test('the panel of a point scrolls, not the page around it', async () => {
  await page.setViewportSize({ width: 1440, height: 900 });
  await visit('#map/3');
  const panel = page.getByRole('complementary', { name: 'Selected point' });
  await panel.getByRole('heading', { name: 'How surprised each detector is' }).waitFor();
  expect(await panel.evaluate((element) => element.scrollHeight > element.clientHeight)).toBe(true);
  expect(await page.evaluate('document.documentElement.scrollHeight')).toBe(900);
});

test('every view fits a phone of 360 pixels without scrolling sideways', async () => {
  await page.setViewportSize({ width: 360, height: 740 });
  for (const hash of ['#map/3', '#anomalies', '#report', '#row']) {
    await visit(hash);
    await page.waitForTimeout(300);
    expect(await page.evaluate('document.documentElement.scrollWidth'), hash).toBe(360);
    const panel = 'document.querySelector("aside.panel")';
    if (hash.startsWith('#map')) {
      expect(await page.evaluate(`${panel}.scrollWidth - ${panel}.clientWidth`), 'panel').toBe(0);
    }
  }
});
