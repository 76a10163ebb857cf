import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { runHere } from '../support/command-here.ts';
import { openView, type Site, serveDashboard } from '../support/dashboard.ts';
import { TABLE_BUNDLE, TABLE_EXPECTED, type TableExpected } from '../support/table-bundle.ts';

let folder: string;
let site: Site;
let browser: Browser;
let page: Page;
/** The table that the model was trained on. */
let csv: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'offmanifold-file-'));
  csv = (JSON.parse(await readFile(TABLE_EXPECTED, 'utf8')) as TableExpected).csv;
  await writeFile(join(folder, 'orders.csv'), csv);
  [site, browser] = await Promise.all([serveDashboard(TABLE_BUNDLE), launchBrowser()]);
  page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
});

afterAll(async () => {
  await browser?.close();
  await site?.stop();
  await rm(folder, { recursive: true, force: true });
});

const open = (hash: string) => openView(page, site, hash);

const choose = (file: string | { name: string; mimeType: string; buffer: Buffer }) =>
  page.locator('input[type=file]').setInputFiles(file);
const rows = () => page.getByTestId('file-rows');
const failure = () => page.getByRole('alert');

/** What `offmanifold score` writes. Rejects with what it says. */
async function scoreByCommand(file: string, flags: readonly string[]): Promise<string> {
  const out = join(folder, 'scores.csv');
  const { code, error } = await runHere(
    folder,
    'score',
    file,
    '--model',
    TABLE_BUNDLE,
    '--out',
    out,
    ...flags,
  );
  if (code !== 0) throw new Error(error);
  return readFile(out, 'utf8');
}

async function exported(): Promise<string> {
  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export as CSV' }).click();
  return readFile(await (await saving).path(), 'utf8');
}

const split = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => line.split(','));

/** The same columns and verdicts, and the same numbers but for what two engines round differently. */
function expectSameTable(found: string, expected: string): void {
  const [[head, ...own], [names, ...others]] = [split(found), split(expected)];
  expect(head).toEqual(names);
  expect(own.length).toBe(others.length);
  const differing = own.flatMap((line, i) =>
    line.filter((value, j) => {
      const other = others[i]![j]!;
      const close = Math.abs(Number(value) - Number(other)) <= 1e-4 * Math.max(1, Math.abs(Number(other)));
      return value !== other && !close;
    }),
  );
  // Features with nearly the same share may change places.
  expect(differing.length).toBeLessThan(0.005 * own.length);
}

test('a table that is chosen gets the scores of the command line, in the same columns', async () => {
  await open('#file');
  expect(await page.getByText('Nothing is uploaded').count()).toBe(1);
  const sent: string[] = [];
  page.on('request', (request) => request.method() !== 'GET' && sent.push(request.url()));
  await choose(join(folder, 'orders.csv'));
  await rows().getByText('1,500').waitFor();
  const flags = ['--columns', 'order_id,fraud', '--explain', '3'];
  const expected = await scoreByCommand(join(folder, 'orders.csv'), flags);
  const found = await exported();
  expectSameTable(found, expected);
  expect(await page.locator('code.command').innerText()).toContain(flags.join(' '));
  const flagged = split(expected).filter((line) => line[4] === 'true').length;
  expect(Number((await page.getByTestId('file-flagged').innerText()).split(' ')[0])).toBe(flagged);
  expect(sent).toEqual([]);
});

test('the ranking begins with the highest score, and a row shows its reasons and its place', async () => {
  const scores = split(await exported())
    .slice(1)
    .map((line) => ({ id: line[0]!, score: Number(line[2]) }))
    .sort((a, b) => b.score - a.score);
  const first = page.locator('tbody tr').first();
  expect(await first.innerText()).toContain(scores[0]!.id);
  await first.getByRole('button').click();
  await page.locator('section.reasons').getByText('How surprised each detector is').waitFor();
  expect(await page.locator('path.placed.flagged').getAttribute('d')).toMatch(/^M/);
});

test('with a date column, the file is followed over time: its scores, its alarms and the columns that move', async () => {
  const time = page.getByRole('region', { name: 'Over time', exact: true });
  await time.getByText(/The largest move is (age|income|city|member|amount)/).waitFor();
  expect(
    await time.getByText(/rows of orders\.csv are flagged a day, with a p-value up to 0\.01,/).count(),
  ).toBe(1);
  await time.getByRole('button', { name: 'Table: Alarms a day' }).click();
  const table = time.getByRole('region', { name: 'Alarms a day, as a table' });
  const cells = (await table.locator('tbody tr').all()).map((row) => row.locator('td').allInnerTexts());
  const periods = (await Promise.all(cells)).map(([from, ...counts]) => ({
    from: from!,
    counts: counts.map(Number),
  }));
  expect(periods.length).toBeGreaterThan(10);
  // Below the list of rows, which scrolls, not below all of them.
  const list = (await page.getByRole('table', { name: 'The highest scores' }).boundingBox())!;
  expect((await time.boundingBox())!.y).toBeLessThan(list.y + 1200);
  expect(list.height).toBeGreaterThan(1200);
  const since = new Map(split(csv).map((line) => [line[0]!, line[5]!]));
  const flags = split(await exported()).slice(1);
  for (const [k, { from, counts }] of periods.slice(0, -1).entries()) {
    const inside = flags.filter(([id]) => since.get(id!)! >= from && since.get(id!)! < periods[k + 1]!.from);
    expect(counts.slice(0, 2)).toEqual([inside.length, inside.filter((line) => line[4] === 'true').length]);
  }
  await time.getByRole('button', { name: 'Table: Alarms a day' }).click();
});

test('a diamond that is clicked chooses its row', async () => {
  // A path begins at the top of each diamond, and has them in the order of the ranking.
  const middles = async (diamonds: string, height: number) =>
    [...((await page.locator(diamonds).getAttribute('d')) ?? '').matchAll(/M([-\d.]+) ([-\d.]+)/g)].map(
      (found) => ({
        x: Number(found[1]),
        y: Number(found[2]) + height,
      }),
    );
  const flagged = await middles('path.placed.flagged', 6);
  const all = [...flagged, ...(await middles('path.placed:not(.flagged)', 3))];
  const room = flagged
    .slice(0, 50)
    .map((place) =>
      Math.min(
        ...all.filter((other) => other !== place).map(({ x, y }) => Math.hypot(x - place.x, y - place.y)),
      ),
    );
  // The first row is chosen already.
  room[0] = 0;
  const loneliest = room.indexOf(Math.max(...room));
  await page.getByRole('application').click({ position: flagged[loneliest]! });
  const chosen = page.locator('tbody button[aria-pressed=true]');
  const names = await page.locator('tbody button.name').allInnerTexts();
  await expect.poll(() => chosen.allInnerTexts()).toEqual([names[loneliest]]);
  expect(new URL(page.url()).hash).toBe('#file');
});

test('discoveries at a false discovery rate are those of the command line', async () => {
  const { records } = JSON.parse(await readFile(TABLE_EXPECTED, 'utf8')) as TableExpected;
  const file = join(folder, 'records.ndjson');
  await writeFile(file, records.map((record) => JSON.stringify(record)).join('\n'));
  await choose(file);
  await rows().getByText('32').waitFor();
  await page.getByRole('button', { name: 'False discovery rate' }).click();
  await page.getByRole('spinbutton').fill('0.2');
  const expected = await scoreByCommand(file, ['--fdr', '0.2', '--explain', '3']);
  const discoveries = split(expected).filter((line) => line[2] === 'true').length;
  expect(discoveries).toBeGreaterThan(0);
  await expect
    .poll(async () => Number((await page.getByTestId('file-flagged').innerText()).split(' ')[0]))
    .toBe(discoveries);
  expectSameTable(await exported(), expected);
  await page.getByRole('button', { name: 'Significance' }).click();
});

test('NDJSON, compressed CSV and Parquet files of the same rows have the same scores', async () => {
  const ndjson = join(folder, 'orders.ndjson');
  const parquet = join(folder, 'orders.parquet');
  const zstd = join(folder, 'zstd.parquet');
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(`CREATE TABLE orders AS SELECT * FROM read_csv('${join(folder, 'orders.csv')}')`);
  await connection.run(`COPY orders TO '${ndjson}' (FORMAT json)`);
  await connection.run(`COPY orders TO '${parquet}' (FORMAT parquet)`);
  await connection.run(`COPY orders TO '${zstd}' (FORMAT parquet, COMPRESSION zstd)`);
  connection.closeSync();
  await writeFile(join(folder, 'orders.csv.gz'), gzipSync(csv));
  const scoresOf = (text: string) =>
    split(text)
      .slice(1)
      .map((line) => `${line[0]} ${line.slice(2).join(' ')}`);
  await choose(join(folder, 'orders.csv'));
  await rows().waitFor();
  const expected = scoresOf(await exported());
  for (const file of [ndjson, parquet, zstd, join(folder, 'orders.csv.gz')]) {
    await choose(file);
    await page.locator('dt', { hasText: file.split('/').at(-1)! }).waitFor();
    expect(scoresOf(await exported()), file).toEqual(expected);
  }
});

test('what cannot be scored is said as the command line says it', async () => {
  const lines = csv.split('\n');
  const cut = lines.toSpliced(5, 1, lines[5]!.replace(/^(\d+),\d+/, '$1,old'));
  const files = {
    'wrong.csv': cut.join('\n'),
    'short.csv': `${lines[0]}\n1,2\n`,
    'other.csv': 'a,b\n1,2\n',
    'broken.ndjson': '{"age": 1}\n{"age": ',
  };
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(folder, name), text);
    const said = await scoreByCommand(join(folder, name), []).then(
      () => '',
      (error: Error) => error.message,
    );
    await choose(join(folder, name));
    await failure().getByText(name).waitFor();
    expect(said).toContain(await failure().innerText());
  }
  await choose({ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('hello') });
  await failure().getByText('notes.txt: the model expects one table').waitFor();
});

test('a file that is dropped on any view is scored', async () => {
  await open('#report');
  const transfer = await page.evaluateHandle(`(() => {
    const made = new DataTransfer();
    made.items.add(new File([${JSON.stringify(csv)}], 'dropped.csv', { type: 'text/csv' }));
    return made;
  })()`);
  await page.dispatchEvent('body', 'dragover', { dataTransfer: transfer });
  await page.getByText('Drop to score it here').waitFor();
  await page.dispatchEvent('body', 'drop', { dataTransfer: transfer });
  await rows().getByText('1,500').waitFor();
  expect(await page.locator('dt', { hasText: 'dropped.csv' }).count()).toBe(1);
});

test('scoring can be cancelled', async () => {
  const [head, ...lines] = csv.trim().split('\n');
  const long = `${head}\n${Array.from({ length: 150 }, () => lines.join('\n')).join('\n')}\n`;
  await choose({ name: 'long.csv', mimeType: 'text/csv', buffer: Buffer.from(long) });
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByText('or drop it anywhere on this page').waitFor();
  // The worker is free at once.
  await choose(join(folder, 'orders.csv'));
  await rows().getByText('1,500').waitFor({ timeout: 15_000 });
});
