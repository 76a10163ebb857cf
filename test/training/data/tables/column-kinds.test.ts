import { join } from 'node:path';
import { parquetWriteFile } from 'hyparquet-writer';
import { describe, expect } from 'vitest';
import { encodedFeatures } from '../../../../bundle/column-encoding.ts';
import { test } from '../temporary.ts';
import { kindsOf, lines, trainRows, withTable, written } from './tables.ts';

describe('kinds of columns', () => {
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
      types: { zip: 'category', id: 'number', Fraud: 'flag', comment: 'category' },
      exclude: ['age'],
    });
    expect(given.kinds).toMatchObject({ zip: 'category', id: 'number', Fraud: 'flag', comment: 'category' });
    expect(given.excluded).toEqual({
      age: 'by the option exclude',
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

  test('are those of later rows if a column begins with gaps', async ({ folder }) => {
    const path = await written(
      folder,
      'late.csv',
      lines('x,late,few,price,word', 11_000, (i) =>
        i < 10_500
          ? [i / 7, '', i === 5 ? 'error' : '', i % 2 ? '-' : '', 'NA'].join()
          : [i / 7, i / 10, i / 9, `"${i % 90},5"`, `w${i % 3}`].join(),
      ),
    );
    expect((await kindsOf(path, { na: ['error'] })).kinds).toEqual({
      x: 'number',
      late: 'number',
      few: 'number',
      price: 'number',
      word: 'category',
    });
    await expect(kindsOf(path)).rejects.toThrow('column few: "error", expected a number');
  });

  test('are numbers where later rows have more than 0 and 1, and texts among them are refused as such', async ({
    folder,
  }) => {
    const write = (last: string) =>
      written(
        folder,
        'counts.csv',
        lines('x,count', 11_000, (i) => [i / 7, i > 10_500 ? last : i % 2].join()),
      );
    expect((await kindsOf(await write('2'))).kinds).toEqual({ x: 'number', count: 'number' });
    const path = await written(
      folder,
      'counts.csv',
      lines('x,count', 11_000, (i) => [i / 7, i === 10_900 ? 'error' : i > 10_500 ? i % 5 : i % 2].join()),
    );
    await expect(kindsOf(path)).rejects.toThrow(
      'row 10901 (counted from 1, without the header), column count: "error", expected a number',
    );
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

  test('every spelling of the anomalous value of many is anomalous, but not another letter', async ({
    folder,
  }) => {
    for (const [values, anomalous, wanted] of [
      [['Attack', 'ok', 'attack', 'scan'], 'attack', [0, 2]],
      [['A', 'a', 'N', 'V'], 'a', [1]],
      [['N', 'n'], 'n', [1]],
    ] as const) {
      const content = lines('x,z', 80, (i) => [i, values[i % values.length]].join());
      await withTable(await written(folder, 'spelt.csv', content), { label: 'z', anomalous }, (table) => {
        const expected = Array.from({ length: 80 }, (_, i) => wanted.some((k) => i % values.length === k));
        expect(Array.from(table.anomalous!, Boolean)).toEqual(expected);
      });
    }
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
