import { describe, expect } from 'vitest';
import { parseValue } from '../../../../bundle/column-parsing.ts';
import type { TableColumn } from '../../../../bundle/column-schema.ts';
import type { Configuration } from '../../../../training/config/schema.ts';
import { test } from '../temporary.ts';
import { lines, trainRows, withTable, written } from './tables.ts';

const ROWS = 300;

/** How a column y beside numbers is read, from CSV or NDJSON: the column, or why it is left out, and its raw values. */
async function read(
  folder: string,
  value: (i: number) => string | number,
  { name = 'y', json = false, options = {} }: { name?: string; json?: boolean; options?: Configuration } = {},
): Promise<{ column: TableColumn | undefined; why: string | undefined; values: number[] }> {
  const path = await written(
    folder,
    json ? 'forms.ndjson' : 'forms.csv',
    json
      ? Array.from({ length: ROWS }, (_, i) => JSON.stringify({ x: (i * 7) % 31, [name]: value(i) })).join(
          '\n',
        )
      : lines(`x;${name}`, ROWS, (i) => `${(i * 7) % 31};"${String(value(i)).replaceAll('"', '""')}"`),
  );
  return withTable(path, options, async (table) => {
    const j = table.columns.findIndex((column) => column.name === name);
    return {
      column: table.columns[j],
      why: table.excluded.find((column) => column.name === name)?.why,
      values: j < 0 ? [] : (await trainRows(table)).map((row) => row[j]),
    };
  });
}

/** Fractions between 0 and 1 in no order. */
const noise = (i: number) => (((i + 1) * 7919) % 10_007) / 10_007;
/** Amounts from 1 to 20,000, as often small as large. */
const amount = (i: number) => Math.round(20_000 ** noise(i));
const german = (x: number) => String(x).replaceAll(/\B(?=(\d{3})+$)/g, '.');

const UNCLEAR: Record<string, { value: (i: number) => string; name?: string; says: string }> = {
  'thousands with points': {
    value: (i) => german(amount(i)),
    says: 'use --decimal . or --decimal , to say which',
  },
  'per cent and shares': {
    value: (i) => (i % 2 ? `${(100 * noise(i)).toFixed(1)}%` : noise(i).toFixed(4)),
    says: 'some of its numbers have a unit, such as "58.3%", and others none, such as "0.7913"',
  },
  'milliseconds, and numbers without a unit': {
    value: (i) => (i % 3 ? `${(100 * noise(i)).toFixed(1)} ms` : noise(i).toFixed(4)),
    says: 'and others none, such as "0.7913"',
  },
  'a tenth of per cent among shares': {
    value: (i) => (i % 10 ? noise(i).toFixed(4) : `${(100 * noise(i)).toFixed(1)}%`),
    says: 'and others none, such as ',
  },
  'durations, and numbers without a unit': {
    value: (i) => (i % 2 ? `${i % 3}:${10 + (i % 50)}:30` : String(60 + i)),
    says: 'and others none, such as "60"',
  },
  'minutes and hours': {
    value: (i) => (i % 3 ? `${10 + (i % 50)}:30` : `1:${10 + (i % 50)}:30`),
    says: '"11:30" may be minutes and seconds, or hours and minutes, beside "1:10:30"',
  },
  'one duration without hours': {
    value: (i) => (i === 7 ? '58:30' : `1:${10 + (i % 50)}:30`),
    says: '"58:30" may be minutes and seconds',
  },
  'bytes and kilobytes': {
    value: (i) => (i % 2 ? `${i} B` : `${(i / 7).toFixed(1)} KB`),
    says: 'different units, such as "KB" and "B"',
  },
  'debits and credits': {
    value: (i) => `${i},50 ${i % 3 ? 'S' : 'H'}`,
    says: 'different units, such as "S" and "H"',
  },
  'north and south': {
    value: (i) => `${(i / 7).toFixed(4)}° ${i % 3 ? 'N' : 'S'}`,
    says: 'different units, such as "° N" and "° S"',
  },
  'a twentieth with another unit': {
    value: (i) => `${(9 * noise(i)).toFixed(2)}${i % 20 ? 'MB' : 'GB'}`,
    says: '(the first of 15 such values), expected a number with a decimal point and the unit MB, as other values have',
  },
  'a tenth with another decimal sign': {
    value: (i) => (9 * noise(i)).toFixed(2).replace('.', i % 10 ? '.' : ','),
    says: 'expected a number with a decimal point, as other values have: write all in one way',
  },
  'numbers of programs': { value: (i) => `${1 + (i % 9)}_${100 + i}`, says: 'is a number in a form' },
  'hexadecimal numbers': { value: (i) => `0x${(1000 + i * 37).toString(16)}`, says: 'is a number in a form' },
  'numbers in brackets': { value: (i) => `[${i}.5]`, says: 'is a number in a form' },
  'numbers with an error': { value: (i) => `${i}.5 ± 0.1`, says: 'is a number in a form' },
  'powers of ten': { value: (i) => `${i}.5×10^3`, says: 'is a number in a form' },
  'digits of another script': {
    value: (i) => String(1000 + i).replaceAll(/\d/g, (digit) => String.fromCharCode(0x0660 + Number(digit))),
    says: 'is a number in a form',
  },
  'degrees and minutes': { value: (i) => `${i % 90}°${i % 60}'7"N`, says: 'is a number in a form' },
  'names of zones': {
    value: (i) => `2024-05-${10 + (i % 20)} 12:${10 + (i % 50)}:00 CEST`,
    says: 'is a date or a time in a form that is not supported',
  },
  'hours with points': { value: (i) => `2024-05-${10 + (i % 20)} 12.30.00`, says: 'is a date or a time' },
  weeks: { value: (i) => `2024-W${10 + (i % 40)}-${1 + (i % 7)}`, says: 'is a date or a time' },
  'days of a year': { value: (i) => `2024-${100 + i}`, name: 'date', says: 'is a date or a time' },
  'Chinese dates': { value: (i) => `2024年5月${1 + (i % 28)}日`, says: 'is a date or a time' },
  'years of two digits': { value: (i) => `${10 + (i % 19)}-MAY-24`, says: 'is a date or a time' },
  'months in German': { value: (i) => `${10 + (i % 19)}. Mai 2024`, says: 'is a date or a time' },
  'dates in two forms': {
    value: (i) => (i % 2 ? `2024-05-${10 + (i % 20)}` : `05/${10 + (i % 20)}/2024`),
    says: '"05/10/2024" is a date or a time',
  },
  'dates, and words': {
    value: (i) => (i % 3 ? `2024-${1 + (i % 11)}-${1 + (i % 28)}` : 'never'),
    says: 'has dates, but 33% of its values are not, such as "never": use --na never',
  },
  'amounts, and words': {
    value: (i) => (i % 3 ? `$${i}.50` : 'ask'),
    says: 'has numbers, but 33% of its values are not, such as "ask": use --na ask',
  },
  'a clock that is not set': {
    value: (i) => (i === 9 ? '0' : String(1_714_521_600 + 3600 * i)),
    name: 'timestamp',
    says: 'row 10 (counted from 1, without the header), column timestamp: "0", expected a number of seconds since 1970',
  },
};

describe('what has several meanings, or none that is known, is asked', () => {
  for (const [what, { value, says, name }] of Object.entries(UNCLEAR)) {
    test(what, async ({ folder }) => {
      for (const json of [false, true]) {
        await expect(read(folder, value, { json, ...(name && { name }) })).rejects.toThrow(says);
      }
    });
  }

  test('numbers in JSON beside texts with a unit', async ({ folder }) => {
    const value = (i: number) => (i % 2 ? `${i / 7}%` : i / 700);
    await expect(read(folder, value, { json: true })).rejects.toThrow('some of its numbers have a unit');
  });
});

test('--decimal says what thousands with points are', async ({ folder }) => {
  for (const [decimal, factor] of [
    [',', 1],
    ['.', 1000],
  ] as const) {
    const { values } = await read(folder, (i) => german(amount(i)), { options: { decimal } });
    for (const [i, found] of values.entries()) {
      const x = amount(i);
      expect(found).toBe(Math.fround(x < 1000 ? x : x / factor));
    }
  }
});

const CLEAR: Record<string, { value: (i: number) => string; raw: (i: number) => number }> = {
  'three decimals throughout': {
    value: (i) => (1 + 900 * noise(i)).toFixed(3),
    raw: (i) => Number((1 + 900 * noise(i)).toFixed(3)),
  },
  'three decimals at most': {
    value: (i) => String(Number((900 * noise(i)).toFixed(3))),
    raw: (i) => Number((900 * noise(i)).toFixed(3)),
  },
  'three decimals, and long whole numbers': {
    value: (i) => (i % 2 ? '12.345' : String(1000 + i)),
    raw: (i) => (i % 2 ? 12.345 : 1000 + i),
  },
  'thousands with two points': {
    value: (i) => german(amount(i) ** 2),
    raw: (i) => amount(i) ** 2,
  },
  'a few zeros without a unit': {
    value: (i) => (i % 10 ? `${i / 2}%` : '0'),
    raw: (i) => (i % 10 ? i / 2 : 0),
  },
  'a few negative amounts in brackets': {
    value: (i) => (i % 10 ? `${i}.25` : `(${i}.25)`),
    raw: (i) => (i % 10 ? i + 0.25 : -i - 0.25),
  },
  'thousands in a few amounts': {
    value: (i) => (i % 10 ? `${i}.25` : `1,${100 + i}.25`),
    raw: (i) => (i % 10 ? i + 0.25 : 1100 + i + 0.25),
  },
  'a minus behind a few amounts': {
    value: (i) => (i % 10 ? `${i}.25` : `${i}.25-`),
    raw: (i) => (i % 10 ? i + 0.25 : -i - 0.25),
  },
  'milliseconds and seconds': {
    value: (i) => (i % 2 ? `${i}.5ms` : `${i}.25s`),
    raw: (i) => (i % 2 ? (i + 0.5) / 1000 : i + 0.25),
  },
  'francs with an apostrophe': {
    value: (i) => `CHF ${1 + (i % 9)}\u2019${100 + i}.50`,
    raw: (i) => 1000 * (1 + (i % 9)) + 100 + i + 0.5,
  },
  'texts of Excel': { value: (i) => `="${i}.5"`, raw: (i) => i + 0.5 },
  'marks of direction': { value: (i) => `\u200e${i}.5`, raw: (i) => i + 0.5 },
};

describe('what has one meaning is read without a question, and so is what is sent to its model', () => {
  for (const [what, { value, raw }] of Object.entries(CLEAR)) {
    test(what, async ({ folder }) => {
      for (const json of [false, true]) {
        const { column, values } = await read(folder, value, { json });
        expect(column?.kind).toBe('number');
        const origin = column?.kind === 'number' ? (column.origin ?? 0) : 0;
        for (const [i, found] of values.entries()) {
          expect(found, value(i)).toBe(Math.fround(raw(i) - origin));
          expect(parseValue(column!, value(i))).toBe(found);
        }
      }
    });
  }
});

describe('what is no number stays a text', () => {
  for (const [what, { value, is }] of Object.entries<{ value: (i: number) => string; is: string }>({
    'houses with letters': { value: (i) => `${i % 40}${['', 'a', 'b'][i % 3]}`, is: 'category' },
    addresses: {
      value: (i) => `${i} ${['Oak', 'Elm', 'Main', 'Hill', 'Lake', 'Mill', 'Park'][i % 7]} Street`,
      is: 'text',
    },
    invoices: { value: (i) => `2024-${100 + i}`, is: 'text' },
    names: { value: (i) => `INV-00${100 + i}`, is: 'text' },
    bottles: { value: (i) => ['330 ml', '0.5 l', '1 l'][i % 3], is: 'category' },
    seats: { value: (i) => `${1 + (i % 40)}${'ABCDEF'[i % 6]}`, is: 'category' },
    'addresses of the internet': {
      value: (i) => `192.168.${170 + (i % 20)}.${40 + ((i * 7) % 200)}`,
      is: 'text',
    },
    articles: { value: (i) => `${7000 + i}-${i % 2 ? 'RED' : 'BLU'}`, is: 'text' },
    places: { value: (i) => `${i}.5,${i % 90}.25`, is: 'text' },
    versions: { value: (i) => `1.${i % 7}.${i}`, is: 'text' },
    sentences: { value: (i) => `On ${1 + (i % 28)} May 2024 came order ${i}`, is: 'text' },
  })) {
    test(what, async ({ folder }) => {
      const { column, why } = await read(folder, value);
      expect(column?.kind ?? (why?.startsWith('free text') ? 'text' : why)).toBe(is);
    });
  }
});
