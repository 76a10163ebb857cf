import { describe, expect, test } from 'vitest';
import { CsvTable } from '../../../bundle/tables/csv-table.ts';
import { JsonTable } from '../../../bundle/tables/json-table.ts';
import { readModelRows } from '../../../bundle/tables/model-rows.ts';
import { unscaled } from '../table-columns.ts';

const COLUMNS = [unscaled('gap', 0.2), unscaled('x', 0), unscaled('flow', 0.1)];

/** Reads a text as a file of this name, through a model's columns, and two rows at a time. */
async function read(path: string, text: string): Promise<number[]> {
  const bytes = new TextEncoder().encode(text);
  const file = {
    path,
    size: bytes.length,
    async *read() {
      yield bytes;
    },
  };
  await using table = await (path.endsWith('.csv') ? CsvTable.open(file) : JsonTable.open(file));
  const found: number[] = [];
  const add = (rows: Float32Array, count: number) => {
    found.push(...rows.subarray(0, count * COLUMNS.length));
  };
  await readModelRows(table, COLUMNS, add, { batch: 2, carried: [] });
  return found;
}

describe('a column that no record has', () => {
  test('is missing, if it may be, as in a request', async () => {
    const records = [1, 2, 3, 4, 5].map((x) => `{"flow":${10 * x},"x":${x}}\n`).join('');
    expect(await read('a.ndjson', records)).toEqual([1, 2, 3, 4, 5].flatMap((x) => [Number.NaN, x, 10 * x]));
  });

  test.each([
    ['that was never missing in training', 'a.ndjson', '{"gap":1,"flow":2}'],
    ['that is misspelt', 'a.ndjson', '{"gap":1,"x":2,"Flow":3}'],
    ['of a file that has columns', 'a.csv', 'x,gap\n1,2\n'],
    ['of none that the model needs', 'a.ndjson', '{"a":1}'],
  ])('is an error %s', async (_, path, text) => {
    await expect(read(path, text)).rejects.toThrow(/there (is|are) no column/);
  });
});

test.each([
  [
    'a list',
    '{"x":1}\n{"x":[1,2]}',
    'row 2 (counted from 1, without the header), column x: it holds lists or records ([1,2]), expected a number',
  ],
  [
    'a number that is too large',
    '{"x":1e400,"gap":1,"flow":1}',
    'row 1 (counted from 1, without the header), column x: a number that is too large, expected a number within',
  ],
])('%s in a record is named with its row, and what is expected', async (_, text, sentence) => {
  await expect(read('a.ndjson', text)).rejects.toThrow(sentence);
});
