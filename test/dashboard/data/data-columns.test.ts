import { expect, test } from 'vitest';
import { dataColumn, detectorColumn, keyOfData, nameOfKey } from '../../../dashboard/data/data-columns.ts';
import { columns } from './columns.ts';

const data = {
  features: columns.length,
  names: columns.map(({ name }) => name),
  shape: [columns.length],
  range: null,
  scaling: { kind: 'columns' as const, columns },
};
const at = (name: string) => data.names.indexOf(name);

test('numbers and dates become numbers, a missing one NaN', () => {
  const age = dataColumn(data, at('age'), [30, null, 50]);
  expect(age).toMatchObject({ kind: 'number', key: 'data.age', name: 'age', own: true });
  expect(age.kind === 'number' && [...age.values]).toEqual([30, Number.NaN, 50]);
  expect(age.kind === 'number' && age.scale.toShare(40)).toBe(0.5);
  const day = dataColumn(data, at('day'), ['2024-01-02', null]);
  expect(day.kind === 'number' && day.format!(day.values[0]!)).toBe('2024-01-02');
  const time = dataColumn(data, at('at'), ['2024-01-02T00:20:00Z']);
  expect(time.kind === 'number' && time.format!(time.values[0]!)).toBe('2024-01-02 00:20');
});

test('flags and categories become codes; a category that the model does not know comes last', () => {
  const member = dataColumn(data, at('member'), [true, null, false]);
  expect(member).toMatchObject({ kind: 'category', categories: ['no', 'yes'] });
  expect(member.kind === 'category' && Array.from(member.codes)).toEqual([1, -1, 0]);
  const city = dataColumn(data, at('city'), ['Rome', 'Bergen', null, 'Oslo']);
  expect(city).toMatchObject({ categories: ['Oslo', 'Rome', 'Lima', 'Bergen'] });
  expect(city.kind === 'category' && Array.from(city.codes)).toEqual([1, 3, -1, 0]);
});

test('keys tell columns of the data from the others', () => {
  expect(nameOfKey(keyOfData(data, at('city')))).toBe('city');
  expect(nameOfKey('score')).toBeUndefined();
});

test('a detector is a column of nats whose high end is anomalous', () => {
  const column = detectorColumn('detector.knn:code', 'Distance of the code', [0.5, 4]);
  expect(column).toMatchObject({ key: 'detector.knn:code', kind: 'number', unit: 'nats', anomalous: 'high' });
  expect(column.kind === 'number' && [...column.values]).toEqual([0.5, 4]);
});
