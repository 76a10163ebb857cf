import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect } from 'vitest';
import { displayValue } from '../../../../bundle/column-display.ts';
import { parseRecord, parseValue } from '../../../../bundle/column-parsing.ts';
import type { TableColumn } from '../../../../bundle/column-schema.ts';
import { shortestFloat } from '../../../../bundle/float.ts';
import { toRecord } from '../../../../bundle/record.ts';
import type { Configuration } from '../../../../training/config/schema.ts';
import { test } from '../temporary.ts';
import { lines, readTable, trainRows, withTable, written } from './tables.ts';

/** Writes a column y beside numbers, and returns how it is read: the column, and the raw values. */
async function read(
  folder: string,
  value: (i: number) => string,
  options: Configuration = {},
): Promise<{ column: TableColumn; values: number[] }> {
  const path = await written(
    folder,
    'forms.csv',
    lines('x;y', 200, (i) => `${(i * 7) % 31};${value(i)}`),
  );
  return withTable(path, options, async (table) => {
    const j = table.columns.findIndex(({ name }) => name === 'y');
    return { column: table.columns[j], values: (await trainRows(table)).map((row) => row[j]) };
  });
}

const FORMS: Record<
  string,
  { value: (i: number) => string; is: Partial<TableColumn>; raw: (i: number) => number }
> = {
  'thousands separators': {
    value: (i) => `${1 + (i % 9)},${100 + i}.5`,
    is: { kind: 'number', notation: { decimal: '.', group: ',', unit: '' } },
    raw: (i) => 1000 * (1 + (i % 9)) + 100 + i + 0.5,
  },
  currencies: {
    value: (i) => `$${i}.25`,
    is: { kind: 'number', notation: { decimal: '.', group: '', unit: '$' } },
    raw: (i) => i + 0.25,
  },
  'per cent': {
    value: (i) => `${i / 2}%`,
    is: { kind: 'number', notation: { decimal: '.', group: '', unit: '%' } },
    raw: (i) => i / 2,
  },
  'accounting brackets': {
    value: (i) => (i % 3 ? `${i}.00` : `(${i}.00)`),
    is: { kind: 'number', notation: { decimal: '.', group: '', unit: '' } },
    raw: (i) => (i % 3 ? i : -i),
  },
  units: {
    value: (i) => `${i}.5 kg`,
    is: { kind: 'number', notation: { decimal: '.', group: '', unit: 'kg' } },
    raw: (i) => i + 0.5,
  },
  'decimal commas, and a currency behind': {
    value: (i) => `${i},5 €`,
    is: { kind: 'number', notation: { decimal: ',', group: '', unit: '€' } },
    raw: (i) => i + 0.5,
  },
  'groups with spaces': {
    value: (i) => `${1 + (i % 9)}\u00a0${100 + i},5`,
    is: { kind: 'number', notation: { decimal: ',', group: ' ', unit: '' } },
    raw: (i) => 1000 * (1 + (i % 9)) + 100 + i + 0.5,
  },
  durations: {
    value: (i) => `${i % 30}:0${i % 10}:30`,
    is: { kind: 'number', notation: 'duration' },
    raw: (i) => (i % 30) * 3600 + (i % 10) * 60 + 30,
  },
  'durations in words': {
    value: (i) => (i % 4 ? `${i % 4}h ${i % 60}m` : `${i}m`),
    is: { kind: 'number', notation: 'duration' },
    raw: (i) => (i % 4 ? (i % 4) * 3600 + (i % 60) * 60 : i * 60),
  },
  'metres, which are no minutes': {
    value: (i) => `${i} m`,
    is: { kind: 'number', notation: { decimal: '.', group: '', unit: 'm' } },
    raw: (i) => i,
  },
  'dashes for gaps': {
    value: (i) => (i % 3 ? `${i}.5` : '-'),
    is: { kind: 'number' },
    raw: (i) => (i % 3 ? i + 0.5 : Number.NaN),
  },
  'marks of spreadsheets for gaps': {
    value: (i) => (i % 3 ? `${i}.5` : ['#N/A', '..', '#DIV/0!', '-nan'][i % 4]),
    is: { kind: 'number' },
    raw: (i) => (i % 3 ? i + 0.5 : Number.NaN),
  },
};

describe('a column of numbers in one form is read, and so is what is sent to its model', () => {
  for (const [what, { value, is, raw }] of Object.entries(FORMS)) {
    test(what, async ({ folder }) => {
      const { column, values } = await read(folder, value);
      expect(column).toMatchObject(is);
      for (const [i, found] of values.entries()) {
        expect(found).toBe(Math.fround(raw(i)));
        expect(parseValue(column, value(i))).toBe(found);
        if (!Number.isNaN(found)) expect(parseValue(column, raw(i))).toBe(found);
      }
    });
  }

  test('words for gaps that --na names', async ({ folder }) => {
    const value = (i: number) => (i % 2 ? `${i}.5` : i % 3 ? '-999' : 'Unknown');
    const { column, values } = await read(folder, value, { na: ['-999', 'unknown'] });
    expect(column).toMatchObject({ kind: 'number', na: ['-999', 'unknown'] });
    for (const [i, found] of values.entries()) expect(Number.isNaN(found)).toBe(i % 2 === 0);
    expect(parseValue(column, '-999')).toBeNaN();
  });

  test('commas that --decimal explains', async ({ folder }) => {
    const value = (i: number) => `${1 + (i % 9)},${100 + i}`;
    const point = await read(folder, value, { decimal: '.' });
    expect(point.values[3]).toBe(4103);
    const comma = await read(folder, value, { decimal: ',' });
    expect(comma.values[3]).toBe(Math.fround(4.103));
  });
});

describe('what is written in several ways is one value', () => {
  test('a gap that --na names as a number', async ({ folder }) => {
    const value = (i: number) => (i % 3 ? `${i}.5` : ['-999', '-999.00', '-9.99e2'][i % 9 > 2 ? 1 : 0]);
    const { column, values } = await read(folder, value, { na: ['-999'] });
    for (const [i, found] of values.entries()) expect(Number.isNaN(found)).toBe(i % 3 === 0);
    for (const gap of [-999, '-999.0', '-9.99e2']) expect(parseValue(column, gap)).toBeNaN();
  });

  test('whole numbers with .0 and without, as categories and as flags', async ({ folder }) => {
    const grades = await read(folder, (i) => ['12', '12.0', 'ab', 'c'][i % 4], { types: { y: 'category' } });
    expect((grades.column as TableColumn & { kind: 'category' }).categories.toSorted()).toEqual([
      '12',
      'ab',
      'c',
    ]);
    expect(parseValue(grades.column, 12)).toBe(grades.values[1]);
    const path = await written(
      folder,
      'wet.csv',
      lines('x,wet', 60, (i) => `${i},${i % 3 ? '0.0' : '1.0'}`),
    );
    await withTable(path, {}, async (table) => {
      expect(table.columns[1]).toMatchObject({ kind: 'flag', words: ['0', '1'] });
      expect((await trainRows(table)).slice(0, 2)).toEqual([
        [0, 1],
        [1, 0],
      ]);
    });
  });

  test('plain numbers, though --decimal is given', async ({ folder }) => {
    const { column, values } = await read(folder, (i) => `${i}.5`, { decimal: ',' });
    expect([column.kind, values[7]]).toEqual(['number', 7.5]);
  });

  test('ordinals and seats are categories, not numbers with units', async ({ folder }) => {
    for (const words of [
      ['1st', '2nd', '3rd'],
      ['12A', '12B', '3C'],
    ]) {
      expect((await read(folder, (i) => words[i % 3])).column.kind).toBe('category');
    }
  });
});

describe('what is too long or too far is refused, and soon', () => {
  test('a long text that is nearly a number', async ({ folder }) => {
    const { column } = await read(folder, (i) => `${i} kg`);
    for (const text of [`${'1'.repeat(1e6)}x`, `a${' '.repeat(1e6)}5`]) {
      expect(parseValue(column, text)).toMatch(/^expected a number/);
    }
  });

  test('a quote that is never closed', async ({ folder }) => {
    const path = await written(folder, 'open.csv', `a,b\n1,"two\n${'3,4\n'.repeat(6e6)}`);
    await expect(withTable(path, {}, () => {})).rejects.toThrow(
      'line 2: a record of more than 16777216 bytes: is a quote opened and not closed?',
    );
  });

  test('a list in a list in a list', async ({ folder }) => {
    const deep = `${'['.repeat(1e5)}${']'.repeat(1e5)}`;
    const path = await written(folder, 'deep.ndjson', `{"a":1,"d":${deep}}\n{"a":2,"d":${deep}}`);
    await expect(withTable(path, {}, () => {})).rejects.toThrow(
      'column d: it holds lists or records (["…"])',
    );
  });

  test('a number of seconds that is no date', async ({ folder }) => {
    const { column } = await read(folder, (i) => String(1_700_000_000 + 3600 * i), { types: { y: 'date' } });
    for (const value of [-1e300, 1e20, 1e300]) expect(parseValue(column, value)).toMatch(/^expected a date/);
  });
});

describe('a column of dates', () => {
  test('may cover minutes only', async ({ folder }) => {
    const { column, values } = await read(folder, (i) => new Date(1.7e12 + 100 * i).toISOString());
    expect(column.kind).toBe('date');
    expect(new Set(values).size).toBeGreaterThan(150);
  });

  for (const [what, value] of Object.entries({
    'without leading zeros': (i: number) => `2021-${1 + (i % 12)}-${1 + (i % 28)}`,
    'with slashes': (i: number) => `2021/${1 + (i % 12)}/${1 + (i % 28)}`,
    'of months': (i: number) => `${1990 + (i % 30)}-0${1 + (i % 9)}`,
  })) {
    test(`${what} is read`, async ({ folder }) => {
      const { column, values } = await read(folder, value);
      expect(column.kind).toBe('date');
      const [year, month, day = '1'] = value(7).split(/[-/]/);
      const expected = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
      expect(displayValue(column, values[7])).toBe(expected.toISOString().slice(0, 10));
    });
  }

  test('is seconds or milliseconds since 1970, if its name says so', async ({ folder }) => {
    for (const [unit, epoch] of [
      [1, 'seconds'],
      [1000, 'milliseconds'],
    ] as const) {
      const path = await written(
        folder,
        'epoch.csv',
        lines(
          'created_at,count',
          200,
          (i) => `${unit * (1_700_000_000 + 3600 * i)},${unit * (1_700_000_000 + (i % 7))}`,
        ),
      );
      await withTable(path, {}, ({ columns }) => {
        expect(columns[0]).toMatchObject({ kind: 'date', epoch });
        expect(columns[1].kind).toBe('number');
        expect(parseValue(columns[0], 1_700_000_000 * unit)).toBe(
          parseValue(columns[0], new Date(1.7e12).toISOString()),
        );
      });
    }
  });

  test('has the instants of its zones', async ({ folder }) => {
    const at = (i: number) => new Date(1.7e12 + 3.6e6 * i);
    const tokyo = (i: number) =>
      new Date(at(i).getTime() + 9 * 3.6e6).toISOString().replace('.000Z', '+09:00');
    const utc = await read(folder, (i) => at(i).toISOString());
    const jst = await read(folder, tokyo);
    expect(jst).toEqual(utc);
  });
});

describe('numbers far from 0', () => {
  test('keep their digits, in training, for callers, and in what is shown', async ({ folder }) => {
    const noise = (i: number) => Number(Math.sin(i * i).toFixed(4));
    for (const offset of [5_400_000, 1e9, -3e10]) {
      const { column, values } = await read(folder, (i) => (offset + noise(i)).toFixed(4));
      const { origin = 0 } = column as TableColumn & { kind: 'number' };
      for (const [i, value] of values.entries()) expect(value + origin).toBeCloseTo(offset + noise(i), 4);
      const [x] = values;
      expect(parseValue(column, offset + noise(0))).toBe(x);
      expect(Number(displayValue(column, x))).toBeCloseTo(offset + noise(0), 4);
      expect(toRecord([column], [x]).y).toBeCloseTo(offset + noise(0), 4);
    }
  });

  test('are the same from a Parquet file of 32-bit floats and from JSON', async ({ folder }) => {
    const path = join(folder, 'floats.parquet');
    await copyTo(
      path,
      `SELECT (8000000 + (i * 37) % 101)::FLOAT / 7 AS y, i::DOUBLE AS x FROM range(300) t(i)`,
    );
    await withTable(path, {}, async (table) => {
      const { origin = 0 } = table.columns[0] as TableColumn & { kind: 'number' };
      expect(origin).not.toBe(0);
      for (const [i, [value]] of (await trainRows(table)).entries()) {
        const sent = shortestFloat(Math.fround(Math.fround(8_000_000 + ((i * 37) % 101)) / 7));
        expect(parseValue(table.columns[0], sent)).toBe(value);
      }
    });
  });

  test('have no origin where they differ much', async ({ folder }) => {
    const { column } = await read(folder, (i) => String(1000 + 10 * (i % 50)));
    expect(column).not.toHaveProperty('origin');
  });
});

describe('names', () => {
  test('of JavaScript’s own properties are like others', async ({ folder }) => {
    const names = ['constructor', '__proto__', 'toString', 'x'];
    const rows = Array.from({ length: 60 }, (_, i) => names.map((_, j) => (i * (j + 3)) % 17));
    const record = (row: number[]) => `{${names.map((name, j) => `"${name}":${row[j]}`).join()}}`;
    const paths = [
      await written(folder, 'own.csv', `${[names.join(), ...rows.map((row) => row.join())].join('\n')}\n`),
      await written(folder, 'own.ndjson', rows.map(record).join('\n')),
    ];
    for (const path of paths) {
      await withTable(path, {}, async (table) => {
        expect(table.columns.map(({ name }) => name)).toEqual(names);
        expect(await trainRows(table)).toEqual(rows.slice(0, -1));
        const target = new Float32Array(4);
        expect(parseRecord(table.columns, JSON.parse(record(rows[5])), target)).toEqual([]);
        expect(Array.from(target)).toEqual(rows[5]);
      });
    }
  });

  test('that differ only in case are two', async ({ folder }) => {
    const path = await written(
      folder,
      'twins.ndjson',
      Array.from({ length: 60 }, (_, i) => JSON.stringify({ Temp: i % 7, temp: i % 11 })).join('\n'),
    );
    await withTable(path, {}, ({ columns }) =>
      expect(columns.map(({ name }) => name)).toEqual(['Temp', 'temp']),
    );
  });

  test('may have a quote, spaces around them, and no line of their own', async ({ folder }) => {
    const row = (i: number) => `${i % 7}, ${i % 11}`;
    const quoted = await written(folder, 'quote.csv', lines('a"b, "c ""d"""', 60, row));
    await withTable(quoted, {}, ({ columns }) =>
      expect(columns.map(({ name }) => name)).toEqual(['a"b', 'c "d"']),
    );
    const none = await written(folder, 'none.csv', Array.from({ length: 60 }, (_, i) => row(i)).join('\n'));
    await withTable(none, { header: false }, ({ columns, count }) => {
      expect(columns.map(({ name }) => name)).toEqual(['column 1', 'column 2']);
      expect(count).toBe(60);
    });
  });

  test('of folders are no data', async ({ folder }) => {
    const inner = join(folder, 'x=9');
    await mkdir(inner);
    const path = join(inner, 'a.parquet');
    await copyTo(path, 'SELECT (range * range) % 17 AS x, range % 11 AS y FROM range(60)');
    await withTable(path, {}, async (table) => {
      expect((await trainRows(table))[5]).toEqual([8, 5]);
    });
  });
});

test('NaN of either sign is missing, and a typed number stays one', async ({ folder }) => {
  const path = join(folder, 'nan.parquet');
  await copyTo(
    path,
    "SELECT range % 11 AS x, CASE WHEN range % 5 = 0 THEN -('nan'::DOUBLE) WHEN range % 7 = 0 THEN 'nan' ELSE sin(range) END AS y, " +
      '(range % 13)::DECIMAL(18, 3) AS z FROM range(100)',
  );
  await withTable(path, {}, async (table) => {
    expect(table.columns.map(({ kind }) => kind)).toEqual(['number', 'number', 'number']);
    for (const [i, row] of (await trainRows(table)).entries()) {
      expect(Number.isNaN(row[1])).toBe(i % 5 === 0 || i % 7 === 0);
    }
  });
});

describe('JSON', () => {
  test('has numbers beyond 2⁵³ among texts with all their digits', async ({ folder }) => {
    const texts = ['12345678901234567891', '"a"', '7'];
    const path = await written(
      folder,
      'mixed.ndjson',
      Array.from({ length: 60 }, (_, i) => `{"x": ${i}, "y": ${texts[i % 3]}, "z": 9007199254740993}`).join(
        '\n',
      ),
    );
    await withTable(path, { exclude: ['z'] }, async (table) => {
      const values = (await trainRows(table)).map((row) => row[1]);
      for (const [i, value] of values.entries()) {
        expect(displayValue(table.columns[1], value)).toBe(texts[i % 3].replaceAll('"', ''));
      }
    });
  });

  test('has flags as true, false, 0 and 1, and gaps as numbers, as CSV has them', async ({ folder }) => {
    const door = ['true', 'false', '0', '1'];
    const code = (i: number) => (i % 9 ? 1 + (i % 3) : -9);
    const at = (i: number) => (i % 7 ? 1_714_521_600 + 977 * i : 0);
    const count = 60;
    const records = Array.from(
      { length: count },
      (_, i) => `{"door":${door[i % 4]},"code":${code(i)},"seen_at":${at(i)},"more":${i % 13}}`,
    );
    const rows = lines(
      'door,code,seen_at,more',
      count,
      (i) => `${door[i % 4]},${code(i)},${at(i)},${i % 13}`,
    );
    const options: Configuration = { na: ['-9', '0.0'], types: { code: 'category' }, exclude: ['more'] };
    const found = await Promise.all(
      [await written(folder, 'a.ndjson', records.join('\n')), await written(folder, 'a.csv', rows)].map(
        (path) =>
          withTable(path, { ...options, na: options.na }, async (table) => [
            table.columns,
            await trainRows(table),
          ]),
      ),
    );
    expect(found[0]).toEqual(found[1]);
    const [columns] = found[0];
    expect(columns).toMatchObject([
      { kind: 'flag', words: ['false', 'true'] },
      { kind: 'category', categories: ['2', '3', '1'] },
      { kind: 'date', epoch: 'seconds' },
    ]);
  });

  test('has texts as they are, after a byte order mark too', async ({ folder }) => {
    const ids = [
      '7038FD56-B94C-7ED8-F315-D866EB400541',
      '01-09-2021',
      'E40EB48A-ECFB-D229-7810-DA2311C4EB83',
    ];
    const path = await written(
      folder,
      'texts.ndjson',
      `\u{feff}${Array.from({ length: 60 }, (_, i) => JSON.stringify({ x: i, id_text: ids[i % 3] })).join('\n')}`,
    );
    await withTable(path, { types: { id_text: 'category' } }, ({ columns }) => {
      expect((columns[1] as TableColumn & { kind: 'category' }).categories.toSorted()).toEqual(
        ids.toSorted(),
      );
    });
  });

  test('may have many fields, and records without some', async ({ folder }) => {
    const record = (i: number) =>
      Object.fromEntries(
        Array.from({ length: 300 }, (_, j) => [`f${j}`, (i * (j + 1)) % 1009] as const).filter(
          (_, j) => (i + j) % 3,
        ),
      );
    const path = await written(
      folder,
      'wide.json',
      JSON.stringify(
        Array.from({ length: 80 }, (_, i) => record(i)),
        null,
        2,
      ),
    );
    await withTable(path, {}, ({ columns, excluded, count }) => {
      expect([columns.length + excluded.length, count]).toEqual([300, 80]);
    });
  });
});

test('lines may end in several ways', async ({ folder }) => {
  const rows = Array.from({ length: 60 }, (_, i) => `${i % 7},${i % 11}${['\n', '\r\n', '\r'][i % 3]}`);
  const path = await written(folder, 'ends.csv', `x,y\r\n${rows.join('')}`);
  await withTable(path, {}, async (table) => {
    expect(await trainRows(table)).toEqual(Array.from({ length: 59 }, (_, i) => [i % 7, i % 11]));
    let count = 0;
    await readTable(path, table.columns, (_rows, size) => {
      count += size;
    });
    expect(count).toBe(60);
  });
});

/** Writes the rows of a query to a Parquet file. */
async function copyTo(path: string, query: string): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(`COPY (${query}) TO '${path}' (FORMAT parquet)`);
  connection.closeSync();
  instance.closeSync();
}
