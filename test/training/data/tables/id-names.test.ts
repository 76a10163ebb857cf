import { join } from 'node:path';
import { parquetWriteFile } from 'hyparquet-writer';
import { describe, expect } from 'vitest';
import { readIdName } from '../../../../training/data/tables/id-names.ts';
import { test } from '../temporary.ts';
import { kindsOf, lines, written } from './tables.ts';

test.for([
  ...[
    'id',
    'ID',
    '_id',
    'Id.',
    'user_id',
    'userId',
    'UserID',
    'userid',
    'Kunden-ID',
    'ID Kunde',
    'id_client',
    'id_1',
    'UID',
  ],
  ...[
    'Nr',
    'Nr.',
    'lfd. Nr.',
    'lfd_nr',
    'LfdNr',
    'KundenNr',
    'Kundennr',
    'Belegnummer',
    'Zeilennummer',
    'Zeile',
  ],
  ...[
    'no',
    'No.',
    'Order No',
    'ORDER_NO',
    'CustomerNo',
    'customerno',
    'invoice_number',
    'SerialNumber',
    'sequence_number',
  ],
  ...[
    'rownames',
    'row names',
    'row',
    'Row Number',
    'rowid',
    'row.num',
    'UDI',
    'uuid',
    'event_uuid',
    'foreign key',
    'seq',
  ],
  ...[
    '__index_level_0__',
    'index',
    'Unnamed: 0',
    'column 1',
    '...1',
    '#',
    'N°',
    '№',
    'sample_index',
    'Número',
  ],
])('%j is the name of an id', (name) => expect(readIdName(name)).toBe('sure'));

test.for(['heat_index', 'atomic number', 'Reynolds number', 'bin idx', 'NO', 'sensor_NO', 'NO '])(
  '%j is the name of an id if its numbers run on',
  (name) => expect(readIdName(name)).toBe('running'),
);

test.for([
  ...[
    'x',
    'SNR',
    'psnr',
    'humid',
    'grid',
    'acid',
    'valid',
    'Note',
    'number of rooms',
    'no_of_items',
    'id10t',
    'keyboard',
  ],
  ...['amount', 'time', 'zip', 'NO2', 'row_height', 'line width', 'column 2', 'indexation', 'Lohn'],
])('%j is no name of an id', (name) => expect(readIdName(name)).toBeUndefined());

describe('a column with the name of an id', () => {
  /** Differ, and do not run on. */
  const scattered = (i: number) => (i * 7919) % 100_003;
  for (const [what, name, value, out] of [
    ['of scattered numbers', 'customer_id', scattered, true],
    ['of texts', 'Product ID', (i) => `M${scattered(i)}`, true],
    ['of numbers and some texts', 'InvoiceNo', (i) => (i % 40 ? scattered(i) : `C${i}`), true],
    ['with a gap', 'id', (i) => (i === 7 ? '' : i), true],
    ['with a repeat', 'order_id', (i) => (i === 7 ? 3 : i), true],
    ['with gaps and repeats in a twentieth', 'order_id', (i) => (i % 20 ? i : i % 40 ? '' : 3), true],
    ['with repeats in a quarter', 'order_id', (i) => (i % 4 ? i : i + 1), false],
    ['of few values', 'user_id', (i) => i % 50, false],
    ['with decimals', 'NO', (i) => i / 16, false],
    ['in whole numbers that do not run on', 'heat_index', scattered, false],
    ['that runs on, shuffled', 'frame_number', (i) => 1000 + ((i * 7) % 400), true],
    ['but another one', 'amount', scattered, false],
    ['but another one that runs on', 'cycle', (i) => i, false],
  ] satisfies [string, string, (i: number) => string | number, boolean][]) {
    test(`${what}, ${name}, is ${out ? 'left out' : 'a feature'}`, async ({ folder }) => {
      const header = `"${name}",x`;
      const path = await written(
        folder,
        'ids.csv',
        lines(header, 400, (i) => `${value(i)},${i % 9}`),
      );
      const { excluded } = await kindsOf(path);
      expect(excluded).toEqual(out ? { [name]: 'an id by its name' } : {});
      if (out) expect((await kindsOf(path, { types: { [name]: 'category' } })).excluded).toEqual({});
      const records = Array.from({ length: 400 }, (_, i) => ({ [name]: value(i) || null, x: i % 9 }));
      const json = await written(folder, 'ids.json', JSON.stringify(records));
      expect((await kindsOf(json)).excluded).toEqual(excluded);
    });
  }

  test('may have more digits than a float64 holds', async ({ folder }) => {
    const filename = join(folder, 'big.parquet');
    const data = Array.from({ length: 100 }, (_, i) => 2n ** 60n + BigInt(i));
    await parquetWriteFile({
      filename,
      columnData: [
        { name: 'account_id', data, type: 'INT64' },
        { name: 'x', data: data.map((_, i) => i % 7), type: 'DOUBLE' },
      ],
    });
    expect((await kindsOf(filename)).excluded).toEqual({ account_id: 'an id by its name' });
  });
});
