import { describe, expect } from 'vitest';
import { displayValue } from '../../../../bundle/column-display.ts';
import { parseRecord, parseValue } from '../../../../bundle/column-parsing.ts';
import type { TableColumn } from '../../../../bundle/column-schema.ts';
import { test } from '../temporary.ts';
import { lines, readTable, withTable, written } from './tables.ts';

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
