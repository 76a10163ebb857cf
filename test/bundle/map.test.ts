import { readFile } from 'node:fs/promises';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { expect, test } from 'vitest';
import { CodeIndex } from '../../bundle/codes.ts';
import { readMap } from '../../bundle/map.ts';
import { parseReport } from '../../bundle/report.ts';
import { loadMnist } from '../../training/data/readers/mnist.ts';
import { readMapRows } from '../support/map-rows.ts';
import { TEST_BUNDLE } from '../support/paths.ts';

const file = async (name: string) => new Uint8Array(await readFile(`${TEST_BUNDLE}/${name}`));

test('row i of map.parquet is point i of codes.bin and sample `id` of the data', async () => {
  const rows = await readMapRows(await file('map.parquet'));
  const index = new CodeIndex(await file('codes.bin'));
  const { labels } = await loadMnist('test');
  expect(rows).toHaveLength(index.count);
  for (const [i, row] of rows.entries()) {
    expect([row.id, Math.fround(row.x), Math.fround(row.y)]).toEqual([index.ids[i], index.x[i], index.y[i]]);
    expect(row.label).toBe(String(labels[row.id]));
    expect(row.p_value).toBeGreaterThan(0);
  }
});

test('the ranking of the report goes from the largest score to the smallest', async () => {
  const rows = await readMapRows(await file('map.parquet'));
  const { ranking } = parseReport(JSON.parse(new TextDecoder().decode(await file('report.json'))));
  expect(ranking.toSorted((a, b) => a - b)).toEqual(rows.map((_, i) => i));
  for (let i = 1; i < ranking.length; i++) {
    expect(rows[ranking[i - 1]].score).toBeGreaterThanOrEqual(rows[ranking[i]].score);
  }
});

test('a map that is not Parquet, or has other columns, is refused', async () => {
  await expect(readMap(new Uint8Array(100))).rejects.toThrow('map.parquet is damaged');
  const other = parquetWriteBuffer({ columnData: [{ name: 'id', data: Int32Array.of(1), type: 'INT32' }] });
  await expect(readMap(new Uint8Array(other))).rejects.toThrow(
    'map.parquet is damaged: there is no column split',
  );
});

test('a damaged report is refused, and the place is named', () => {
  expect(() => parseReport({ headline: {} })).toThrow('report.json is damaged: training');
});
