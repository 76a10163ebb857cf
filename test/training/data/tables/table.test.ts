import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parquetWriteFile } from 'hyparquet-writer';
import { describe, expect } from 'vitest';
import { displayValue } from '../../../../bundle/column-display.ts';
import { encodedFeatures } from '../../../../bundle/column-encoding.ts';
import { parseRecord, parseValue } from '../../../../bundle/column-parsing.ts';
import type { TableColumn } from '../../../../bundle/column-schema.ts';
import type { Configuration } from '../../../../training/config/schema.ts';
import { openSource } from '../../../../training/data/source.ts';
import { test } from '../temporary.ts';
import { lines, readTable, trainRows, withTable, written } from './tables.ts';

const CITIES = ['Oslo', 'Rome', 'Kyïv'];
const record = (i: number) => ({
  n: i % 7 === 3 ? null : i / 4,
  city: i % 11 === 5 ? null : CITIES[(i * i) % 3],
  member: i % 3 === 0,
  at: new Date(Date.UTC(2024, 0, 1 + i, i % 24)).toISOString().replace('.000Z', 'Z'),
});
const RECORDS = Array.from({ length: 60 }, (_, i) => record(i));
const csvRow = ({ n, city, member, at }: ReturnType<typeof record>) =>
  [n ?? '', city ?? 'NA', member, at].join();
const CSV = `${['n,city,member,at', ...RECORDS.map(csvRow)].join('\n')}\n`;

/** What the columns and rows of a file are, apart from small differences in how files write a value. */
const found = (path: string) =>
  withTable(path, {}, async (table) => ({
    columns: table.columns,
    rows: await trainRows(table),
    last: Array.from(await table.rows(Uint32Array.of(59))),
  }));

describe('the same rows are the same table', () => {
  test('in CSV, TSV, with semicolons, BOM and CRLF, gzipped, JSON, NDJSON and Parquet', async ({
    folder,
  }) => {
    const parquet = join(folder, 'rows.parquet');
    await parquetWriteFile({
      filename: parquet,
      columnData: [
        { name: 'n', data: RECORDS.map(({ n }) => n), type: 'DOUBLE', nullable: true },
        { name: 'city', data: RECORDS.map(({ city }) => city), type: 'STRING', nullable: true },
        { name: 'member', data: RECORDS.map(({ member }) => member), type: 'BOOLEAN' },
        { name: 'at', data: RECORDS.map(({ at }) => new Date(at)), type: 'TIMESTAMP' },
      ],
    });
    const paths = [
      await written(folder, 'rows.csv', CSV),
      await written(folder, 'rows.tsv', CSV.replaceAll(',', '\t')),
      await written(folder, 'semicolons.csv', `\u{feff}${CSV.replaceAll(',', ';').replaceAll('\n', '\r\n')}`),
      await written(folder, 'zipped.csv.gz', gzipSync(CSV)),
      await written(folder, 'rows.json', JSON.stringify(RECORDS)),
      await written(folder, 'rows.ndjson', RECORDS.map((row) => JSON.stringify(row)).join('\n')),
      parquet,
    ];
    const [first, ...others] = await Promise.all(paths.map(found));
    expect(first.columns.map(({ name, kind }) => [name, kind])).toEqual([
      ['n', 'number'],
      ['city', 'category'],
      ['member', 'flag'],
      ['at', 'date'],
    ]);
    for (const other of others) expect(other).toEqual(first);
    // As a caller of the API would send them, one by one.
    const target = new Float32Array(4);
    for (const [i, row] of [...first.rows, first.last].entries()) {
      expect(parseRecord(first.columns, RECORDS[i], target)).toEqual([]);
      expect(Array.from(target)).toEqual(row);
      expect(displayValue(first.columns[3], row[3]).slice(0, 16)).toBe(RECORDS[i].at.slice(0, 16));
    }
  });

  test('quotes, new lines and delimiters within texts', async ({ folder }) => {
    const text = (i: number) => ['a "quoted", word', 'two\nlines', ' blanks ', "it's"][i % 4];
    const path = await written(
      folder,
      'quotes.csv',
      lines('"the ""n""",text', 40, (i) => `${i},"${text(i).replaceAll('"', '""')}"`),
    );
    await withTable(path, {}, async (table) => {
      expect(table.columns.map(({ name }) => name)).toEqual(['the "n"', 'text']);
      const [, column] = table.columns;
      for (const [i, row] of (await trainRows(table)).entries())
        expect(displayValue(column, row[1])).toBe(text(i));
    });
  });

  test('a name with letters that stand for patterns', async ({ folder }) => {
    const path = await written(folder, "it's [1] *?.csv", CSV);
    expect((await found(path)).rows.length).toBe(59);
  });

  test('the order of the rows is that of the file, however many there are', async ({ folder }) => {
    // More than the 122,880 rows that DuckDB keeps together.
    const count = 130_000;
    const path = await written(
      folder,
      'many.csv',
      lines('i,word,flag', count, (i) => `${i},w${i % 5},${i % 2 ? 'yes' : 'no'}`),
    );
    let wrong = 0;
    await withTable(path, { types: { i: 'number' } }, async (table) => {
      const rows = await trainRows(table);
      for (const [i, [n, word, flag]] of rows.entries()) {
        if (n !== i || displayValue(table.columns[1], word) !== `w${i % 5}` || flag !== i % 2) wrong++;
      }
      let next = 0;
      const total = await readTable(path, table.columns, (batch, size, start) => {
        if (start !== next) wrong++;
        for (let r = 0; r < size; r++) if (batch[3 * r] !== start + r) wrong++;
        next += size;
      });
      expect(total).toBe(count);
    });
    expect(wrong).toBe(0);
  });
});

describe('numbers that are categories', () => {
  const GRADES = [1, 2, 2.5, -3];
  const grade = (i: number) => GRADES[(i * i + (i >> 2)) % 4];
  const NDJSON = Array.from({ length: 60 }, (_, i) => JSON.stringify({ n: i / 4, grade: grade(i) })).join(
    '\n',
  );

  test('are known to the API as numbers, and in every file however it writes them', async ({ folder }) => {
    const path = await written(folder, 'grades.ndjson', NDJSON);
    // Whole numbers alone are of another type in JSON.
    const whole = await written(folder, 'whole.ndjson', '{"n":1,"grade":1}\n{"n":2,"grade":-3}\n');
    const csv = await written(folder, 'grades.csv', 'n,grade\n1,2.0\n2,2.5\n3,1\n4,2.7\n5,\n');
    await withTable(path, { types: { grade: 'category' } }, async ({ columns }) => {
      const [, column] = columns;
      const categories = column.kind === 'category' ? column.categories : [];
      expect([...categories].sort()).toEqual(['-3', '1', '2', '2.5']);
      const at = (value: number) => categories.indexOf(String(value));
      const target = new Float32Array(2);
      for (const value of GRADES) {
        expect(parseRecord(columns, { n: 1, grade: value }, target)).toEqual([]);
        expect(target[1]).toBe(at(value));
      }
      expect(parseValue(column, '2.0')).toBe(at(2));
      expect(parseValue(column, '2.00')).toBe(-1);
      const readBy = async (file: string) => {
        const found: number[] = [];
        await readTable(file, columns, (rows, count) => {
          for (let i = 0; i < count; i++) found.push(rows[2 * i + 1]);
        });
        return found;
      };
      expect(await readBy(path)).toEqual(Array.from({ length: 60 }, (_, i) => at(grade(i))));
      expect(await readBy(whole)).toEqual([at(1), at(-3)]);
      expect(await readBy(csv)).toEqual([at(2), at(2.5), at(1), -1, NaN]);
    });
  });

  test('are known though a text file writes them with .0', async ({ folder }) => {
    const path = await written(
      folder,
      'grades.csv',
      lines('n,grade', 60, (i) => `${i / 4},${grade(i).toFixed(1)}`),
    );
    await withTable(path, { types: { grade: 'category' } }, async ({ columns }) => {
      const target = new Float32Array(2);
      const [, column] = columns;
      for (const value of GRADES) {
        expect(parseRecord(columns, { n: 1, grade: value }, target)).toEqual([]);
        expect(displayValue(column, target[1])).toBe(value.toFixed(1));
      }
      const ndjson = await written(folder, 'grades.ndjson', NDJSON);
      let wrong = 0;
      await readTable(ndjson, columns, (rows, count) => {
        for (let i = 0; i < count; i++)
          wrong += Number(displayValue(column, rows[2 * i + 1]) !== grade(i).toFixed(1));
      });
      expect(wrong).toBe(0);
    });
  });
});

test('a table of 1200 columns is read as one of three', async ({ folder }) => {
  const header = Array.from({ length: 1200 }, (_, j) => `f${j}`).join();
  const value = (i: number, j: number) => (j % 40 === 7 ? 'abc'[(i + j) % 3] : (i * (j + 1)) % 10_007);
  const path = await written(
    folder,
    'wide.csv',
    lines(header, 60, (i) => Array.from({ length: 1200 }, (_, j) => value(i, j)).join()),
  );
  await withTable(path, {}, async (table) => {
    expect(table.columns.length).toBe(1200);
    for (const [i, row] of (await trainRows(table)).entries()) {
      for (const j of [0, 7, 127, 128, 647, 1198]) {
        expect(displayValue(table.columns[j], row[j])).toBe(String(value(i, j)));
      }
    }
  });
});

describe('larger than memory', () => {
  test('is the same as in memory, from a temporary file that is gone afterwards', async ({ folder }) => {
    const path = await written(folder, 'rows.csv', CSV);
    const files = () => readdirSync(tmpdir()).filter((name) => name.startsWith('offmanifold-table-'));
    const before = files();
    const both = [];
    for (const memoryLimit of [2 ** 30, 100]) {
      both.push(
        await withTable(
          path,
          {},
          async (table) => {
            expect(table.inMemory).toBe(memoryLimit > 100);
            if (memoryLimit === 100) expect(files().length).toBe(before.length + 1);
            return {
              columns: table.columns,
              rows: await trainRows(table),
              held: await table.rows(Uint32Array.of(3, 59)),
            };
          },
          { memoryLimit },
        ),
      );
    }
    expect(both[1]).toEqual(both[0]);
    expect(files()).toEqual(before);
  });
});

describe('scales, medians and categories', () => {
  test('are those of the training rows alone', async ({ folder }) => {
    // What is far off, and a category of its own, is in the one row that is held out.
    const path = await written(
      folder,
      'held.csv',
      lines('x,y,c', 101, (i) =>
        i === 100 ? '1e6,0.5,rare' : `${i},${i % 2 ? 0.25 : ''},${i % 4 ? 'a' : 'b'}`,
      ),
    );
    await withTable(path, {}, async ({ columns, rows }) => {
      const [x, y, c] = columns as [
        TableColumn & { kind: 'number' },
        TableColumn,
        TableColumn & { kind: 'category' },
      ];
      expect(x.center).toBeCloseTo(49.5, 4);
      expect(x.scale).toBeCloseTo(Math.sqrt((100 ** 2 - 1) / 12), 4);
      expect(x.missing).toBeCloseTo(49.5, 4);
      expect(y).toMatchObject({ kind: 'number', missing_share: 0.5, scale: 1, missing: 0.25 });
      expect([c.categories, c.frequencies]).toEqual([
        ['a', 'b'],
        [0.75, 0.25],
      ]);
      expect(Array.from(await rows(Uint32Array.of(100)))).toEqual([1e6, 0.5, -1]);
    });
  });

  test('sixteen categories are one-hot, seventeen go by frequency, in order of frequency and name', async ({
    folder,
  }) => {
    for (const count of [16, 17]) {
      const path = await written(
        folder,
        'c.csv',
        lines('x,c', 20 * count + 1, (i) => `${i},c${(i % count) + 10}`),
      );
      await withTable(path, {}, ({ columns }) => {
        const column = columns[1] as TableColumn & { kind: 'category' };
        expect(column.encoding).toBe(count === 16 ? 'one_hot' : 'frequency');
        expect(column.categories).toEqual(Array.from({ length: count }, (_, i) => `c${i + 10}`));
      });
    }
  });
});

describe('kinds of columns', () => {
  const kindsOf = async (path: string, options: Configuration = {}) =>
    withTable(path, options, ({ columns, excluded, label }) => ({
      kinds: Object.fromEntries(columns.map(({ name, kind }) => [name, kind])),
      excluded: Object.fromEntries(excluded.map(({ name, why }) => [name, why])),
      label: label?.name,
      classes: label?.classes,
    }));

  test('are inferred, and what nothing can be learned from is left out', async ({ folder }) => {
    const header = 'id,user_id,age,score,sex,zip,day,constant,comment,yes_no,bit,Fraud';
    const path = await written(
      folder,
      'people.csv',
      lines(header, 400, (i) =>
        [
          1000 + i,
          i % 50,
          20 + (i % 60),
          (i / 7).toExponential(),
          i % 3 ? 'm' : 'f',
          `0${i % 9}`,
          `2024-0${1 + (i % 9)}-11`,
          'k',
          `text ${i}`,
          i % 2 ? 'Yes' : 'no',
          i % 2,
          i % 40 ? 0 : 1,
        ].join(),
      ),
    );
    const found = await kindsOf(path);
    expect(found.kinds).toEqual({
      user_id: 'number',
      age: 'number',
      score: 'number',
      sex: 'category',
      zip: 'number',
      day: 'date',
      yes_no: 'flag',
      bit: 'flag',
    });
    expect(found.excluded).toEqual({
      id: 'an id by its name',
      constant: 'constant',
      comment: 'free text, different in nearly every row',
    });
    expect([found.label, found.classes]).toEqual(['Fraud', ['0', '1']]);
    const given = await kindsOf(path, {
      types: { zip: 'category', id: 'number', Fraud: 'flag' },
      exclude: ['age', 'comment'],
    });
    expect(given.kinds).toMatchObject({ zip: 'category', id: 'number', Fraud: 'flag' });
    expect(given.excluded).toEqual({
      age: 'by the option exclude',
      comment: 'by the option exclude',
      constant: 'constant',
    });
    expect(given.label).toBeUndefined();
  });

  test('that count the rows are left out by their names', async ({ folder }) => {
    const path = await written(
      folder,
      'orders.csv',
      lines('Order No,seq,no,house_no,x', 100, (i) => `${i + 7},${i},${i * 2},${i % 50},${i % 9}`),
    );
    const { kinds, excluded } = await kindsOf(path);
    expect(Object.keys(kinds)).toEqual(['house_no', 'x']);
    expect(Object.keys(excluded)).toEqual(['Order No', 'seq', 'no']);
  });

  test('may have numbers for names: counted, or wavelengths', async ({ folder }) => {
    const waves = Array.from({ length: 9 }, (_, k) => String(400 + 2.5 * k));
    for (const names of [
      ['0', '1', '2'],
      [...waves, 'quality'],
    ]) {
      const row = (i: number) => names.map((_, j) => (i * (j + 3)) % 17).join();
      const path = await written(folder, 'numbers.csv', lines(names.join(), 100, row));
      expect(Object.keys((await kindsOf(path)).kinds)).toHaveLength(names.length);
    }
  });

  test('of one value are learned from if enough rows have it, and enough do not', async ({ folder }) => {
    const path = await written(
      folder,
      'sparse.csv',
      lines('x,note,five,on,rare,nearly', 400, (i) =>
        [
          i,
          i % 2 ? 'seen' : '',
          i % 3 ? 5 : 'NA',
          i % 4 ? 'yes' : '',
          i === 7 ? 'x' : '',
          i === 7 ? '' : 3,
        ].join(),
      ),
    );
    const { kinds, excluded } = await kindsOf(path);
    expect(kinds).toEqual({ x: 'number', note: 'category', five: 'number', on: 'flag' });
    expect(excluded).toEqual({
      rare: 'missing in all but 1 of 400 rows, which have the same value',
      nearly: 'constant, and missing in only 1 of 400 rows',
    });
    await withTable(path, {}, ({ columns }) => {
      const widths = columns.map((column) => encodedFeatures([column]).map(({ of }) => of));
      expect(widths).toEqual([
        ['value'],
        ['category', 'missing'],
        ['value', 'missing'],
        ['value', 'missing'],
      ]);
    });
  });

  test('of many values are a label if it is said which one is anomalous', async ({ folder }) => {
    const path = await written(
      folder,
      'parts.csv',
      lines('x,part,code', 400, (i) => `${i},${['bolt', 'Nut', 'pin'][i % 3]},${i % 5}`),
    );
    for (const [label, anomalous, classes, wanted] of [
      ['part', 'nut', ['not Nut', 'Nut'], (i: number) => i % 3 === 1],
      ['code', '3', ['not 3', '3'], (i: number) => i % 5 === 3],
    ] as const) {
      await withTable(path, { label, anomalous }, (table) => {
        expect(table.label).toMatchObject({ name: label, classes });
        expect(Array.from(table.anomalous!, Boolean)).toEqual(
          Array.from({ length: 400 }, (_, i) => wanted(i)),
        );
      });
    }
  });

  test('words for missing values are missing, whatever their case', async ({ folder }) => {
    const words = ['', 'NA', 'n/a', 'NaN', 'null', 'None', '?', ' na '];
    const path = await written(
      folder,
      'm.csv',
      lines('x,c', 161, (i) => (i % 2 ? `${i},c${i % 3}` : `${words[i % 8]},${words[(i + 1) % 8]}`)),
    );
    await withTable(path, {}, async (table) => {
      for (const [i, row] of (await trainRows(table)).entries()) {
        expect(row.map(Number.isNaN)).toEqual(i % 2 ? [false, false] : [true, true]);
      }
      expect(table.columns.map(({ missing_share }) => missing_share)).toEqual([0.5, 0.5]);
    });
  });

  test('a label’s two values may differ in case, and --anomalous in how it writes a number', async ({
    folder,
  }) => {
    const words = ['normal', 'Normal', 'Anomaly', 'normal', 'anomaly'];
    const path = await written(
      folder,
      'case.csv',
      lines('x,label,y', 400, (i) => `${i},${words[i % 5]},${i % 3}`),
    );
    await withTable(path, {}, (table) => {
      expect(table.label).toMatchObject({ name: 'label', classes: ['normal', 'Anomaly'] });
      expect(Array.from(table.anomalous!, Boolean)).toEqual(
        Array.from({ length: 400 }, (_, i) => (i % 5) % 2 === 0 && i % 5 > 0),
      );
    });
    await withTable(path, { label: 'y', anomalous: '2.0', exclude: ['label'] }, (table) => {
      expect(table.label).toMatchObject({ classes: ['not 2', '2'] });
    });
  });

  test('a label has words for the anomalous one, or --anomalous names it', async ({ folder }) => {
    const labelled = (a: string, b: string) =>
      written(
        folder,
        'l.csv',
        lines('x,y,outcome', 40, (i) => `${i},${i * i},${i % 8 ? a : b}`),
      );
    for (const [normal, anomalous] of [
      ['0', '1'],
      ['False', 'True'],
      ['normal', 'attack'],
      ['no', 'yes'],
    ]) {
      const found = await kindsOf(await labelled(normal, anomalous), { label: 'outcome' });
      expect(found.classes, anomalous).toEqual([normal, anomalous]);
    }
    const named = await kindsOf(await labelled('left', 'right'), { label: 'outcome', anomalous: 'left' });
    expect(named.classes).toEqual(['right', 'left']);
    await expect(kindsOf(await labelled('left', 'right'), { label: 'outcome' })).rejects.toThrow(
      'l.csv: the label column outcome: it is unknown which of "left", "right" is anomalous: name it with --anomalous VALUE',
    );
    await expect(
      kindsOf(await labelled('left', 'right'), { label: 'outcome', anomalous: 'up' }),
    ).rejects.toThrow('it has the values left and right, not up');
    // Some data call outliers -1, others 1.
    await expect(kindsOf(await labelled('1', '-1'), { label: 'outcome' })).rejects.toThrow(
      'it is unknown which of "-1", "1" is anomalous: name it with --anomalous VALUE',
    );
    await expect(kindsOf(await labelled('1', '0'), { label: 'outcome' })).rejects.toThrow(
      '"1" would be anomalous, but 35 of 40 rows have it: name the anomalous value with --anomalous VALUE',
    );
    const most = await kindsOf(await labelled('1', '0'), { label: 'outcome', anomalous: '1' });
    expect(most.classes).toEqual(['0', '1']);
  });

  describe('whose name may be that of a label, with two values of which none is known to be anomalous', () => {
    const two = (folder: string, name: string, [usual, rare]: readonly [string, string], every = 5) =>
      written(
        folder,
        'two.csv',
        lines(`x,${name},z`, 200, (i) => `${i / 8},${i % every ? usual : rare},${(i * i) % 31}`),
      );

    for (const [name, pair, kind] of [
      ['class', ['2', '4'], 'number'],
      ['Class', ['1', '2'], 'number'],
      ['target', ['7', '3'], 'number'],
      ['outlier', ['1', '-1'], 'number'],
      ['anomaly', ['1', '0'], 'flag'],
      ['is_fraud', ['true', 'false'], 'flag'],
      ['isFraud', ['0', '1'], 'flag'],
      ['y', ['0', '1'], 'flag'],
      ['Machine failure', ['0', '1'], 'flag'],
      ['diagnosis', ['B', 'M'], 'category'],
      ['class_label', ['2', '4'], 'number'],
    ] as const) {
      test(`are asked about: ${name} of ${pair.join(' and ')}`, async ({ folder }) => {
        const path = await two(folder, name, pair);
        const [usual, rare] = pair;
        const word = name.includes(' ') ? `'${name}'` : name;
        await expect(kindsOf(path)).rejects.toThrow(
          `two.csv: column ${name} has two values, "${usual}" (160 rows) and "${rare}" (40 rows), and its name suggests that it marks the anomalies: ` +
            `use --label ${word} --anomalous ${rare} if it does, --exclude ${word} to leave it out, or --types ${word}=${kind} to train on it`,
        );
        const labelled = await kindsOf(path, { label: name, anomalous: rare });
        expect([labelled.label, labelled.classes, name in labelled.kinds]).toEqual([name, pair, false]);
        expect((await kindsOf(path, { exclude: [name] })).excluded).toEqual({
          [name]: 'by the option exclude',
        });
        const trained = await kindsOf(path, { types: { [name]: kind } });
        expect([trained.label, trained.kinds[name]]).toEqual([undefined, kind]);
      });
    }

    test('may be written with .0', async ({ folder }) => {
      const path = await two(folder, 'y', ['0.0', '1.0']);
      await expect(kindsOf(path)).rejects.toThrow(
        'two values, "0" (160 rows) and "1" (40 rows), and its name suggests that it marks the anomalies: use --label y --anomalous 1 if it does, --exclude y to leave it out, or --types y=flag to train on it',
      );
      expect((await kindsOf(path, { label: 'y', anomalous: '1' })).classes).toEqual(['0', '1']);
      expect((await kindsOf(path, { anomalous: '1' })).label).toBe('y');
      expect((await kindsOf(path, { types: { y: 'number' } })).kinds.y).toBe('number');
    });

    test('are the label if one value is known to be anomalous and rare', async ({ folder }) => {
      for (const name of ['class', 'Target', 'outlier', 'fault']) {
        expect((await kindsOf(await two(folder, name, ['0', '1']))).label).toBe(name);
        expect((await kindsOf(await two(folder, name, ['normal', 'attack']))).label).toBe(name);
      }
    });

    test('are left out if one of several values is a word for normal rows', async ({ folder }) => {
      const value = (i: number) => ['normal', 'dos', 'probe'][i % 3];
      const path = await written(
        folder,
        'traffic.csv',
        lines('x,class,y', 200, (i) => `${i / 8},${value(i)},${i % 2 ? 0.25 : 0.5}`),
      );
      expect((await kindsOf(path)).kinds).toEqual({ x: 'number', y: 'number' });
      expect((await kindsOf(path, { types: { class: 'category' } })).kinds).toHaveProperty(
        'class',
        'category',
      );
      const named = await kindsOf(path, { label: 'class', anomalous: 'dos' });
      expect(named.classes).toEqual(['not dos', 'dos']);
    });

    test('are features like any other if they have many values or decimals', async ({ folder }) => {
      const path = await written(
        folder,
        'many.csv',
        lines('x,class,y', 200, (i) => `${i / 8},${i % 3},${i % 2 ? 0.25 : 0.5}`),
      );
      expect((await kindsOf(path)).kinds).toEqual({ x: 'number', class: 'number', y: 'number' });
      const coordinate = await written(
        folder,
        'y.csv',
        lines('x,y', 200, (i) => `${i / 8},${i % 9}`),
      );
      await expect(kindsOf(coordinate, { anomalous: '1' })).rejects.toThrow('but no column is a label');
    });

    test('are all asked about at once, and not as the label if there is one already', async ({ folder }) => {
      const path = await written(
        folder,
        'both.csv',
        lines('x,class,y', 200, (i) => `${i / 8},${i % 4 ? 2 : 4},${i % 5 ? 'a' : 'b'}`),
      );
      await expect(kindsOf(path)).rejects.toThrow(
        /column class has .* --label class --anomalous 4 .*; column y has .* --label y --anomalous b/,
      );
      await expect(kindsOf(path, { label: 'y', anomalous: 'b' })).rejects.toThrow(
        /anomalies: use --exclude class to leave it out, or --types class=number to train on it$/,
      );
    });
  });

  test('called like ids are left out only if they are whole numbers or texts', async ({ folder }) => {
    const path = await written(
      folder,
      'ids.csv',
      lines('NO,index,key,seq,row_id', 100, (i) =>
        [(i * 1.37 + 4.01).toFixed(4), i ? -i / 16 : 'NA', `k${i}`, `${i}.0`, 1e6 - i].join(),
      ),
    );
    const { kinds, excluded } = await kindsOf(path);
    expect(kinds).toEqual({ NO: 'number', index: 'number' });
    expect(Object.keys(excluded)).toEqual(['key', 'seq', 'row_id']);
    const parquet = join(folder, 'ids.parquet');
    const numbers = Array.from({ length: 100 }, (_, i) => i);
    await parquetWriteFile({
      filename: parquet,
      columnData: [
        { name: 'NO', data: numbers.map((i) => i * 1.37), type: 'DOUBLE' },
        { name: 'index', data: numbers.map((i) => i * 3), type: 'DOUBLE' },
      ],
    });
    const typed = await kindsOf(parquet);
    expect([typed.kinds, Object.keys(typed.excluded)]).toEqual([{ NO: 'number' }, ['index']]);
  });
});

test('a source has names, raw rows, and numbers and labels of the test rows', async ({ folder }) => {
  const path = await written(
    folder,
    'source.csv',
    lines('x,c,label', 400, (i) => `${i},${'ab'[i % 2]},${i % 10 ? 'normal' : 'anomaly'}`),
  );
  const source = await openSource(path, { seed: 3 });
  expect([source.features, source.encoded, source.names, source.label]).toEqual([2, 3, ['x', 'c'], 'label']);
  expect([source.shape, source.range, source.classes]).toEqual([[2], null, ['normal', 'anomaly']]);
  const { data, count } = source.test;
  for (let i = 0; i < count; i++) expect(source.anomalous?.[i]).toBe(Number(data[2 * i] % 10 === 0));
  expect(source.labels).toEqual(source.anomalous);
  expect(Array.from(source.ids)).toEqual(Array.from({ length: count }, (_, i) => data[2 * i]));
  await source.close();
});

test('the fingerprint tells a file that was changed', async ({ folder }) => {
  const marks = [];
  for (const value of ['1', '2', '2']) {
    const path = await written(
      folder,
      'same.csv',
      lines('x,y', 100, (i) => `${i},${i === 50 ? value : i * i}`),
    );
    const source = await openSource(path, {});
    marks.push(source.fingerprint);
    await source.close();
  }
  expect(marks[0]).not.toBe(marks[1]);
  expect(marks[2]).toBe(marks[1]);
});

describe('scoring reads a table through the columns of a model', () => {
  const columnsOf = (path: string) => withTable(path, {}, ({ columns }) => columns);

  test('by name in any order, unknown categories and missing values told apart', async ({ folder }) => {
    const columns = await columnsOf(await written(folder, 'train.csv', CSV));
    const path = await written(
      folder,
      'new.csv',
      'extra,member,at,city,n\n1,true,2024-02-01,Atlantis,1.5\n2,?,,,\n3,FALSE,2024-02-01T12:00:00,Rome,NaN\n',
    );
    const rows: number[][] = [];
    const count = await readTable(
      path,
      columns,
      (batch, size, start) => {
        expect(start).toBe(rows.length);
        for (let i = 0; i < size; i++) rows.push(Array.from(batch.subarray(4 * i, 4 * i + 4)));
      },
      { batch: 2 },
    );
    expect(count).toBe(3);
    const rome = (columns[1] as TableColumn & { kind: 'category' }).categories.indexOf('Rome');
    const day = Date.UTC(2024, 1, 1) / 86_400_000 - (columns[3] as TableColumn & { kind: 'date' }).origin;
    expect(rows).toEqual([
      [1.5, -1, 1, day],
      [Number.NaN, Number.NaN, Number.NaN, Number.NaN],
      [Number.NaN, rome, 0, day + 0.5],
    ]);
  });

  test('what is no value, or no column, is said with its place', async ({ folder }) => {
    const columns = await columnsOf(await written(folder, 'train.csv', CSV));
    const read = async (text: string) => readTable(await written(folder, 'new.csv', text), columns, () => {});
    await expect(
      read('n,city,member,at\n1,Rome,true,2024-01-01\nten,Rome,true,2024-01-01\n'),
    ).rejects.toThrow(
      'new.csv: row 2 (counted from 1, without the header), column n: "ten", expected a number, or nothing if it is missing',
    );
    await expect(read('n,city,member,at\n1,Rome,maybe,2024-01-01\n')).rejects.toThrow(
      'row 1 (counted from 1, without the header), column member: "maybe", expected true or false',
    );
    await expect(read('n,city,member,at\n1,Rome,true,yesterday\n')).rejects.toThrow(
      'column at: "yesterday", expected a date, such as "2024-05-31"',
    );
    await expect(read('n,city,at\n1,Rome,2024-01-01\n')).rejects.toThrow(
      'new.csv: there is no column member, which the model needs; the file has n, city, at',
    );
  });
});
