import { describe, expect, test } from 'vitest';
import { toRecord } from '../../../bundle/record.ts';
import { differ, formatKept, toRawRow } from '../../../dashboard/data/point-row.ts';
import { columns as COLUMNS } from './columns.ts';

const data = {
  features: COLUMNS.length,
  names: COLUMNS.map(({ name }) => name),
  shape: [COLUMNS.length],
  range: null,
  scaling: { kind: 'columns' as const, columns: COLUMNS },
};
const at = (kind: string) => COLUMNS.findIndex((column) => column.kind === kind);

describe('a row of the bundle', () => {
  test('gives the raw values that it was made of', () => {
    const raw = Float32Array.from(COLUMNS, ({ kind }) =>
      kind === 'number' ? 12.5 : kind === 'date' ? 3 : 1,
    );
    const values = Object.values(toRecord(COLUMNS, raw));
    expect(toRawRow(data, values)).toEqual(raw);
    expect(toRawRow(data, values.slice(1))).toBeUndefined();
  });

  test('is shown as the data has it', () => {
    expect(formatKept(data, at('number'), 0.1)).toBe('0.1');
    expect(formatKept(data, at('number'), null)).toBe('missing');
    expect(formatKept(data, at('category'), 'elsewhere')).toBe('elsewhere');
    expect(formatKept(data, at('date'), '2026-01-01T22:20:00Z')).toBe('2026-01-01 22:20');
    expect(formatKept(data, at('date'), '2026-01-01T22:20:05Z')).toBe('2026-01-01 22:20:05');
    expect(formatKept(data, at('date'), '2026-01-01')).toBe('2026-01-01');
  });
});

test('values differ by more than a deviation, or as words', () => {
  const [number, category] = [at('number'), at('category')];
  const { scale } = COLUMNS[number] as { scale: number };
  expect(differ(data, number, 0, 0.9 * scale)).toBe(false);
  expect(differ(data, number, 0, -1.1 * scale)).toBe(true);
  expect(differ(data, number, 0, 0.9 * scale, 0.5)).toBe(true);
  expect(differ(data, number, Number.NaN, 0)).toBe(true);
  expect(differ(data, number, Number.NaN, Number.NaN)).toBe(false);
  expect(differ(data, category, 0, 1)).toBe(true);
});
