import { describe, expect, test } from 'vitest';
import { readingOf, readValue } from '../../../bundle/column-reading.ts';
import type { TableColumn } from '../../../bundle/column-schema.ts';
import type { PointRow } from '../../../bundle/rows-schema.ts';
import {
  describeMarks,
  type Exported,
  formatMarks,
  listMarked,
  type Marked,
  marksToCsv,
  parseMarks,
} from '../../../dashboard/data/marks.ts';
import { columns } from './columns.ts';

const MARKS = new Map<number, Marked>([
  [3, { mark: 'true alarm', note: 'bearing, "left"\nagain' }],
  [1, { mark: 'normal', note: '' }],
  [7, { mark: 'unsure', note: 'ask' }],
  [8, { mark: '', note: 'only a note' }],
]);

describe('what the browser keeps', () => {
  test('is read as it was written', () => {
    expect(parseMarks(formatMarks(MARKS), 10)).toEqual(MARKS);
  });

  test('loses only what is no mark of a point', () => {
    expect(parseMarks(null, 10)).toEqual(new Map());
    expect(parseMarks('{', 10)).toEqual(new Map());
    expect(parseMarks('{"a":1}', 10)).toEqual(new Map());
    const text =
      '[[1,"normal",""],[2,"odd",""],[10,"normal",""],[-1,"normal",""],["3","normal",""],[4,"normal"],5]';
    expect(parseMarks(text, 10)).toEqual(new Map([[1, { mark: 'normal', note: '' }]]));
  });

  test('is counted in words', () => {
    expect(describeMarks(MARKS)).toBe('1 true alarm, 1 normal, 1 unsure');
    expect(describeMarks(new Map())).toBe('');
  });
});

test('an export with others as normal has every mark, also those of points that are not among the others', () => {
  const found = new Map(listMarked(MARKS, [1, 2, 3, 7]).map(({ index, mark }) => [index, mark]));
  expect([...found].sort()).toEqual([
    [1, 'normal'],
    [2, 'normal'],
    [3, 'true alarm'],
    [7, 'unsure'],
    [8, ''],
  ]);
  expect(new Map(listMarked(MARKS, []).map(({ index, mark, note }) => [index, { mark, note }]))).toEqual(
    MARKS,
  );
});

const row = (id: string, values: PointRow['values']): PointRow => ({
  ids: [id],
  values,
  surprises: [],
  reasons: [],
});

function manifestOf(own: readonly TableColumn[], ids = ['id']): Exported {
  const names = own.map(({ name }) => name);
  return {
    data: { names, features: own.length, scaling: { kind: 'columns', columns: [...own] } },
    rows: { ids, values: true },
  };
}

test('an export has ids, columns, marks and notes; what is unsure or unmarked is left out', () => {
  const own = columns.slice(0, 3);
  const marked = [...MARKS].map(([id, mark]) => ({
    id,
    row: row(`r${id}`, [30.5, true, 'Oslo, N']),
    ...mark,
  }));
  const { text, label, notes } = marksToCsv(manifestOf(own), marked);
  expect([label, notes]).toEqual(['mark', 'note']);
  expect(text).toBe(
    'id,age,member,city,mark,note\nr3,30.5,yes,"Oslo, N",true alarm,"bearing, ""left""\nagain"\nr1,30.5,yes,"Oslo, N",normal,\n',
  );
});

test('the column of marks has a name of its own, and without notes there is no column of notes', () => {
  const own = [{ ...columns[0]!, name: 'mark' }];
  const marked = [{ id: 1, row: row('r1', [null]), mark: 'normal' as const, note: '' }];
  expect(marksToCsv(manifestOf(own), marked)).toEqual({
    text: 'id,mark,mark_\nr1,,normal\n',
    label: 'mark_',
    notes: undefined,
  });
});

test('a number is written as the model reads it, with a comma where the data has one', () => {
  const notation = { decimal: ',', group: '.', unit: '' } as const;
  const own = [{ ...columns[0]!, notation } as TableColumn];
  const marked = [{ id: 1, row: row('r1', [1.5]), mark: 'normal' as const, note: '' }];
  const { text } = marksToCsv(manifestOf(own), marked);
  expect(text).toBe('id,age,mark\nr1,"1,5",normal\n');
  expect(readValue(readingOf(own[0]!), '1,5')).toBe(1.5);
});
