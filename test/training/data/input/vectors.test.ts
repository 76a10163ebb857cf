import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect } from 'vitest';
import { formatNpyHeader } from '../../../../bundle/npy/header.ts';
import { readVectors, type VectorOptions } from '../../../../training/data/input/vectors.ts';
import { numbered, test, writeNpy } from '../temporary.ts';

const ROWS = [
  { id: 'a', topic: 3, e: [1, 2.5, -3] },
  { id: 'b', topic: 4, e: [4, 5, 6] },
  { id: 'c', topic: 3, e: [0, 1e-3, 7] },
];
const VALUES = Float32Array.from(ROWS.flatMap(({ e }) => e));

async function writeAs(folder: string, name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

async function writeParquet(folder: string, type: string): Promise<string> {
  const [from, path] = [join(folder, 'from.json'), join(folder, 'rows.parquet')];
  await writeFile(from, JSON.stringify(ROWS));
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(`COPY (SELECT id, topic, e::${type} AS e FROM read_json('${from}')) TO '${path}'`);
  connection.closeSync();
  instance.closeSync();
  return path;
}

/** The same rows, in every form that has a column of lists. */
const FORMS: Record<string, (folder: string) => Promise<string>> = {
  ndjson: (folder) => writeAs(folder, 'rows.ndjson', ROWS.map((row) => `${JSON.stringify(row)}\n`).join('')),
  json: (folder) => writeAs(folder, 'rows.json', JSON.stringify(ROWS)),
  'texts of CSV': (folder) =>
    writeAs(
      folder,
      'rows.csv',
      ['id,topic,e', ...ROWS.map(({ id, topic, e }) => `${id},${topic},"${JSON.stringify(e)}"`)].join('\n'),
    ),
  'Parquet, lists of floats': (folder) => writeParquet(folder, 'FLOAT[]'),
  'Parquet, lists of doubles': (folder) => writeParquet(folder, 'DOUBLE[]'),
  'Parquet, arrays': (folder) => writeParquet(folder, 'FLOAT[3]'),
};

describe('vectors', () => {
  test.for(Object.keys(FORMS))('in a column of lists: %s', async (form, { folder }) => {
    const { values, n, d, carried } = await readVectors(await FORMS[form](folder));
    expect([n, d]).toEqual([3, 3]);
    expect(values).toEqual(VALUES);
    expect(carried.map(({ column }) => column.name)).toEqual(['id', 'topic']);
    expect(carried[0].cells).toEqual(['a', 'b', 'c']);
    expect(carried[1].cells.map(String)).toEqual(['3', '4', '3']);
  });

  test('in columns of numbers, apart from texts and what is excluded', async ({ folder }) => {
    const path = await writeAs(folder, 'rows.csv', 'id,x,name,y\n1,0.5,one,2\n2,-1e3,two,3\n');
    const found = await readVectors(path, { exclude: ['id'] });
    expect(found.values).toEqual(Float32Array.from([0.5, 2, -1000, 3]));
    // What is excluded is not carried along.
    expect(found.carried.map(({ column }) => column.name)).toEqual(['name']);
    const chosen = await readVectors(path, { columns: ['y', 'x'] });
    expect(chosen.values).toEqual(Float32Array.from([2, 0.5, 3, -1000]));
    expect(chosen.carried.map(({ column }) => column.name)).toEqual(['id', 'name']);
  });

  test('in a .npy file, whatever the shape of its rows', async ({ folder }) => {
    const values = numbered(5, 6);
    const found = await readVectors(await writeNpy(folder, values, [2, 3]));
    expect([found.n, found.d]).toEqual([5, 6]);
    expect(found.values).toEqual(values);
    expect(found.carried).toEqual([]);
    expect(found.notes).toEqual(['each row, of shape 2 × 3, is flattened to 6 numbers']);
    expect((await readVectors(await writeNpy(folder, values, [6]))).notes).toEqual([]);
  });

  const [count, first] = [12, 7];
  const numbers = Array.from({ length: count }, (_, i) => i);
  const ids: [what: string, name: string, values: readonly unknown[], id: boolean][] = [
    ['a column of whole numbers without gaps', 'a', numbers.map((i) => first + i), true],
    ['the same in any order', 'a', numbers.map((i) => first + ((5 * i) % count)), true],
    ['a column that is called id', 'user_id', numbers.map((i) => 1000 - 7 * i), true],
    ['an index of pandas', '', numbers, true],
    ['whole numbers with a gap', 'a', numbers.map((i) => i + (i > 3 ? 1 : 0)), false],
    ['numbers that repeat', 'id', numbers.map((i) => Math.min(i, 10)), false],
    ['numbers that are not whole', 'index', numbers.map((i) => i + 0.5), false],
    ['a name that ends in the letters of id', 'acid', numbers.map((i) => 1000 - 7 * i), false],
  ];
  test.for(ids)(
    'of a table leave out what looks like an id: %s',
    async ([, name, values, id], { folder }) => {
      const lines = values.map((value, i) => `${value},${(i * i) / 2}`);
      const path = await writeAs(folder, 'rows.csv', [`${name},b`, ...lines].join('\n'));
      const found = await readVectors(path);
      expect(found.d).toBe(id ? 1 : 2);
      expect(found.ids).toHaveLength(id ? 1 : 0);
      expect(found.carried.map(({ cells }) => cells.map(Number))).toEqual(id ? [values] : []);
      expect(found.notes).toHaveLength(id ? 1 : 0);
      const [all] = found.ids;
      if (all !== undefined) expect((await readVectors(path, { columns: [all, 'b'] })).d).toBe(2);
    },
  );

  test('are refused if they take too much memory, before they are read', async ({ folder }) => {
    const path = join(folder, 'large.npy');
    const header = formatNpyHeader('<f4', [2 ** 20 + 1, 512]);
    await writeFile(path, header);
    // The values take no room on disk.
    await truncate(path, header.length + 4 * 512 * (2 ** 20 + 1));
    await expect(readVectors(path)).rejects.toThrow(
      `${path} is too large: at most 2 GiB of float32 fit, which is 1,048,576 rows of 512 numbers`,
    );
  });

  test('are joined with a table that has as many rows', async ({ folder }) => {
    const path = await writeNpy(folder, numbered(3, 2), [2]);
    const metadata = await writeAs(folder, 'about.csv', 'title,year\na,2001\nb,\nc,2003\n');
    const { carried, n } = await readVectors(path, { metadata });
    expect(carried.map(({ column }) => column.name)).toEqual(['title', 'year']);
    expect(carried.map(({ cells }) => cells)).toEqual([
      ['a', 'b', 'c'],
      ['2001', '', '2003'],
    ]);
    expect(n).toBe(3);
    const short = await writeAs(folder, 'short.csv', 'title\na\nb\n');
    await expect(readVectors(path, { metadata: short })).rejects.toThrow(
      `${short} has 2 rows, ${path} 3: expected a row for each vector, in the same order`,
    );
    const own = await writeAs(folder, 'own.csv', 'title,e\np,"[1]"\nq,"[2]"\nr,"[3]"\n');
    await expect(readVectors(own, { metadata })).rejects.toThrow('both have a column title: rename one');
    await expect(readVectors(path, { metadata: path })).rejects.toThrow('expected a table');
  });

  test('of another table leave out the same ids', async ({ folder }) => {
    const path = await writeAs(folder, 'rows.csv', 'n,b\n5,1\n5,2\n');
    expect((await readVectors(path, { ids: ['n'] })).values).toEqual(Float32Array.from([1, 2]));
    const alone = await writeAs(folder, 'ids.csv', 'id\n1\n2\n');
    await expect(readVectors(alone)).rejects.toThrow(
      'there is nothing to map but id, which looks like an id',
    );
  });

  const refusals: [name: string, text: string, options: VectorOptions, message: string][] = [
    ['gap.csv', 'a,b\n1,2\n3,\n', {}, 'row 2, column b: expected a number, got no value'],
    ['r.ndjson', '{"e":[1,2]}\n{"e":[1]}', {}, 'row 2, column e: expected a list of 2 numbers, got 1'],
    ['empty.ndjson', '{"e":[]}\n', {}, 'row 1, column e: expected a list of some numbers, got 0'],
    ['none.ndjson', '{"e":[1]}\n{"e":null}', {}, 'row 2, column e: expected a list of numbers, got no value'],
    ['in.ndjson', '{"e":[1,"x"]}\n', {}, 'row 1, column e, place 2: expected a number, got "x"'],
    ['far.ndjson', '{"e":[1e39]}\n', {}, 'row 1, column e, place 1: expected a number, got 1e+39'],
    ['two.ndjson', '{"e":[1],"f":[2]}\n', {}, 'columns e, f hold lists of numbers: name one with --columns'],
    ['mixed.csv', 'a,e\n1,"[2]"\n', { columns: ['a', 'e'] }, 'column e holds lists: name it alone'],
    [
      'names.csv',
      'a,t\n1,u\n',
      { columns: ['t'] },
      't is no column of numbers or lists of them: the file has a',
    ],
    ['texts.csv', 'a,t\nq,u\n', {}, 'there is nothing to map: expected a column of lists'],
    ['blank.csv', 'a,b\n', {}, 'there is nothing to map'],
    ['notes.txt', 'a', {}, 'is not supported: expected a .npy file, or a table'],
  ];
  test.for(refusals)('are refused: %s', async ([name, text, options, message], { folder }) => {
    const path = await writeAs(folder, name, text);
    await expect(readVectors(path, options)).rejects.toThrow(message);
  });

  test('are refused without a file, and with names for a .npy file', async ({ folder }) => {
    await expect(readVectors(join(folder, 'no.csv'))).rejects.toThrow('cannot be read');
    const path = await writeNpy(folder, numbered(5, 6), [6]);
    await expect(readVectors(path, { columns: ['a'] })).rejects.toThrow('has no named columns');
  });
});
